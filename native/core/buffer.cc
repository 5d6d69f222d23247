#include "core/buffer.h"

#include <sys/mman.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/error.h"

namespace gdf {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kHugePage = size_t{2} << 20;

std::atomic<size_t> inUse{0};

size_t roundUp(size_t value, size_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace

BufferPtr Buffer::allocate(size_t bytes) {
  const size_t capacity = roundUp(bytes == 0 ? 1 : bytes, kAlignment);
  // From two huge pages on, page faults dominate a first write: ask for huge pages where the system has them.
  const size_t alignment = capacity >= 2 * kHugePage ? kHugePage : kAlignment;
  auto* data = static_cast<uint8_t*>(std::aligned_alloc(alignment, roundUp(capacity, alignment)));
  if (data == nullptr) {
    throw KernelError("MEMORY_BUDGET", "cannot allocate " + std::to_string(bytes) + " bytes of host memory");
  }
#ifdef MADV_HUGEPAGE
  if (alignment == kHugePage) madvise(data, roundUp(capacity, alignment), MADV_HUGEPAGE);
#endif
  std::memset(data + bytes, 0, capacity - bytes);
  BufferPtr buffer(new Buffer(data, bytes, capacity));
  inUse.fetch_add(capacity, std::memory_order_relaxed);
  return buffer;
}

BufferPtr Buffer::allocateZeroed(size_t bytes) {
  BufferPtr buffer = allocate(bytes);
  std::memset(buffer->data(), 0, bytes);
  return buffer;
}

size_t Buffer::bytesInUse() {
  return inUse.load(std::memory_order_relaxed);
}

Buffer::~Buffer() {
  std::free(data_);
  inUse.fetch_sub(capacity_, std::memory_order_relaxed);
}

}  // namespace gdf

#include "core/buffer.h"

#include <sys/mman.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/error.h"
#include "core/faults.h"

namespace gdf {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kHugePage = size_t{2} << 20;
/// Beyond any address space; rounding it up does not wrap around.
constexpr size_t kMaxBytes = SIZE_MAX / 2;

std::atomic<size_t> inUse{0};

size_t roundUp(size_t value, size_t unit) {
  return (value + unit - 1) / unit * unit;
}

KernelError outOfMemory(size_t bytes) {
  return {"MEMORY_BUDGET", "cannot allocate " + std::to_string(bytes) + " bytes of host memory"};
}

}  // namespace

BufferPtr Buffer::allocate(size_t bytes) {
  // Empty until it has its memory: whatever throws on the way, its destructor gives back what was taken.
  BufferPtr buffer(new Buffer(nullptr, 0, 0));
  if (bytes > kMaxBytes) throw outOfMemory(bytes);
  const size_t capacity = roundUp(bytes == 0 ? 1 : bytes, kAlignment);
  // From two huge pages on, page faults dominate a first write: ask for huge pages where the system has them.
  const size_t alignment = capacity >= 2 * kHugePage ? kHugePage : kAlignment;
  void* memory = isAllocationToFail() ? nullptr : std::aligned_alloc(alignment, roundUp(capacity, alignment));
  if (memory == nullptr) throw outOfMemory(bytes);
#ifdef MADV_HUGEPAGE
  if (alignment == kHugePage) madvise(memory, roundUp(capacity, alignment), MADV_HUGEPAGE);
#endif
  buffer->data_ = static_cast<uint8_t*>(memory);
  buffer->size_ = bytes;
  buffer->capacity_ = capacity;
  inUse.fetch_add(capacity, std::memory_order_relaxed);
  std::memset(buffer->data_ + bytes, 0, capacity - bytes);
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

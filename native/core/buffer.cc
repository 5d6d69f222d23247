#include "core/buffer.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/error.h"
#include "core/faults.h"
#include "core/pages.h"

namespace gdf {
namespace {

constexpr size_t kAlignment = 64;
/// Beyond any address space; rounding it up does not wrap around.
constexpr size_t kMaxBytes = SIZE_MAX / 2;

std::atomic<size_t> inUse{0};

/// GPUDATAFRAME_TEST_FILL, read when the module is loaded: the byte that new memory is filled with, or -1 for what was
/// there.
const int kFill = [] {
  const char* text = std::getenv("GPUDATAFRAME_TEST_FILL");
  return text == nullptr || *text == '\0' ? -1 : static_cast<int>(std::strtoul(text, nullptr, 0) & 0xff);
}();

/// Where new memory is filled, as much of the filling follows each buffer: what reads or writes beyond it is found.
const size_t kGuard = kFill < 0 ? 0 : kAlignment;

size_t roundUp(size_t value, size_t unit) {
  return (value + unit - 1) / unit * unit;
}

void fill(uint8_t* data, size_t bytes, size_t capacity) {
  if (kFill < 0) return;
  std::memset(data, kFill, bytes);
  std::memset(data + capacity, kFill, kGuard);
}

void checkGuard(const uint8_t* data, size_t capacity) {
  for (size_t i = capacity; i < capacity + kGuard; ++i) {
    if (data[i] == kFill) continue;
    std::fprintf(stderr, "gpudataframe: a buffer of %zu bytes was written beyond its end\n", capacity);
    std::abort();
  }
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
  void* memory = isAllocationToFail()      ? nullptr
                 : capacity >= kLeastPages ? takePages(capacity + kGuard)
                                           : std::aligned_alloc(kAlignment, capacity + kGuard);
  if (memory == nullptr) throw outOfMemory(bytes);
  buffer->data_ = static_cast<uint8_t*>(memory);
  buffer->size_ = bytes;
  buffer->capacity_ = capacity;
  inUse.fetch_add(capacity, std::memory_order_relaxed);
  fill(buffer->data_, bytes, capacity);
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
  if (data_ != nullptr) checkGuard(data_, capacity_);
  if (capacity_ >= kLeastPages) {
    givePages(data_, capacity_ + kGuard);
  } else {
    std::free(data_);
  }
  inUse.fetch_sub(capacity_, std::memory_order_relaxed);
}

}  // namespace gdf

// Allocations that fail on purpose. The linker puts these functions between the addon and the C++ runtime's operator
// new where it can (native/CMakeLists.txt); elsewhere only buffers fail (core/buffer.cc).
#include <atomic>
#include <cstddef>
#include <new>

#include "core/faults.h"

namespace gdf {
namespace {

std::atomic<bool> armed{false};
std::atomic<int64_t> before{0};  // allocations that still succeed
std::atomic<int64_t> toFail{0};
std::atomic<int64_t> failed{0};

}  // namespace

int64_t failAllocations(int64_t first, int64_t count) {
  armed.store(false);
  before.store(first - 1);
  toFail.store(count);
  const int64_t failures = failed.exchange(0);
  armed.store(first > 0);
  return failures;
}

bool isAllocationToFail() {
  if (!armed.load(std::memory_order_relaxed)) return false;
  if (before.fetch_sub(1) > 0) return false;
  if (toFail.fetch_sub(1) <= 0) return false;
  failed.fetch_add(1);
  return true;
}

}  // namespace gdf

#ifdef GDF_WRAPS_NEW

extern "C" {

void* __real__Znwm(size_t bytes);
void* __real__ZnwmSt11align_val_t(size_t bytes, std::align_val_t alignment);

void* __wrap__Znwm(size_t bytes) {
  if (gdf::isAllocationToFail()) throw std::bad_alloc();
  return __real__Znwm(bytes);
}

void* __wrap__ZnwmSt11align_val_t(size_t bytes, std::align_val_t alignment) {
  if (gdf::isAllocationToFail()) throw std::bad_alloc();
  return __real__ZnwmSt11align_val_t(bytes, alignment);
}

}  // extern "C"

#endif

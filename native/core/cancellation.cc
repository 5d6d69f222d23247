#include "core/cancellation.h"

#include "core/error.h"
#include "core/faults.h"

namespace gdf {
namespace {

thread_local Cancellation* current = nullptr;
std::atomic<int64_t> checksToCancel{0};

bool isCheckToCancel() {
  return checksToCancel.load(std::memory_order_relaxed) > 0 && checksToCancel.fetch_sub(1) == 1;
}

}  // namespace

Cancellation* currentCancellation() {
  return current;
}

CancellationScope::CancellationScope(Cancellation* cancellation) : outer_(current) {
  current = cancellation;
}

CancellationScope::~CancellationScope() {
  current = outer_;
}

void throwIfCancelled() {
  if (current == nullptr) return;
  if (isCheckToCancel()) current->request();
  if (current->requested()) throw KernelError("CANCELLED", "the call was cancelled");
}

void cancelAtCheck(int64_t check) {
  checksToCancel.store(check);
}

}  // namespace gdf

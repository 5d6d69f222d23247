// Cancellation of a job. It belongs to the thread that works for the job, and ThreadPool::parallelFor takes it along to
// its helpers and looks at it before every task: kernels need not pass it on.
#pragma once

#include <atomic>
#include <memory>

namespace gdf {

/// What a job shares with whoever may cancel it. Requested once, never taken back.
class Cancellation {
 public:
  void request() { requested_.store(true, std::memory_order_relaxed); }
  bool requested() const { return requested_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> requested_{false};
};

/// That of the job this thread works for; null: none.
Cancellation* currentCancellation();

/// While it lives, this thread works for the cancellation's job.
class CancellationScope {
 public:
  explicit CancellationScope(Cancellation* cancellation);
  ~CancellationScope();
  CancellationScope(const CancellationScope&) = delete;
  CancellationScope& operator=(const CancellationScope&) = delete;

 private:
  Cancellation* const outer_;
};

/// Throws KernelError("CANCELLED"). For long work that is no parallelFor: every few milliseconds.
void throwIfCancelled();

}  // namespace gdf

#include "core/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <utility>

#include "core/cancellation.h"

namespace gdf {
namespace {

// One parallelFor. Helpers that arrive after the last task was taken find nothing to do and leave.
struct Loop {
  Loop(size_t count, const std::function<void(size_t, int)>* body)
      : count(count), cancellation(currentCancellation()), body(body) {}
  const size_t count;
  Cancellation* const cancellation;              // the caller's, valid as long as body
  const std::function<void(size_t, int)>* body;  // valid while active > 0 or the caller waits
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::condition_variable idle;
  int active = 0;  // helpers inside run()
  bool closed = false;
  std::exception_ptr error;

  void run(int lane) {
    try {
      for (size_t task = next.fetch_add(1); task < count; task = next.fetch_add(1)) {
        throwIfCancelled();
        (*body)(task, lane);
      }
    } catch (...) {
      next.store(count);
      std::lock_guard lock(mutex);
      if (!error) error = std::current_exception();
    }
  }

  void help(int lane) {
    {
      std::lock_guard lock(mutex);
      if (closed) return;
      active += 1;
    }
    {
      CancellationScope scope(cancellation);
      run(lane);
    }
    std::lock_guard lock(mutex);
    active -= 1;
    if (active == 0) idle.notify_all();
  }
};

}  // namespace

ThreadPool& ThreadPool::instance() {
  // Never destroyed: at process exit threads may still hold jobs, and joining them there could hang.
  static auto* pool = new ThreadPool();
  return *pool;
}

ThreadPool::~ThreadPool() = default;

void ThreadPool::reserve(int threads) {
  std::lock_guard lock(mutex_);
  while (static_cast<int>(threads_.size()) < threads) threads_.emplace_back([this] { work(); });
}

void ThreadPool::submit(std::function<void()> job) {
  reserve(1);
  {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void ThreadPool::work() {
  for (;;) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return !queue_.empty() || stopping_; });
      if (queue_.empty()) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    job();
  }
}

void ThreadPool::parallelFor(size_t count, int threads, const std::function<void(size_t, int)>& body) {
  if (count == 0) return;
  if (threads <= 1 || count == 1) {
    for (size_t task = 0; task < count; ++task) {
      throwIfCancelled();
      body(task, 0);
    }
    return;
  }
  auto loop = std::make_shared<Loop>(count, &body);
  const int helpers = static_cast<int>(std::min<size_t>(count, static_cast<size_t>(threads))) - 1;
  try {
    reserve(threads);
    for (int lane = 1; lane <= helpers; ++lane) submit([loop, lane] { loop->help(lane); });
  } catch (const std::exception&) {
    // No memory or no thread for more helpers: those that there are, and this thread, do all. Leaving here would take
    // `body` away from helpers that have begun.
  }
  loop->run(0);
  std::unique_lock lock(loop->mutex);
  loop->closed = true;
  loop->idle.wait(lock, [&] { return loop->active == 0; });
  // Taken out: helpers that still wait in the queue keep the loop, and would free the exception on another thread.
  if (const std::exception_ptr error = std::exchange(loop->error, nullptr)) {
    lock.unlock();
    std::rethrow_exception(error);
  }
}

}  // namespace gdf

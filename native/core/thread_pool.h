// Threads for all kernels of the process. A job runs on one pool thread and splits itself with parallelFor, in which
// the calling thread takes part; so a job always makes progress, however many jobs there are.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace gdf {

class ThreadPool {
 public:
  static ThreadPool& instance();
  ~ThreadPool();

  /// Makes sure that at least `threads` threads exist. Threads are started on demand and never fewer afterwards.
  void reserve(int threads);
  void submit(std::function<void()> job);

  /// Runs body(task, lane) for every task in [0, count), each once, in no particular order, on at most `threads`
  /// threads. `lane` is in [0, threads): an index for state of the thread's own. The first exception is rethrown after
  /// all threads have left the loop; tasks not yet begun are then dropped.
  void parallelFor(size_t count, int threads, const std::function<void(size_t task, int lane)>& body);

 private:
  ThreadPool() = default;
  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  std::vector<std::thread> threads_;
  bool stopping_ = false;
};

/// What a kernel gets to know of the job it runs in.
struct Context {
  int threads = 1;

  void parallelFor(size_t count, const std::function<void(size_t task, int lane)>& body) const {
    ThreadPool::instance().parallelFor(count, threads, body);
  }
};

}  // namespace gdf

// The calls of one JavaScript environment: the main thread's, or a worker's. It may end at any time
// (worker.terminate(), process.exit()) and takes the memory that its calls read along, and the way back to its thread.
// So its end cancels the calls that run and waits for them, and those that still wait in the pool's queue never begin.
#pragma once

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>

#include "core/cancellation.h"

namespace gdf {

class EnvironmentCalls {
  struct Entry {
    std::shared_ptr<Cancellation> cancellation;  // null: it cannot be cancelled
    bool runs = false;
  };

 public:
  using Call = std::list<Entry>::iterator;

  /// A call that is going to wait for a thread. Only this allocates. Every call is taken out again by remove().
  Call add(std::shared_ptr<Cancellation> cancellation);
  /// On the thread that would run the call: whether it may. If not, the environment may be gone.
  bool begin(Call call);
  /// The call touches nothing of the environment from here on.
  void remove(Call call);
  /// Cancels the calls that run, and returns when they have been removed. No call begins afterwards.
  void close();

 private:
  bool anyRuns() const;

  std::mutex mutex_;
  std::condition_variable removed_;
  std::list<Entry> calls_;
  bool closed_ = false;
};

}  // namespace gdf

#include "core/environment_calls.h"

#include <algorithm>

namespace gdf {

EnvironmentCalls::Call EnvironmentCalls::add(std::shared_ptr<Cancellation> cancellation) {
  std::lock_guard lock(mutex_);
  return calls_.insert(calls_.end(), {std::move(cancellation)});
}

bool EnvironmentCalls::begin(Call call) {
  std::lock_guard lock(mutex_);
  call->runs = !closed_;
  return call->runs;
}

void EnvironmentCalls::remove(Call call) {
  std::lock_guard lock(mutex_);
  calls_.erase(call);
  if (closed_) removed_.notify_all();
}

void EnvironmentCalls::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  for (const Entry& call : calls_) {
    if (call.cancellation) call.cancellation->request();
  }
  removed_.wait(lock, [this] { return !anyRuns(); });
}

bool EnvironmentCalls::anyRuns() const {
  return std::any_of(calls_.begin(), calls_.end(), [](const Entry& call) { return call.runs; });
}

}  // namespace gdf

// A kernel call from JavaScript: arguments are read on the JavaScript thread, the work runs on the pool, the result is
// made on the JavaScript thread again and settles a promise. The arguments are kept alive until then.
#pragma once

#include <napi.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>

#include "core/error.h"
#include "core/run.h"

namespace gdf {

/// Once an environment, before its first call: its end then waits for its calls (core/environment_calls.h).
void watchEnd(Napi::Env env);

/// Calls that wait in the pool's queue or run, in the whole process.
int64_t jobCount();

/// Makes the JavaScript error of an exception: message, code, and row, site, line, column, byteOffset where known.
Napi::Error toJsError(Napi::Env env, const std::exception_ptr& error);

/// Runs `work` on the pool unless it is cancelled before, then `finish` on the JavaScript thread. `keepAlive` holds the
/// typed arrays that views read.
Napi::Promise runJob(Napi::Env env, Napi::Value keepAlive, std::shared_ptr<Cancellation> cancellation,
                     std::function<void()> work, std::function<Napi::Value(Napi::Env)> finish);

/// As runJob, with a result that passes from `work(context)` to `finish(env, result)`.
template <class Work, class Finish>
Napi::Promise startJob(Napi::Env env, Napi::Value keepAlive, const JobContext& run, Work work, Finish finish) {
  const Context context = run;
  using Result = decltype(work(context));
  auto result = std::make_shared<std::unique_ptr<Result>>();
  return runJob(
      env, keepAlive, run.cancellation,
      [result, context, work = std::move(work)] { *result = std::make_unique<Result>(work(context)); },
      [result, finish = std::move(finish)](Napi::Env inner) -> Napi::Value {
        Napi::Value value = finish(inner, **result);
        result->reset();
        return value;
      });
}

}  // namespace gdf

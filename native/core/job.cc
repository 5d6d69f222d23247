#include "core/job.h"

#include <atomic>
#include <vector>

#include "core/block.h"
#include "core/environment_calls.h"
#include "core/retained.h"

namespace gdf {
namespace {

std::atomic<int64_t> jobs{0};

struct Job {
  Job(Napi::Env env, Napi::Value keepAlive)
      : deferred(Napi::Promise::Deferred::New(env)), kept(Napi::Persistent(Napi::Object::New(env))) {
    kept.Set("kept", keepAlive);
  }
  Napi::Promise::Deferred deferred;
  Napi::ObjectReference kept;
  std::vector<BufferPtr> blocks;
  std::shared_ptr<Cancellation> cancellation;
  std::function<void()> work;
  std::function<Napi::Value(Napi::Env)> finish;
  std::exception_ptr error;

  void run() {
    try {
      CancellationScope scope(cancellation.get());
      throwIfCancelled();
      work();
    } catch (...) {
      error = std::current_exception();
    }
    work = nullptr;
    blocks.clear();
    trimGrownRetained();
  }
};

// The environment is gone, and its references with it: nobody waits.
void abandon(Job* job) {
  job->kept.SuppressDestruct();
  delete job;
}

// Runs on the JavaScript thread. `env` is null when the environment is being torn down.
void settle(Napi::Env env, Napi::Function, std::nullptr_t*, Job* job) {
  if (static_cast<napi_env>(env) == nullptr) return abandon(job);
  std::unique_ptr<Job> owned(job);
  Napi::HandleScope scope(env);
  if (owned->error) {
    owned->deferred.Reject(toJsError(env, owned->error).Value());
    return;
  }
  try {
    owned->deferred.Resolve(owned->finish(env));
  } catch (const Napi::Error& error) {
    owned->deferred.Reject(error.Value());
  } catch (...) {
    owned->deferred.Reject(toJsError(env, std::current_exception()).Value());
  }
}

using Settle = Napi::TypedThreadSafeFunction<std::nullptr_t, Job, settle>;

// Runs on a thread of the pool. From begin to remove the environment does not go, nor `settled`.
void runOnPool(EnvironmentCalls& calls, EnvironmentCalls::Call call, Job* job, Settle settled) {
  const bool runs = calls.begin(call);
  if (runs) job->run();
  jobs -= 1;
  // A closing environment takes no result, and `settled` may not be used again.
  if (runs && settled.NonBlockingCall(job) == napi_ok) {
    settled.Release();
  } else {
    abandon(job);
  }
  calls.remove(call);
}

// A module's instance data: one an environment.
using CallsPtr = std::shared_ptr<EnvironmentCalls>;

void submit(Napi::Env env, const CallsPtr& calls, EnvironmentCalls::Call call, Job* job) {
  Settle settled = Settle::New(env, "gpudataframe kernel", 0, 1);
  jobs += 1;
  try {
    ThreadPool::instance().submit([calls, call, job, settled] { runOnPool(*calls, call, job, settled); });
  } catch (...) {
    jobs -= 1;
    settled.Release();
    throw;
  }
}

void setKnown(Napi::Object target, const char* key, int64_t value) {
  if (value >= 0) target.Set(key, Napi::Number::New(target.Env(), static_cast<double>(value)));
}

}  // namespace

Napi::Error toJsError(Napi::Env env, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const KernelError& known) {
    Napi::Error js = Napi::Error::New(env, known.what());
    Napi::Object fields = js.Value();
    fields.Set("code", known.code);
    setKnown(fields, "row", known.row);
    setKnown(fields, "site", known.site);
    setKnown(fields, "line", known.line);
    setKnown(fields, "column", known.column);
    setKnown(fields, "byteOffset", known.byteOffset);
    return js;
  } catch (const std::bad_alloc&) {
    Napi::Error js = Napi::Error::New(env, "out of host memory");
    js.Value().Set("code", "MEMORY_BUDGET");
    return js;
  } catch (const std::exception& other) {
    return Napi::Error::New(env, other.what());
  }
}

Napi::Promise runJob(Napi::Env env, Napi::Value keepAlive, std::shared_ptr<Cancellation> cancellation,
                     std::function<void()> work, std::function<Napi::Value(Napi::Env)> finish) {
  auto owned = std::make_unique<Job>(env, keepAlive);
  Job* job = owned.get();
  job->blocks = takeReadByNextJob();
  job->cancellation = std::move(cancellation);
  job->work = std::move(work);
  job->finish = std::move(finish);
  Napi::Promise promise = job->deferred.Promise();
  const CallsPtr calls = *env.GetInstanceData<CallsPtr>();
  const EnvironmentCalls::Call call = calls->add(job->cancellation);
  try {
    submit(env, calls, call, job);
  } catch (...) {
    calls->remove(call);
    throw;
  }
  owned.release();
  return promise;
}

void watchEnd(Napi::Env env) {
  auto calls = std::make_shared<EnvironmentCalls>();
  env.SetInstanceData(new CallsPtr(calls));
  env.AddCleanupHook([calls] { calls->close(); });
}

int64_t jobCount() {
  return jobs.load();
}

}  // namespace gdf

#include "core/job.h"

#include <atomic>
#include <vector>

#include "core/block.h"

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
};

// Runs on the JavaScript thread. `env` is null when the environment is being torn down: then nobody waits.
void settle(Napi::Env env, Napi::Function, std::nullptr_t*, Job* job) {
  std::unique_ptr<Job> owned(job);
  if (static_cast<napi_env>(env) == nullptr) {
    owned->kept.SuppressDestruct();
    return;
  }
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
  Settle settled = Settle::New(env, "gpudataframe kernel", 0, 1);
  jobs += 1;
  try {
    ThreadPool::instance().submit([job, settled]() mutable {
      try {
        CancellationScope scope(job->cancellation.get());
        throwIfCancelled();
        job->work();
      } catch (...) {
        job->error = std::current_exception();
      }
      job->work = nullptr;
      job->blocks.clear();
      jobs -= 1;
      settled.NonBlockingCall(job);
      settled.Release();
    });
  } catch (...) {
    jobs -= 1;
    settled.Release();
    throw;
  }
  owned.release();
  return promise;
}

int64_t jobCount() {
  return jobs.load();
}

}  // namespace gdf

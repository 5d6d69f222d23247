// newRun(threads) -> Run        how the calls that get it run
// cancelRun(run)                calls that have it end soon with code CANCELLED, those in the queue before they begin
// cancelAtCheck(n)             for tests: the n-th look at any cancellation finds its call cancelled
// failAllocations(n, count)    for tests: `count` allocations fail from the n-th on; gives how many have since the last
// call usage() -> { jobs, bufferBytes }      calls that wait or run, and the bytes of all results, JavaScript's
// included
#include "core/run.h"

#include <algorithm>

#include "core/buffer.h"
#include "core/faults.h"
#include "core/job.h"
#include "core/registry.h"

namespace gdf {
namespace {

using Run = Napi::External<JobContext>;

Napi::Value newRun(const Napi::CallbackInfo& info) {
  const int threads = std::max(1, info[0].ToNumber().Int32Value());
  auto context = std::make_unique<JobContext>(JobContext{{threads}, std::make_shared<Cancellation>()});
  Napi::Value run = Run::New(info.Env(), context.get(), [](Napi::Env, JobContext* owned) { delete owned; });
  context.release();
  return run;
}

Napi::Value cancelRun(const Napi::CallbackInfo& info) {
  contextOf(info[0]).cancellation->request();
  return info.Env().Undefined();
}

Napi::Value cancelAtCheckCall(const Napi::CallbackInfo& info) {
  cancelAtCheck(info[0].ToNumber().Int64Value());
  return info.Env().Undefined();
}

Napi::Value failAllocationsCall(const Napi::CallbackInfo& info) {
  const int64_t failed = failAllocations(info[0].ToNumber().Int64Value(), info[1].ToNumber().Int64Value());
  return Napi::Number::New(info.Env(), static_cast<double>(failed));
}

Napi::Value usage(const Napi::CallbackInfo& info) {
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("jobs", static_cast<double>(jobCount()));
  result.Set("bufferBytes", static_cast<double>(Buffer::bytesInUse()));
  return result;
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("newRun", exported(env, newRun));
  exports.Set("cancelRun", exported(env, cancelRun));
  exports.Set("cancelAtCheck", exported(env, cancelAtCheckCall));
  exports.Set("failAllocations", exported(env, failAllocationsCall));
  exports.Set("usage", exported(env, usage));
});

}  // namespace

JobContext contextOf(const Napi::Value& run) {
  return *run.As<Run>().Data();
}

}  // namespace gdf

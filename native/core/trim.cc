// trimMemory() -> Promise                 gives memory that has been freed back to the system
// limitFreeMemory(pages, retained)        bytes of freed memory that may wait to be used again, from now on: of large
//                                         buffers, and in malloc. Where more waits, a Promise of when no more does
#include <napi.h>

#include <algorithm>

#include "core/job.h"
#include "core/pages.h"
#include "core/registry.h"
#include "core/retained.h"

namespace gdf {
namespace {

Napi::Value trimMemory(const Napi::CallbackInfo& info) {
  const auto trim = [] {
    trimFreePages();
    trimRetained();
  };
  return runJob(info.Env(), info.Env().Undefined(), nullptr, trim, [](Napi::Env env) { return env.Undefined(); });
}

size_t byteCount(const Napi::Value& value) {
  return static_cast<size_t>(std::max<int64_t>(0, value.ToNumber().Int64Value()));
}

Napi::Value limitFreeMemory(const Napi::CallbackInfo& info) {
  const size_t pages = byteCount(info[0]);
  limitFreePages(pages);
  limitRetained(info[1].IsNumber() ? byteCount(info[1]) : kNoRetainedLimit);
  if (freePageBytes() <= pages) return info.Env().Undefined();
  const auto trim = [pages] { trimFreePages(pages); };
  return runJob(info.Env(), info.Env().Undefined(), nullptr, trim, [](Napi::Env env) { return env.Undefined(); });
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("limitFreeMemory", exported(env, limitFreeMemory));
  exports.Set("trimMemory", exported(env, trimMemory));
});

}  // namespace
}  // namespace gdf

// trimMemory() -> Promise            gives memory that has been freed back to the system
// limitFreeMemory(bytes)             what freed memory of large buffers may wait to be used again
// glibc keeps blocks of up to 32 MiB in the arenas of the threads
// that used them, which is fast and right while there is room; a session that is short of memory calls this.
#include <napi.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <algorithm>

#include "core/job.h"
#include "core/pages.h"
#include "core/registry.h"

namespace gdf {
namespace {

Napi::Value trimMemory(const Napi::CallbackInfo& info) {
  const auto trim = [] {
    trimFreePages();
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
  };
  return runJob(info.Env(), info.Env().Undefined(), nullptr, trim, [](Napi::Env env) { return env.Undefined(); });
}

Napi::Value limitFreeMemory(const Napi::CallbackInfo& info) {
  limitFreePages(static_cast<size_t>(std::max<int64_t>(0, info[0].ToNumber().Int64Value())));
  return info.Env().Undefined();
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("limitFreeMemory", exported(env, limitFreeMemory));
  exports.Set("trimMemory", exported(env, trimMemory));
});

}  // namespace
}  // namespace gdf

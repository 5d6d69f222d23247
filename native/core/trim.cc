// Gives memory that has been freed back to the system. glibc keeps blocks of up to 32 MiB in the arenas of the threads
// that used them, which is fast and right while there is room; a session that is short of memory calls this.
#include <napi.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "core/job.h"
#include "core/registry.h"

namespace gdf {
namespace {

Napi::Value trimMemory(const Napi::CallbackInfo& info) {
  const auto trim = [] {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
  };
  return runJob(info.Env(), info.Env().Undefined(), nullptr, trim, [](Napi::Env env) { return env.Undefined(); });
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("trimMemory", exported(env, trimMemory));
});

}  // namespace
}  // namespace gdf

// freeRange(path, begin, end) -> Promise<boolean>
#include <napi.h>

#ifdef __linux__
#include <fcntl.h>
#include <unistd.h>
#endif

#include <string>

#include "core/job.h"
#include "core/registry.h"

namespace gdf {
namespace {

/// The blocks of the file that lie in the range as a whole go back to the disk, and read as zeros; it stays as long as
/// it is. False: that file system cannot (fallocate(2)), or the file is gone.
bool freeRange(const std::string& path, int64_t begin, int64_t end) {
#ifdef __linux__
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return false;
  const int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  const bool freed = fallocate(file, mode, begin, end - begin) == 0;
  close(file);
  return freed;
#else
  return false;
#endif
}

Napi::Value freeRangeOf(const Napi::CallbackInfo& info) {
  const std::string path = info[0].ToString().Utf8Value();
  const int64_t begin = info[1].ToNumber().Int64Value();
  const int64_t end = info[2].ToNumber().Int64Value();
  auto freed = std::make_shared<bool>(false);
  return runJob(
      info.Env(), info[0], nullptr, [=] { *freed = freeRange(path, begin, end); },
      [freed](Napi::Env env) -> Napi::Value { return Napi::Boolean::New(env, *freed); });
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("freeRange", exported(env, freeRangeOf));
});

}  // namespace
}  // namespace gdf

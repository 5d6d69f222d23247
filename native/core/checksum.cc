// checksum(bytes, before) -> Promise<number>
#include <napi.h>

#include "core/crc32.h"
#include "core/job.h"
#include "core/registry.h"

namespace gdf {
namespace {

Napi::Value checksum(const Napi::CallbackInfo& info) {
  const auto array = info[0].As<Napi::Uint8Array>();
  const uint8_t* bytes = array.Data();
  const size_t length = array.ByteLength();
  const uint32_t before = info[1].ToNumber().Uint32Value();
  auto result = std::make_shared<uint32_t>(before);
  return runJob(
      info.Env(), info[0], nullptr, [=] { *result = crc32(bytes, length, before); },
      [result](Napi::Env env) -> Napi::Value { return Napi::Number::New(env, *result); });
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("checksum", exported(env, checksum));
});

}  // namespace
}  // namespace gdf

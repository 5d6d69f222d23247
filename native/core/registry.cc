#include "core/registry.h"

#include <vector>

#include "core/job.h"

namespace gdf {
namespace {

std::vector<Register>& registrations() {
  static std::vector<Register> list;
  return list;
}

}  // namespace

Registration::Registration(Register add) {
  registrations().push_back(add);
}

Napi::Function exported(Napi::Env env, Napi::Value (*call)(const Napi::CallbackInfo&)) {
  return Napi::Function::New(env, [call](const Napi::CallbackInfo& info) -> Napi::Value {
    try {
      return call(info);
    } catch (const Napi::Error&) {
      throw;
    } catch (...) {
      throw toJsError(info.Env(), std::current_exception());
    }
  });
}

void registerAll(Napi::Env env, Napi::Object exports) {
  for (Register add : registrations()) add(env, exports);
}

}  // namespace gdf

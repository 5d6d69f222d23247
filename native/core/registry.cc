#include "core/registry.h"

#include <vector>

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

void registerAll(Napi::Env env, Napi::Object exports) {
  for (Register add : registrations()) add(env, exports);
}

}  // namespace gdf

// How kernels get into the addon: each kernel folder registers its functions where it defines them, so that adding one
// touches no other file.
#pragma once

#include <napi.h>

namespace gdf {

using Register = void (*)(Napi::Env env, Napi::Object exports);

/// A static object of this type in a .cc file adds functions to the addon's exports.
struct Registration {
  explicit Registration(Register add);
};

void registerAll(Napi::Env env, Napi::Object exports);

}  // namespace gdf

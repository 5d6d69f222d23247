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

/// A function for JavaScript. What the call throws before its job begins has the same fields as what jobs reject with.
Napi::Function exported(Napi::Env env, Napi::Value (*call)(const Napi::CallbackInfo&));

void registerAll(Napi::Env env, Napi::Object exports);

}  // namespace gdf

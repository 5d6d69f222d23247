// The addon's entry. Kernels register themselves (core/registry.h); here are only the facts about the module itself.
#include <napi.h>

#include <thread>

#include "core/job.h"
#include "core/registry.h"

#if defined(__x86_64__) || defined(_M_X64)
#define GDF_X86 1
#endif

namespace gdf {
namespace {

/// The instruction sets, of those the addon is built for, that this processor and system can run, best first.
Napi::Value supportedIsas(const Napi::CallbackInfo& info) {
  Napi::Array isas = Napi::Array::New(info.Env());
  uint32_t count = 0;
#if defined(GDF_X86) && (defined(__GNUC__) || defined(__clang__))
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("pclmul");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl");
  if (avx512) isas.Set(count++, "avx512");
  if (avx2) isas.Set(count++, "avx2");
#endif
  isas.Set(count, "baseline");
  return isas;
}

Napi::Value isaName(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), GDF_ISA_NAME);
}

Napi::Value hardwareThreads(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), std::max(1u, std::thread::hardware_concurrency()));
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("supportedIsas", Napi::Function::New(env, supportedIsas));
  exports.Set("isaName", Napi::Function::New(env, isaName));
  exports.Set("hardwareThreads", Napi::Function::New(env, hardwareThreads));
  watchEnd(env);
  registerAll(env, exports);
  return exports;
}

}  // namespace
}  // namespace gdf

Napi::Object initGpuDataFrame(Napi::Env env, Napi::Object exports) {
  return gdf::init(env, exports);
}

NODE_API_MODULE(gpudataframe, initGpuDataFrame)

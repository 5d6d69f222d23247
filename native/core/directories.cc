// removeAtEnd(paths): directories that go when the JavaScript environment ends, and not those that were named before.
// A worker that is terminated runs no JavaScript any more, but this; a process that exits runs it too.
#include <napi.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/registry.h"

namespace gdf {
namespace {

using Paths = std::vector<std::filesystem::path>;

/// A call of the file system that is under way may still put a file there, once for each of its threads.
constexpr int kAttempts = 64;

void removeAll(const Paths& paths) {
  for (const auto& path : paths) {
    std::error_code error;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      std::filesystem::remove_all(path, error);
      if (!error) break;
    }
  }
}

Paths pathsOf(const Napi::Array& names) {
  Paths paths;
  for (uint32_t i = 0; i < names.Length(); ++i) {
    const std::string name = names.Get(i).ToString().Utf8Value();
    paths.emplace_back(std::u8string(name.begin(), name.end()));
  }
  return paths;
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  auto paths = std::make_shared<Paths>();
  env.AddCleanupHook([paths] { removeAll(*paths); });
  exports.Set("removeAtEnd", Napi::Function::New(env, [paths](const Napi::CallbackInfo& info) {
                *paths = pathsOf(info[0].As<Napi::Array>());
              }));
});

}  // namespace
}  // namespace gdf

// concat(parts, remaps: Uint32Array[], run) -> Promise<column>
// parts: the column of each input, of one storage. remaps: empty, or the new codes of each part's dictionary.
#include <napi.h>

#include "core/convert.h"
#include "core/job.h"
#include "core/registry.h"
#include "core/run.h"
#include "kernels/concat/concat.h"

namespace gdf::concat {
namespace {

Napi::Value call(const Napi::CallbackInfo& info) {
  auto parts = toColumnViews(info[0]);
  const auto array = info[1].As<Napi::Array>();
  std::vector<Remap> remaps;
  for (uint32_t i = 0; i < array.Length(); ++i) {
    const auto codes = array.Get(i).As<Napi::Uint32Array>();
    remaps.push_back({codes.Data(), static_cast<int64_t>(codes.ElementLength())});
  }
  const bool isSound = !parts.empty() && (remaps.empty() || remaps.size() == parts.size());
  if (!isSound) throw Napi::TypeError::New(info.Env(), "concat takes parts, and no remaps or one a part");
  for (const ColumnView& part : parts) {
    if (part.storage != parts[0].storage || part.width != parts[0].width) {
      throw Napi::TypeError::New(info.Env(), "the parts have different storage");
    }
  }
  Napi::Array keepAlive = Napi::Array::New(info.Env(), 2);
  keepAlive.Set(0u, info[0]);
  keepAlive.Set(1u, info[1]);
  return startJob(
      info.Env(), keepAlive, contextOf(info[2]),
      [parts = std::move(parts), remaps = std::move(remaps)](Context context) {
        return concat(parts, remaps, context);
      },
      [](Napi::Env env, const OwnedColumn& column) { return Napi::Value(toJs(env, column)); });
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("concat", exported(env, call));
});

}  // namespace
}  // namespace gdf::concat

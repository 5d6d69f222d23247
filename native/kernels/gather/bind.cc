// gatherRows(columns, rows: Uint32Array, run) -> Promise<columns>
#include <napi.h>

#include "core/convert.h"
#include "core/job.h"
#include "core/registry.h"
#include "core/run.h"
#include "kernels/gather/gather.h"

namespace gdf {
namespace {

Napi::Value gatherRows(const Napi::CallbackInfo& info) {
  const auto numbers = info[1].As<Napi::Uint32Array>();
  Napi::Array keepAlive = Napi::Array::New(info.Env(), 2);
  keepAlive.Set(0u, info[0]);
  keepAlive.Set(1u, info[1]);
  return startJob(
      info.Env(), keepAlive, contextOf(info[2]),
      [columns = toColumnViews(info[0]),
       rows = RowNumbers{numbers.Data(), static_cast<int64_t>(numbers.ElementLength()), false}](Context context) {
        return gather(columns, rows, context);
      },
      [](Napi::Env env, const std::vector<OwnedColumn>& columns) { return Napi::Value(toJs(env, columns)); });
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("gatherRows", exported(env, gatherRows));
});

}  // namespace
}  // namespace gdf

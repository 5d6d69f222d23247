// gatherRows(columns, rows: Span of u32, run) -> Promise<columns>
#include <napi.h>

#include "core/convert.h"
#include "core/job.h"
#include "core/registry.h"
#include "core/run.h"
#include "kernels/gather/gather.h"

namespace gdf {
namespace {

Napi::Value gatherRows(const Napi::CallbackInfo& info) {
  const Bytes numbers = toBytes(info[1], "rows");
  Napi::Array keepAlive = Napi::Array::New(info.Env(), 2);
  keepAlive.Set(0u, info[0]);
  keepAlive.Set(1u, info[1]);
  return startJob(
      info.Env(), keepAlive, contextOf(info[2]),
      [columns = toColumnViews(info[0]), numbers](Context context) {
        const auto* first = reinterpret_cast<const uint32_t*>(numbers.data);
        return gather(columns, RowNumbers{first, static_cast<int64_t>(numbers.size / 4), false}, context);
      },
      [](Napi::Env env, const std::vector<OwnedColumn>& columns) { return Napi::Value(toJs(env, columns)); });
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("gatherRows", exported(env, gatherRows));
});

}  // namespace
}  // namespace gdf

// aggregate(columns, rowCount, plan, run) -> Promise<{ columns, rowCount }>
#include <napi.h>

#include "core/convert.h"
#include "core/error.h"
#include "core/job.h"
#include "core/registry.h"
#include "core/run.h"
#include "kernels/aggregate/aggregate.h"
#include "kernels/aggregate/plan_napi.h"

namespace gdf::aggregate {
namespace {

Napi::Value aggregateCall(const Napi::CallbackInfo& info) {
  std::vector<ColumnView> columns = toColumnViews(info[0]);
  const int64_t rowCount = info[1].ToNumber().Int64Value();
  Plan plan = toPlan(info[2].As<Napi::Object>(), columns);
  // Row numbers are 32 bits, and the highest one means "none".
  if (rowCount < 0 || rowCount >= int64_t{0xffffffff}) throw Napi::RangeError::New(info.Env(), "aggregate: rowCount");
  for (const ColumnView& column : columns) {
    if (column.length < rowCount)
      throw Napi::RangeError::New(info.Env(), "aggregate: a column is shorter than rowCount");
  }
  return startJob(
      info.Env(), info[0], contextOf(info[3]),
      [columns = std::move(columns), rowCount, plan = std::move(plan)](Context context) {
        return aggregate(plan, columns, rowCount, context);
      },
      [](Napi::Env env, const Aggregated& result) -> Napi::Value {
        Napi::Object object = Napi::Object::New(env);
        object.Set("columns", toJs(env, result.columns));
        object.Set("rowCount", static_cast<double>(result.rowCount));
        return object;
      });
}

const Registration kRegistration([](Napi::Env env, Napi::Object exports) {
  exports.Set("aggregate", exported(env, aggregateCall));
});

}  // namespace
}  // namespace gdf::aggregate

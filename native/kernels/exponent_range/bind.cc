// exponentRange(columns, run) -> Promise<Int32Array of low, high for each column>
#include <napi.h>

#include <vector>

#include "core/convert.h"
#include "core/job.h"
#include "core/registry.h"
#include "core/run.h"
#include "kernels/exponent_range/exponent_range.h"

namespace gdf {
namespace {

Napi::Value exponentRangeCall(const Napi::CallbackInfo& info) {
  const std::vector<ColumnView> columns = toColumnViews(info[0]);
  const JobContext context = contextOf(info[1]);
  return startJob(
      info.Env(), info[0], context,
      [columns](Context inner) {
        std::vector<ExponentRange> ranges;
        for (const ColumnView& column : columns) ranges.push_back(exponentRange(column, inner));
        return ranges;
      },
      [](Napi::Env env, const std::vector<ExponentRange>& ranges) -> Napi::Value {
        Napi::Int32Array bounds = Napi::Int32Array::New(env, ranges.size() * 2);
        for (size_t i = 0; i < ranges.size(); ++i) {
          bounds[2 * i] = ranges[i].low;
          bounds[2 * i + 1] = ranges[i].high;
        }
        return bounds;
      });
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("exponentRange", exported(env, exponentRangeCall));
});

}  // namespace
}  // namespace gdf

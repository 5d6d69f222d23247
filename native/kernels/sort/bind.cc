// sort(columns, outputs, rowCount, keys: Int32Array, limit, run) -> Promise<{ columns, rowCount }>
// The first `outputs` columns are sorted; the others are only keys.
// keys: three numbers each: column, 1 for descending, 1 for nulls first. limit -1: all rows.
#include <napi.h>

#include "core/convert.h"
#include "core/job.h"
#include "core/registry.h"
#include "core/run.h"
#include "kernels/gather/gather.h"
#include "kernels/sort/sort.h"

namespace gdf::sort {
namespace {

struct Result {
  std::vector<OwnedColumn> columns;
  int64_t rowCount;
};

std::vector<SortKey> keysOf(const Napi::Int32Array& numbers) {
  std::vector<SortKey> keys;
  for (size_t i = 0; i + 3 <= numbers.ElementLength(); i += 3) {
    keys.push_back({numbers[i], numbers[i + 1] != 0, numbers[i + 2] != 0});
  }
  return keys;
}

Napi::Value call(const Napi::CallbackInfo& info) {
  auto columns = toColumnViews(info[0]);
  const auto outputs = std::min<size_t>(info[1].ToNumber().Uint32Value(), columns.size());
  const int64_t rowCount = info[2].ToNumber().Int64Value();
  auto keys = keysOf(info[3].As<Napi::Int32Array>());
  const int64_t limit = info[4].ToNumber().Int64Value();
  return startJob(
      info.Env(), info[0], contextOf(info[5]),
      [columns = std::move(columns), outputs, rowCount, keys = std::move(keys), limit](Context context) {
        const BufferPtr rows = sortedRows(columns, rowCount, keys, limit, context);
        const auto count = static_cast<int64_t>(rows->size() / 4);
        const std::vector<ColumnView> sorted(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(outputs));
        return Result{gather(sorted, {rows->as<uint32_t>(), count, false}, context), count};
      },
      [](Napi::Env env, const Result& result) {
        Napi::Object object = Napi::Object::New(env);
        object.Set("columns", toJs(env, result.columns));
        object.Set("rowCount", static_cast<double>(result.rowCount));
        return Napi::Value(object);
      });
}

const Registration registration([](Napi::Env env, Napi::Object exports) { exports.Set("sort", exported(env, call)); });

}  // namespace
}  // namespace gdf::sort

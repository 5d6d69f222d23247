// groupRows(columns, outputs, rowCount, request, run) -> Promise<{ columns, rowCount }>
// The first `outputs` columns are given; the others are only keys. request: NativeGroupRows in
// src/device/cpu/native_addon.ts.
#include <napi.h>

#include "core/convert.h"
#include "core/job.h"
#include "core/registry.h"
#include "core/run.h"
#include "kernels/aggregate/plan_napi.h"
#include "kernels/gather/gather.h"
#include "kernels/group_rows/group_rows.h"

namespace gdf::group_rows {
namespace {

struct Result {
  std::vector<OwnedColumn> columns;
  int64_t rowCount;
};

int columnOf(Napi::Env env, int column, const std::vector<ColumnView>& columns) {
  if (column >= 0 && static_cast<size_t>(column) < columns.size()) return column;
  throw Napi::TypeError::New(env, "groupRows: no such column");
}

Request toRequest(const Napi::Object& object, const std::vector<ColumnView>& columns) {
  const Napi::Env env = object.Env();
  Request request;
  const auto keys = object.Get("keys").As<Napi::Array>();
  for (uint32_t i = 0; i < keys.Length(); ++i) {
    request.keys.push_back(columnOf(env, keys.Get(i).ToNumber().Int32Value(), columns));
  }
  const auto order = object.Get("order").As<Napi::Int32Array>();
  for (size_t i = 0; i + 3 <= order.ElementLength(); i += 3) {
    request.order.push_back({columnOf(env, order[i], columns), order[i + 1] != 0, order[i + 2] != 0});
  }
  request.count = object.Get("count").ToNumber().Int64Value();
  if (request.count < 0) throw Napi::RangeError::New(env, "groupRows: count");
  request.last = object.Get("last").ToBoolean();
  request.dropNullKeys = object.Get("dropNullKeys").ToBoolean();
  request.bounds = aggregate::toBounds(object.Get("bounds").As<Napi::Object>(), columns);
  return request;
}

Napi::Value call(const Napi::CallbackInfo& info) {
  auto columns = toColumnViews(info[0]);
  const auto outputs = std::min<size_t>(info[1].ToNumber().Uint32Value(), columns.size());
  const int64_t rowCount = info[2].ToNumber().Int64Value();
  // Row numbers are 32 bits, and the highest one means "none".
  if (rowCount < 0 || rowCount >= int64_t{0xffffffff}) throw Napi::RangeError::New(info.Env(), "groupRows: rowCount");
  for (const ColumnView& column : columns) {
    if (column.length < rowCount)
      throw Napi::RangeError::New(info.Env(), "groupRows: a column is shorter than rowCount");
  }
  auto request = toRequest(info[3].As<Napi::Object>(), columns);
  return startJob(
      info.Env(), info[0], contextOf(info[4]),
      [columns = std::move(columns), outputs, rowCount, request = std::move(request)](Context context) {
        const BufferPtr rows = keptRows(columns, rowCount, request, context);
        const auto count = static_cast<int64_t>(rows->size() / sizeof(uint32_t));
        const std::vector<ColumnView> given(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(outputs));
        return Result{gather(given, {rows->as<uint32_t>(), count, false}, context), count};
      },
      [](Napi::Env env, const Result& result) {
        Napi::Object object = Napi::Object::New(env);
        object.Set("columns", toJs(env, result.columns));
        object.Set("rowCount", static_cast<double>(result.rowCount));
        return Napi::Value(object);
      });
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("groupRows", exported(env, call));
});

}  // namespace
}  // namespace gdf::group_rows

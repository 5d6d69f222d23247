// exchange(columns, keyColumns, outputs, rowCount, request, threads) -> Promise<{ columns, rowCount }[]>, one a part
// The first `outputs` columns are dealt out; others may be keys of a hash. keyColumns: the keys of a range, of
// splitters and rows together. request: NativeExchange in src/device/cpu/native_addon.ts.
#include <napi.h>

#include "core/convert.h"
#include "core/job.h"
#include "core/registry.h"
#include "core/run.h"
#include "kernels/exchange/exchange.h"

namespace gdf::exchange {
namespace {

struct Request {
  uint32_t parts = 1;
  bool isRange = false;
  HashRoute hash;
  std::vector<sort::SortKey> range;
  int64_t splitters = 0;
};

int checked(Napi::Env env, int column, size_t columns) {
  if (column >= 0 && static_cast<size_t>(column) < columns) return column;
  throw Napi::TypeError::New(env, "exchange: no such column");
}

Request toRequest(const Napi::Object& object, size_t columns, size_t keyColumns) {
  const Napi::Env env = object.Env();
  Request request;
  const int64_t parts = object.Get("parts").ToNumber().Int64Value();
  if (parts < 1 || parts > kMaxParts) throw Napi::RangeError::New(env, "exchange: parts");
  request.parts = static_cast<uint32_t>(parts);
  request.isRange = object.Get("isRange").ToBoolean();
  request.splitters = object.Get("splitters").ToNumber().Int64Value();
  if (request.splitters < 0 || request.splitters >= parts) throw Napi::RangeError::New(env, "exchange: splitters");
  request.hash.seed = object.Get("seed").ToNumber().Uint32Value();
  request.hash.spreadNulls = object.Get("spreadNulls").ToBoolean();
  const auto keys = object.Get("keys").As<Napi::Int32Array>();
  if (!request.isRange) {
    for (size_t i = 0; i < keys.ElementLength(); ++i) request.hash.keys.push_back(checked(env, keys[i], columns));
    return request;
  }
  for (size_t i = 0; i + 3 <= keys.ElementLength(); i += 3) {
    request.range.push_back({checked(env, keys[i], keyColumns), keys[i + 1] != 0, keys[i + 2] != 0});
  }
  return request;
}

void checkLengths(Napi::Env env, const std::vector<ColumnView>& columns, int64_t least) {
  for (const ColumnView& column : columns) {
    if (column.length < least) throw Napi::RangeError::New(env, "exchange: a column is too short");
  }
}

Napi::Value call(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto columns = toColumnViews(info[0]);
  auto keyColumns = toColumnViews(info[1]);
  const auto outputs = std::min<size_t>(info[2].ToNumber().Uint32Value(), columns.size());
  const int64_t rowCount = info[3].ToNumber().Int64Value();
  if (rowCount < 0 || rowCount >= int64_t{0xffffffff}) throw Napi::RangeError::New(env, "exchange: rowCount");
  auto request = toRequest(info[4].As<Napi::Object>(), columns.size(), keyColumns.size());
  checkLengths(env, columns, rowCount);
  checkLengths(env, keyColumns, rowCount + request.splitters);
  Napi::Array held = Napi::Array::New(env);
  held.Set(uint32_t{0}, info[0]);
  held.Set(uint32_t{1}, info[1]);
  return startJob(
      env, held, contextOf(info[5]),
      [columns = std::move(columns), keyColumns = std::move(keyColumns), outputs, rowCount,
       request = std::move(request)](Context context) {
        const std::vector<uint16_t> partOf =
            request.isRange ? rangeParts(keyColumns, request.splitters, rowCount, request.range, context)
                            : hashParts(columns, rowCount, request.hash, request.parts, context);
        const std::vector<ColumnView> dealt(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(outputs));
        return deal(dealt, partOf, request.parts, context);
      },
      [](Napi::Env inner, const std::vector<Part>& parts) {
        Napi::Array list = Napi::Array::New(inner, parts.size());
        for (size_t i = 0; i < parts.size(); ++i) {
          Napi::Object object = Napi::Object::New(inner);
          object.Set("columns", toJs(inner, parts[i].columns));
          object.Set("rowCount", static_cast<double>(parts[i].rowCount));
          list.Set(static_cast<uint32_t>(i), object);
        }
        return Napi::Value(list);
      });
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("exchange", exported(env, call));
});

}  // namespace
}  // namespace gdf::exchange

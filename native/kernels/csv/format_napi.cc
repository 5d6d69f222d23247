// csvFormat(columns, types, begin, end, format, run): src/device/cpu/csv_format.ts makes the arguments.
#include <napi.h>

#include "core/convert.h"
#include "core/job.h"
#include "core/registry.h"
#include "core/run.h"
#include "kernels/csv/format.h"

namespace gdf::csv {
namespace {

/// Three numbers a column: FieldType, digits of the unit, 1 for a zone.
std::vector<FormatColumn> toColumns(const Napi::Value& columns, const Napi::Int32Array& types) {
  std::vector<FormatColumn> result;
  for (const ColumnView& view : toColumnViews(columns)) {
    const size_t at = result.size() * 3;
    result.push_back({view, static_cast<FieldType>(types[at]), types[at + 1], types[at + 2] != 0});
  }
  return result;
}

Napi::Value csvFormat(const Napi::CallbackInfo& info) {
  auto columns = std::make_shared<std::vector<FormatColumn>>(toColumns(info[0], info[1].As<Napi::Int32Array>()));
  const int64_t begin = info[2].ToNumber().Int64Value();
  const int64_t end = info[3].ToNumber().Int64Value();
  const Napi::Object format = info[4].As<Napi::Object>();
  FormatOptions options;
  options.delimiter = static_cast<char>(format.Get("delimiter").ToNumber().Int32Value());
  options.nullValue = format.Get("nullValue").ToString().Utf8Value();
  return startJob(
      info.Env(), info[0], contextOf(info[5]),
      [=](const Context& context) { return formatRows(*columns, begin, end, options, context); },
      [](Napi::Env env, const std::vector<BufferPtr>& pieces) -> Napi::Value {
        Napi::Array array = Napi::Array::New(env, pieces.size());
        for (uint32_t i = 0; i < pieces.size(); ++i) array.Set(i, toUint8Array(env, pieces[i]));
        return array;
      });
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("csvFormat", exported(env, csvFormat));
});

}  // namespace
}  // namespace gdf::csv

// csvRead(options, run), csvCuts(options, positions, run) and csvSample(options, whole, run): src/device/cpu/csv.ts
// makes the options.
#include <napi.h>

#include <algorithm>
#include <bit>

#include "core/convert.h"
#include "core/job.h"
#include "core/registry.h"
#include "core/run.h"
#include "kernels/csv/read.h"
#include "kernels/csv/sample.h"

namespace gdf::csv {
namespace {

int64_t number(const Napi::Object& object, const char* key) {
  return object.Get(key).ToNumber().Int64Value();
}

std::vector<Napi::Object> objects(const Napi::Value& value) {
  const Napi::Array array = value.As<Napi::Array>();
  std::vector<Napi::Object> list;
  for (uint32_t i = 0; i < array.Length(); ++i) list.push_back(array.Get(i).As<Napi::Object>());
  return list;
}

FileSpec toFile(const Napi::Object& object) {
  FileSpec file;
  file.path = object.Get("path").ToString().Utf8Value();
  file.byteLength = number(object, "byteLength");
  file.newline = static_cast<uint8_t>(number(object, "newline"));
  file.fieldCount = static_cast<uint32_t>(number(object, "fieldCount"));
  file.knownLine = {number(object, "knownOffset"), number(object, "knownLine")};
  const Napi::Value checks = object.Get("checks");
  if (checks.IsObject()) {
    const Napi::Object given = checks.As<Napi::Object>();
    file.checks.begin = number(given, "begin");
    file.checks.blockBytes = number(given, "blockBytes");
    const auto crcs = given.Get("crcs").As<Napi::Uint32Array>();
    file.checks.crcs.assign(crcs.Data(), crcs.Data() + crcs.ElementLength());
  }
  const Napi::Value bytes = object.Get("bytes");
  if (bytes.IsTypedArray()) {
    const auto array = bytes.As<Napi::Uint8Array>();
    file.bytes = array.Data();
    file.byteLength = static_cast<int64_t>(array.ByteLength());
  }
  return file;
}

/// Four numbers a column and its position in every file, in typed arrays: objects take a call of Node-API a property,
/// all of them in one turn of the event loop.
std::vector<ColumnSpec> toColumns(const Napi::Object& object, size_t fileCount) {
  const auto numbers = object.Get("numbers").As<Napi::Int32Array>();
  const auto positions = object.Get("positions").As<Napi::Uint32Array>();
  const size_t count = numbers.ElementLength() / 4;
  if (positions.ElementLength() != count * fileCount) throw Napi::TypeError::New(object.Env(), "csv: positions");
  const int32_t* number = numbers.Data();
  const uint32_t* position = positions.Data();
  std::vector<ColumnSpec> columns(count);
  for (ColumnSpec& column : columns) {
    column.type = static_cast<FieldType>(number[0]);
    column.unitDigits = number[1];
    column.precision = number[2];
    column.typed = number[3] != 0;
    column.positions.assign(position, position + fileCount);
    number += 4;
    position += fileCount;
  }
  return columns;
}

ReadOptions toOptions(const Napi::Object& object) {
  ReadOptions options;
  const Napi::Object dialect = object.Get("dialect").As<Napi::Object>();
  options.dialect.delimiter = static_cast<uint8_t>(number(dialect, "delimiter"));
  options.dialect.quote = static_cast<int>(number(dialect, "quote"));
  options.dialect.escape = static_cast<int>(number(dialect, "escape"));
  options.dialect.comment = static_cast<int>(number(dialect, "comment"));
  for (const Napi::Object& file : objects(object.Get("files"))) options.files.push_back(toFile(file));
  for (const Napi::Object& range : objects(object.Get("ranges"))) {
    options.ranges.push_back(
        {static_cast<uint32_t>(number(range, "file")), number(range, "begin"), number(range, "end")});
  }
  options.columns = toColumns(object.Get("columns").As<Napi::Object>(), options.files.size());
  for (const Napi::Object& value : objects(object.Get("nullValues"))) {
    const auto bytes = value.As<Napi::Uint8Array>();
    options.nullValues.emplace_back(reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength());
  }
  options.onError = static_cast<OnError>(number(object, "onError"));
  options.limit = number(object, "limit");
  options.maxRecordBytes = number(object, "maxRecordBytes");
  // Whole blocks, so that the scan of a chunk ends where that of the next one begins.
  const int64_t chunk = std::min(number(object, "chunkBytes"), options.maxRecordBytes);
  options.chunkBytes = std::max<int64_t>(64, chunk / 64 * 64);
  return options;
}

Napi::Object toJs(Napi::Env env, const Fault& fault, const std::string& text) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("kind", static_cast<double>(fault.kind));
  object.Set("file", static_cast<double>(fault.file));
  object.Set("column", static_cast<double>(fault.column));
  object.Set("found", static_cast<double>(fault.found));
  object.Set("byteOffset", static_cast<double>(fault.byteOffset));
  object.Set("line", static_cast<double>(fault.line));
  object.Set("text", Napi::Buffer<char>::Copy(env, text.data(), text.size()));
  return object;
}

Napi::Object toJs(Napi::Env env, const Conflict& conflict) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("column", static_cast<double>(conflict.column));
  object.Set("file", static_cast<double>(conflict.file));
  object.Set("kinds", static_cast<double>(conflict.kinds));
  object.Set("byteOffset", static_cast<double>(conflict.byteOffset));
  object.Set("line", static_cast<double>(conflict.line));
  return object;
}

// Bits of a column's first number.
constexpr int32_t kHasRange = 1;
constexpr int32_t kHasExponents = 2;
constexpr int32_t kNoSpecials = 4;

/// A column's statistics as NativeBounds has them: three numbers, and the range, of floats their bits.
void write(const Statistics& known, FieldType type, int32_t* numbers, int64_t* range) {
  if (type == FieldType::F64 || type == FieldType::F32) {
    numbers[0] = known.specials ? 0 : kNoSpecials;
    if (known.floatMin <= known.floatMax) {
      numbers[0] |= kHasRange;
      range[0] = std::bit_cast<int64_t>(known.floatMin);
      range[1] = std::bit_cast<int64_t>(known.floatMax);
    }
    if (known.lowExponent <= known.highExponent) {
      numbers[0] |= kHasExponents;
      numbers[1] = known.lowExponent;
      numbers[2] = known.highExponent;
    }
  } else if (known.unsignedMin <= known.unsignedMax) {
    numbers[0] = kHasRange;
    range[0] = static_cast<int64_t>(known.unsignedMin);
    range[1] = static_cast<int64_t>(known.unsignedMax);
  } else if (known.min <= known.max) {
    numbers[0] = kHasRange;
    range[0] = known.min;
    range[1] = known.max;
  }
}

Napi::Value toJs(Napi::Env env, const ReadOptions& options, const std::vector<Statistics>& statistics) {
  // Zeros at first.
  auto numbers = Napi::Int32Array::New(env, statistics.size() * 3);
  auto ranges = Napi::BigInt64Array::New(env, statistics.size() * 2);
  for (size_t i = 0; i < statistics.size(); ++i) {
    write(statistics[i], options.columns[i].type, numbers.Data() + i * 3, ranges.Data() + i * 2);
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("numbers", numbers);
  object.Set("ranges", ranges);
  return object;
}

Napi::Value toJs(Napi::Env env, const ReadOptions& options, const ReadResult& result) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("rowCount", static_cast<double>(result.rowCount));
  object.Set("columns", toJs(env, result.columns));
  object.Set("statistics", toJs(env, options, result.statistics));
  object.Set("fatal", result.fatal ? toJs(env, *result.fatal, result.texts[0]) : env.Null());
  Napi::Array rejects = Napi::Array::New(env);
  for (size_t i = 0; !result.fatal && i < result.rejects.size(); ++i) {
    rejects.Set(static_cast<uint32_t>(i), toJs(env, result.rejects[i], result.texts[i]));
  }
  object.Set("rejects", rejects);
  object.Set("rejectCount", static_cast<double>(result.rejectCount));
  Napi::Array conflicts = Napi::Array::New(env);
  for (size_t i = 0; i < result.conflicts.size(); ++i) {
    conflicts.Set(static_cast<uint32_t>(i), toJs(env, result.conflicts[i]));
  }
  object.Set("conflicts", conflicts);
  return object;
}

Napi::Value csvRead(const Napi::CallbackInfo& info) {
  auto options = std::make_shared<ReadOptions>(toOptions(info[0].As<Napi::Object>()));
  return startJob(
      info.Env(), info[0], contextOf(info[1]), [options](const Context& context) { return readCsv(*options, context); },
      [options](Napi::Env env, const ReadResult& result) { return toJs(env, *options, result); });
}

Napi::Value csvCuts(const Napi::CallbackInfo& info) {
  auto options = std::make_shared<ReadOptions>(toOptions(info[0].As<Napi::Object>()));
  for (Range& range : options->ranges) range.goesOn = true;
  const auto given = info[1].As<Napi::Float64Array>();
  const std::vector<int64_t> positions(given.Data(), given.Data() + given.ElementLength());
  return startJob(
      info.Env(), info[0], contextOf(info[2]),
      [options, positions](const Context& context) { return findCuts(*options, positions, context); },
      [](Napi::Env env, const std::vector<int64_t>& cuts) -> Napi::Value {
        Napi::Float64Array array = Napi::Float64Array::New(env, cuts.size());
        std::copy(cuts.begin(), cuts.end(), array.Data());
        return array;
      });
}

Napi::Value csvSample(const Napi::CallbackInfo& info) {
  auto options = std::make_shared<ReadOptions>(toOptions(info[0].As<Napi::Object>()));
  const bool whole = info[1].ToBoolean().Value();
  return startJob(
      info.Env(), info[0], contextOf(info[2]),
      [options, whole](const Context&) { return sampleColumns(*options, whole); },
      [](Napi::Env env, const Sampled& sampled) -> Napi::Value {
        Napi::Uint8Array kinds = Napi::Uint8Array::New(env, sampled.kinds.size());
        std::copy(sampled.kinds.begin(), sampled.kinds.end(), kinds.Data());
        Napi::Object object = Napi::Object::New(env);
        object.Set("records", static_cast<double>(sampled.records));
        object.Set("end", static_cast<double>(sampled.end));
        object.Set("kinds", kinds);
        return object;
      });
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("csvRead", exported(env, csvRead));
  exports.Set("csvCuts", exported(env, csvCuts));
  exports.Set("csvSample", exported(env, csvSample));
});

}  // namespace
}  // namespace gdf::csv

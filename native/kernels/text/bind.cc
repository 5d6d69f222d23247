// matchTextRegex(dictionary, regex, run) -> Promise<Uint32Array>                              bits, one an entry
// textLengths(dictionary, inBytes, run) -> Promise<Uint32Array>
// mapTexts(dictionary, function, run) -> Promise<{ codes: column, exists: Uint32Array | null }>
// The forms of `regex` and `function`: NativeRegex and NativeTextFunction in src/device/cpu/native_addon.ts.
#include <napi.h>

#include "core/convert.h"
#include "core/job.h"
#include "core/registry.h"
#include "core/run.h"
#include "kernels/text/text.h"

namespace gdf::text {
namespace {

/// The memory of a typed array.
template <class T>
const T* dataOf(const Napi::Value& value) {
  const auto array = value.As<Napi::TypedArray>();
  return reinterpret_cast<const T*>(static_cast<const uint8_t*>(array.ArrayBuffer().Data()) + array.ByteOffset());
}

int32_t numberOf(const Napi::Object& object, const char* name) {
  return object.Get(name).ToNumber().Int32Value();
}

Regex toRegex(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  Regex regex;
  regex.alphabet = {dataOf<uint16_t>(object.Get("pages")), dataOf<uint16_t>(object.Get("classes"))};
  regex.dfa.classCount = static_cast<uint32_t>(numberOf(object, "classCount"));
  if (!object.Get("next").IsNull()) {
    regex.dfa.next = dataOf<uint16_t>(object.Get("next"));
    regex.dfa.acceptsAtEnd = dataOf<uint8_t>(object.Get("acceptsAtEnd"));
    regex.dfa.start = static_cast<uint16_t>(numberOf(object, "startState"));
  }
  const auto code = object.Get("code").As<Napi::TypedArray>();
  regex.program.code = dataOf<int32_t>(code);
  regex.program.instructions = static_cast<int32_t>(code.ElementLength() / 4);
  regex.program.start = numberOf(object, "startInstruction");
  regex.program.slotCount = numberOf(object, "slotCount");
  regex.program.contexts = dataOf<uint8_t>(object.Get("contexts"));
  regex.program.members = dataOf<uint8_t>(object.Get("members"));
  const auto* begins = dataOf<uint8_t>(object.Get("begins"));
  const size_t classes = object.Get("classes").As<Napi::TypedArray>().ElementLength();
  regex.program.skip = SkipTable(regex.alphabet, classes, [&](uint16_t index) { return begins[index] == 0; });
  if (regex.dfa.next != nullptr) {
    const uint16_t* row = regex.dfa.next + size_t{regex.dfa.start} * regex.dfa.classCount;
    const uint16_t start = regex.dfa.start;
    regex.dfa.skip = SkipTable(regex.alphabet, classes, [&](uint16_t index) { return row[index] == start; });
  }
  return regex;
}

CaseTables toCaseTables(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  CaseTables tables;
  tables.pages = dataOf<uint16_t>(object.Get("pages"));
  tables.upper = dataOf<int32_t>(object.Get("upper"));
  tables.lower = dataOf<int32_t>(object.Get("lower"));
  tables.specials = dataOf<uint32_t>(object.Get("specials"));
  tables.properties = dataOf<uint8_t>(object.Get("properties"));
  return tables;
}

Function toFunction(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  Function function;
  function.kind = static_cast<Function::Kind>(numberOf(object, "kind"));
  const auto numbers = object.Get("numbers").As<Napi::Int32Array>();
  function.numbers.assign(numbers.Data(), numbers.Data() + numbers.ElementLength());
  function.texts = toDictionaryView(object.Get("texts"));
  if (!object.Get("regex").IsNull()) function.regex = toRegex(object.Get("regex"));
  if (!object.Get("cases").IsNull()) function.cases = toCaseTables(object.Get("cases"));
  return function;
}

Napi::Array both(const Napi::CallbackInfo& info) {
  Napi::Array array = Napi::Array::New(info.Env(), 2);
  array.Set(0u, info[0]);
  array.Set(1u, info[1]);
  return array;
}

Napi::Value toUint32Array(Napi::Env env, const BufferPtr& buffer) {
  return Napi::Uint32Array::New(env, buffer->size() / 4, toArrayBuffer(env, buffer), 0);
}

Napi::Value matchTextRegex(const Napi::CallbackInfo& info) {
  return startJob(
      info.Env(), both(info), contextOf(info[2]),
      [dictionary = toDictionaryView(info[0]), regex = toRegex(info[1])](Context context) {
        return matchRegex(dictionary, regex, context);
      },
      toUint32Array);
}

Napi::Value textLengths(const Napi::CallbackInfo& info) {
  return startJob(
      info.Env(), info[0], contextOf(info[2]),
      [dictionary = toDictionaryView(info[0]), inBytes = info[1].ToBoolean().Value()](Context context) {
        return lengths(dictionary, inBytes, context);
      },
      toUint32Array);
}

Napi::Value mapTexts(const Napi::CallbackInfo& info) {
  return startJob(
      info.Env(), both(info), contextOf(info[2]),
      [dictionary = toDictionaryView(info[0]), function = toFunction(info[1])](Context context) {
        return map(dictionary, function, context);
      },
      [](Napi::Env env, const Mapped& mapped) {
        Napi::Object result = Napi::Object::New(env);
        result.Set("codes", toJs(env, mapped.column));
        result.Set("exists", mapped.exists ? toUint32Array(env, mapped.exists) : env.Null());
        return Napi::Value(result);
      });
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("matchTextRegex", exported(env, matchTextRegex));
  exports.Set("textLengths", exported(env, textLengths));
  exports.Set("mapTexts", exported(env, mapTexts));
});

}  // namespace
}  // namespace gdf::text

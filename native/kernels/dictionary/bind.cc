// matchEntries(dictionary, predicate, pattern: Uint8Array, run) -> Promise<Uint32Array>      bits, one an entry
// rankEntries(dictionary, run) -> Promise<Uint32Array>
// unifyDictionaries(dictionaries, run) -> Promise<{ dictionary: { offsets, bytes } | null, remaps: Uint32Array[] }>
// findEntries(dictionary, texts: dictionary, run) -> Promise<Int32Array>                      -1: not there
// parseEntries(dictionary, storage, kind, fractionDigits, radix, run) -> Promise<{ words, fits: Uint32Array }>
// encodePlain(column, run) -> Promise<column>
// concatTexts(column, column, run) -> Promise<column>
// formatValues(column, kind, fractionDigits, pattern: Uint8Array, run) -> Promise<column>
#include <napi.h>

#include <cstring>

#include "core/convert.h"
#include "core/job.h"
#include "core/registry.h"
#include "core/run.h"
#include "kernels/dictionary/dictionary.h"
#include "kernels/dictionary/ranks.h"

namespace gdf::dictionary {
namespace {

Napi::Value toUint32Array(Napi::Env env, const BufferPtr& buffer) {
  return Napi::Uint32Array::New(env, buffer->size() / 4, toArrayBuffer(env, buffer), 0);
}

BufferPtr copied(const std::vector<uint32_t>& words) {
  BufferPtr buffer = Buffer::allocate(words.size() * 4);
  if (!words.empty()) std::memcpy(buffer->data(), words.data(), words.size() * 4);
  return buffer;
}

Napi::Value matchEntries(const Napi::CallbackInfo& info) {
  const auto pattern = info[2].As<Napi::Uint8Array>();
  return startJob(
      info.Env(), info[0], contextOf(info[3]),
      [dictionary = toDictionaryView(info[0]), predicate = static_cast<Predicate>(info[1].ToNumber().Int32Value()),
       bytes = std::vector<uint8_t>(pattern.Data(), pattern.Data() + pattern.ElementLength())](Context context) {
        return match(dictionary, predicate, bytes, context);
      },
      toUint32Array);
}

Napi::Value rankEntries(const Napi::CallbackInfo& info) {
  return startJob(
      info.Env(), info[0], contextOf(info[1]),
      [dictionary = toDictionaryView(info[0])](Context context) { return copied(ranks(dictionary, context)); },
      toUint32Array);
}

Napi::Value unifyDictionaries(const Napi::CallbackInfo& info) {
  const auto array = info[0].As<Napi::Array>();
  std::vector<DictionaryView> dictionaries;
  for (uint32_t i = 0; i < array.Length(); ++i) dictionaries.push_back(toDictionaryView(array.Get(i)));
  return startJob(
      info.Env(), info[0], contextOf(info[1]),
      [dictionaries = std::move(dictionaries)](Context context) { return unify(dictionaries, context); },
      [](Napi::Env env, const Unified& unified) {
        Napi::Object result = Napi::Object::New(env);
        result.Set("dictionary",
                   unified.offsets ? Napi::Value(toJsDictionary(env, unified.offsets, unified.bytes)) : env.Null());
        Napi::Array remaps = Napi::Array::New(env, unified.remaps.size());
        for (uint32_t i = 0; i < unified.remaps.size(); ++i) remaps.Set(i, toUint32Array(env, unified.remaps[i]));
        result.Set("remaps", remaps);
        return Napi::Value(result);
      });
}

Napi::Value findEntries(const Napi::CallbackInfo& info) {
  Napi::Array keepAlive = Napi::Array::New(info.Env(), 2);
  keepAlive.Set(0u, info[0]);
  keepAlive.Set(1u, info[1]);
  return startJob(
      info.Env(), keepAlive, contextOf(info[2]),
      [dictionary = toDictionaryView(info[0]), texts = toDictionaryView(info[1])](Context context) {
        return copied(find(dictionary, texts, context));  // kMissing is -1
      },
      [](Napi::Env env, const BufferPtr& codes) {
        return Napi::Value(Napi::Int32Array::New(env, codes->size() / 4, toArrayBuffer(env, codes), 0));
      });
}

Napi::Value encodePlain(const Napi::CallbackInfo& info) {
  return startJob(
      info.Env(), info[0], contextOf(info[1]),
      [plain = toColumnView(info[0])](Context context) { return encode(plain, context); },
      [](Napi::Env env, const OwnedColumn& column) { return Napi::Value(toJs(env, column)); });
}

Napi::Value concatTextColumns(const Napi::CallbackInfo& info) {
  Napi::Array keepAlive = Napi::Array::New(info.Env(), 2);
  keepAlive.Set(0u, info[0]);
  keepAlive.Set(1u, info[1]);
  return startJob(
      info.Env(), keepAlive, contextOf(info[2]),
      [a = toColumnView(info[0]), b = toColumnView(info[1])](Context context) { return concatTexts(a, b, context); },
      [](Napi::Env env, const OwnedColumn& column) { return Napi::Value(toJs(env, column)); });
}

Napi::Value parseEntries(const Napi::CallbackInfo& info) {
  const auto number = [&](size_t argument) { return info[argument].ToNumber().Int32Value(); };
  const TextForm form{static_cast<TextForm::Kind>(number(2)), number(3), {}};
  return startJob(
      info.Env(), info[0], contextOf(info[5]),
      [dictionary = toDictionaryView(info[0]), storage = static_cast<Storage>(number(1)), form,
       radix = number(4)](Context context) { return parse(dictionary, storage, form, radix, context); },
      [](Napi::Env env, const Parsed& parsed) {
        Napi::Object result = Napi::Object::New(env);
        result.Set("words", toUint32Array(env, parsed.words));
        result.Set("fits", toUint32Array(env, parsed.fits));
        return Napi::Value(result);
      });
}

Napi::Value formatValues(const Napi::CallbackInfo& info) {
  const auto pattern = info[3].As<Napi::Uint8Array>();
  const TextForm form{static_cast<TextForm::Kind>(info[1].ToNumber().Int32Value()), info[2].ToNumber().Int32Value(),
                      std::string(reinterpret_cast<const char*>(pattern.Data()), pattern.ElementLength())};
  return startJob(
      info.Env(), info[0], contextOf(info[4]),
      [values = toColumnView(info[0]), form](Context context) { return format(values, form, context); },
      [](Napi::Env env, const OwnedColumn& column) { return Napi::Value(toJs(env, column)); });
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("matchEntries", exported(env, matchEntries));
  exports.Set("rankEntries", exported(env, rankEntries));
  exports.Set("unifyDictionaries", exported(env, unifyDictionaries));
  exports.Set("findEntries", exported(env, findEntries));
  exports.Set("encodePlain", exported(env, encodePlain));
  exports.Set("parseEntries", exported(env, parseEntries));
  exports.Set("concatTexts", exported(env, concatTextColumns));
  exports.Set("formatValues", exported(env, formatValues));
});

}  // namespace
}  // namespace gdf::dictionary

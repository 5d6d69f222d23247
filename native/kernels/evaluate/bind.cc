// evaluate(columns, rowCount, program, run) -> Promise<{ columns, rowCount }>
//
// program (made by src/codegen/cpu): { predicate: { code: Int32Array, slot } | null, code: Int32Array, slots,
//   constants: Uint8Array, sets: TypedArray[], tables: { words: Uint32Array, length }[], outputs: Int32Array }
#include <napi.h>

#include <algorithm>
#include <cstring>

#include "core/convert.h"
#include "core/job.h"
#include "core/registry.h"
#include "core/run.h"
#include "kernels/evaluate/evaluate.h"

namespace gdf::evaluate {
namespace {

constexpr size_t kWordsPerInstruction = 8;

template <class T>
std::vector<T> copyWords(const Napi::Value& value) {
  const auto array = value.As<Napi::TypedArray>();
  const auto* data = static_cast<const uint8_t*>(array.ArrayBuffer().Data()) + array.ByteOffset();
  std::vector<T> words(array.ByteLength() / sizeof(T));
  if (!words.empty()) std::memcpy(words.data(), data, words.size() * sizeof(T));
  return words;
}

std::vector<Instruction> decode(const Napi::Value& value, std::vector<Instruction>& fills) {
  const auto words = copyWords<int32_t>(value);
  std::vector<Instruction> code;
  for (size_t i = 0; i + kWordsPerInstruction <= words.size(); i += kWordsPerInstruction) {
    const int32_t* w = &words[i];
    Instruction instruction{
        static_cast<Op>(w[0]), static_cast<Lane>(w[1]), w[2], w[3], w[4], w[5], w[6], w[7], nullptr};
    instruction.kernel = selectKernel(instruction);
    (instruction.op == Op::Constant ? fills : code).push_back(instruction);
  }
  return code;
}

bool hasWide(const std::vector<Instruction>& code) {
  return std::any_of(code.begin(), code.end(), [](const Instruction& instruction) {
    const bool toWide = instruction.op == Op::Convert && static_cast<Lane>(instruction.b) == Lane::I128;
    return instruction.lane == Lane::I128 || toWide;
  });
}

std::vector<SetView> setsOf(const Napi::Array& array) {
  std::vector<SetView> sets;
  for (uint32_t i = 0; i < array.Length(); ++i) {
    const auto values = array.Get(i).As<Napi::TypedArray>();
    const auto* data = static_cast<const uint8_t*>(values.ArrayBuffer().Data()) + values.ByteOffset();
    sets.push_back({data, static_cast<int64_t>(values.ElementLength())});
  }
  return sets;
}

std::vector<TableView> tablesOf(const Napi::Array& array) {
  std::vector<TableView> tables;
  for (uint32_t i = 0; i < array.Length(); ++i) {
    const auto table = array.Get(i).As<Napi::Object>();
    const auto words = table.Get("words").As<Napi::Uint32Array>();
    tables.push_back({words.Data(), table.Get("length").ToNumber().Int64Value()});
  }
  return tables;
}

Program programOf(const Napi::Object& js) {
  Program program;
  const Napi::Value predicate = js.Get("predicate");
  if (predicate.IsObject()) {
    program.hasPredicate = true;
    program.predicateSlot = predicate.As<Napi::Object>().Get("slot").ToNumber().Int32Value();
    program.predicate = decode(predicate.As<Napi::Object>().Get("code"), program.fills);
  }
  program.code = decode(js.Get("code"), program.fills);
  program.isWide = hasWide(program.fills) || hasWide(program.predicate) || hasWide(program.code);
  program.slots = js.Get("slots").ToNumber().Int32Value();
  program.constants = copyWords<uint64_t>(js.Get("constants"));
  program.sets = setsOf(js.Get("sets").As<Napi::Array>());
  program.tables = tablesOf(js.Get("tables").As<Napi::Array>());
  const auto outputs = copyWords<int32_t>(js.Get("outputs"));
  for (size_t i = 0; i + 3 <= outputs.size(); i += 3) {
    program.outputs.push_back({static_cast<Storage>(outputs[i]), outputs[i + 1], outputs[i + 2]});
  }
  return program;
}

Napi::Value call(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto columns = toColumnViews(info[0]);
  const int64_t rowCount = info[1].ToNumber().Int64Value();
  Program program;
  try {
    program = programOf(info[2].As<Napi::Object>());
  } catch (const KernelError& error) {
    throw Napi::Error::New(env, error.what());
  }
  Napi::Array keepAlive = Napi::Array::New(env, 2);
  keepAlive.Set(0u, info[0]);
  keepAlive.Set(1u, info[2]);
  return startJob(
      env, keepAlive, contextOf(info[3]),
      [program = std::move(program), columns = std::move(columns), rowCount](Context context) {
        return evaluate(program, columns, rowCount, context);
      },
      [](Napi::Env inner, const Result& result) {
        Napi::Object object = Napi::Object::New(inner);
        object.Set("columns", toJs(inner, result.columns));
        object.Set("rowCount", static_cast<double>(result.rowCount));
        return Napi::Value(object);
      });
}

const Registration registration([](Napi::Env env, Napi::Object exports) {
  exports.Set("evaluate", exported(env, call));
});

}  // namespace
}  // namespace gdf::evaluate

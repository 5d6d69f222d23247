// A plan is rows of numbers in typed arrays, because reading an object takes a call of Node-API a property, and all of
// it happens in one turn of the event loop. A row ends in zeros where its kind reads fewer numbers:
//   monoid  kind, column, then  sum:          power, other, other power, low exponent, limbs
//                               count values: other
//                               first, last:  1 keeps nulls
//   call    storage, kind, then value, sum:      monoid
//                               mean:            monoid, count, scale
//                               ratio:           steps, numerator, denominator, sign, count, least
//                               quantile:        column, interpolation
//                               distinct, mode:  column
//                               arg extreme:     column, 1 for the upper
//   bounds  bits: 1 a range, 2 exponents, 4 no specials; low exponent, high exponent
#include "kernels/aggregate/plan_napi.h"

#include <string>

namespace gdf::aggregate {
namespace {

constexpr size_t kMonoidNumbers = 7;
constexpr size_t kCallNumbers = 8;
constexpr size_t kStepNumbers = 3;
constexpr size_t kBoundsNumbers = 3;

void require(Napi::Env env, bool condition, const char* message) {
  if (!condition) throw Napi::TypeError::New(env, std::string("aggregate: ") + message);
}

/// Elements of a typed array, which outlives the call.
template <class T>
struct Numbers {
  const T* data = nullptr;
  size_t size = 0;

  const T* row(size_t index, size_t width) const { return data + index * width; }
};

template <class Array, class T = std::remove_cvref_t<decltype(*std::declval<Array>().Data())>>
Numbers<T> numbersOf(const Napi::Object& object, const char* name, napi_typedarray_type type, size_t width) {
  const Napi::Value value = object.Get(name);
  require(object.Env(), value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == type, name);
  auto array = value.As<Array>();
  require(object.Env(), array.ElementLength() % width == 0, name);
  return {reinterpret_cast<const T*>(array.Data()), array.ElementLength()};
}

Numbers<int32_t> integersOf(const Napi::Object& object, const char* name, size_t width) {
  return numbersOf<Napi::Int32Array>(object, name, napi_int32_array, width);
}

struct Reader {
  Napi::Env env;
  size_t columnCount;
  size_t monoidCount;
  Numbers<int32_t> steps;
  Numbers<double> quantiles;
  size_t stepsRead = 0;
  size_t quantilesRead = 0;

  int indexOf(int32_t index, size_t count, const char* what) const {
    require(env, index >= 0 && static_cast<size_t>(index) < count, what);
    return index;
  }
  int columnOf(int32_t index) const { return indexOf(index, columnCount, "column"); }
  int monoidOf(int32_t index) const { return indexOf(index, monoidCount, "monoid"); }
  int optionalColumnOf(int32_t index) const { return index == -1 ? -1 : columnOf(index); }

  Monoid toMonoid(const int32_t* row) const;
  Call toCall(const int32_t* row);
  void readRatio(const int32_t* row, Call& call);
  Step toStep(const int32_t* row, size_t before) const;
};

Monoid Reader::toMonoid(const int32_t* row) const {
  Monoid monoid;
  require(env, row[0] >= 0 && row[0] <= static_cast<int>(MonoidKind::All), "unknown monoid");
  monoid.kind = static_cast<MonoidKind>(row[0]);
  monoid.column = optionalColumnOf(row[1]);
  require(env, monoid.column >= 0 || monoid.kind == MonoidKind::Count, "monoid without column");
  switch (monoid.kind) {
    case MonoidKind::Sum:
      monoid.power = row[2];
      require(env, monoid.power >= 1 && monoid.power <= 4, "power");
      monoid.other = optionalColumnOf(row[3]);
      monoid.otherPower = row[4];
      require(env, monoid.otherPower == 0 || (monoid.otherPower == 1 && monoid.power == 1 && monoid.other >= 0),
              "power of the other column");
      monoid.window = {row[5], row[6]};
      require(env, monoid.window.limbs >= 0 && monoid.window.limbs < 1024, "limbs");
      break;
    case MonoidKind::CountValues:
      monoid.other = optionalColumnOf(row[2]);
      break;
    case MonoidKind::First:
    case MonoidKind::Last:
      monoid.keepNulls = row[2] != 0;
      break;
    default:
      break;
  }
  return monoid;
}

Step Reader::toStep(const int32_t* row, size_t before) const {
  require(env, row[0] >= 0 && row[0] <= static_cast<int>(StepOp::Multiply), "unknown step");
  const Step step{static_cast<StepOp>(row[0]), row[1], row[2]};
  if (step.op == StepOp::State) {
    monoidOf(step.left);
  } else if (step.op != StepOp::Constant) {
    indexOf(step.left, before, "operand of a step");
    indexOf(step.right, before, "operand of a step");
  }
  return step;
}

void Reader::readRatio(const int32_t* row, Call& call) {
  const size_t left = steps.size / kStepNumbers - stepsRead;
  require(env, row[0] >= 0 && static_cast<size_t>(row[0]) <= left, "steps");
  const auto count = static_cast<size_t>(row[0]);
  call.steps.reserve(count);
  for (size_t i = 0; i < count; ++i) call.steps.push_back(toStep(steps.row(stepsRead++, kStepNumbers), i));
  call.numerator = indexOf(row[1], count, "numerator");
  call.denominator = indexOf(row[2], count, "denominator");
  call.sign = row[3] == -1 ? -1 : indexOf(row[3], count, "sign");
  call.count = monoidOf(row[4]);
  call.least = row[5];
}

Call Reader::toCall(const int32_t* row) {
  Call call;
  require(env, row[0] >= 0 && row[0] <= static_cast<int>(Storage::I128), "storage");
  call.storage = static_cast<Storage>(row[0]);
  require(env, row[1] >= 0 && row[1] <= static_cast<int>(CallKind::ArgExtreme), "unknown call");
  call.kind = static_cast<CallKind>(row[1]);
  const int32_t* rest = row + 2;
  switch (call.kind) {
    case CallKind::Value:
    case CallKind::Sum:
      call.monoid = monoidOf(rest[0]);
      break;
    case CallKind::Mean:
      call.monoid = monoidOf(rest[0]);
      call.count = monoidOf(rest[1]);
      call.scale = rest[2];
      require(env, call.scale >= 0 && call.scale <= 38, "scale");
      break;
    case CallKind::Ratio:
      readRatio(rest, call);
      break;
    case CallKind::Quantile:
      call.column = columnOf(rest[0]);
      call.interpolation = static_cast<Interpolation>(indexOf(rest[1], 5, "interpolation"));
      call.q = quantiles.data[indexOf(static_cast<int32_t>(quantilesRead++), quantiles.size, "q")];
      require(env, call.q >= 0 && call.q <= 1, "q");
      break;
    case CallKind::NUnique:
    case CallKind::Mode:
      call.column = columnOf(rest[0]);
      break;
    case CallKind::ArgExtreme:
      call.column = columnOf(rest[0]);
      call.upper = rest[1] != 0;
      break;
  }
  return call;
}

}  // namespace

std::vector<Bounds> toBounds(const Napi::Object& object, const std::vector<ColumnView>& columns) {
  const auto numbers = integersOf(object, "numbers", kBoundsNumbers);
  const auto ranges = numbersOf<Napi::BigInt64Array>(object, "ranges", napi_bigint64_array, 2);
  const bool isComplete = numbers.size == columns.size() * kBoundsNumbers && ranges.size == columns.size() * 2;
  require(object.Env(), isComplete, "bounds of every column");
  std::vector<Bounds> bounds(columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    const int32_t* row = numbers.row(i, kBoundsNumbers);
    const int64_t* range = ranges.row(i, 2);
    bounds[i].hasRange = (row[0] & 1) != 0;
    bounds[i].min = static_cast<uint64_t>(range[0]);
    bounds[i].max = static_cast<uint64_t>(range[1]);
    bounds[i].hasExponents = (row[0] & 2) != 0;
    bounds[i].lowExponent = row[1];
    bounds[i].highExponent = row[2];
    bounds[i].hasSpecials = (row[0] & 4) == 0;
  }
  return bounds;
}

Plan toPlan(const Napi::Object& object, const std::vector<ColumnView>& columns) {
  const auto keys = integersOf(object, "keys", 1);
  const auto monoids = integersOf(object, "monoids", kMonoidNumbers);
  const auto calls = integersOf(object, "calls", kCallNumbers);
  Reader reader{object.Env(), columns.size(), monoids.size / kMonoidNumbers, integersOf(object, "steps", kStepNumbers),
                numbersOf<Napi::Float64Array>(object, "quantiles", napi_float64_array, 1)};
  Plan plan;
  plan.phase = static_cast<Phase>(reader.indexOf(object.Get("phase").ToNumber().Int32Value(), 3, "phase"));
  plan.dropNullKeys = object.Get("dropNullKeys").ToBoolean();
  plan.keys.reserve(keys.size);
  for (size_t i = 0; i < keys.size; ++i) plan.keys.push_back(reader.columnOf(keys.data[i]));
  plan.monoids.reserve(reader.monoidCount);
  for (size_t i = 0; i < reader.monoidCount; ++i) {
    plan.monoids.push_back(reader.toMonoid(monoids.row(i, kMonoidNumbers)));
  }
  plan.calls.reserve(calls.size / kCallNumbers);
  for (size_t i = 0; i < calls.size / kCallNumbers; ++i) {
    plan.calls.push_back(reader.toCall(calls.row(i, kCallNumbers)));
  }
  plan.bounds = toBounds(object.Get("bounds").As<Napi::Object>(), columns);
  return plan;
}

}  // namespace gdf::aggregate

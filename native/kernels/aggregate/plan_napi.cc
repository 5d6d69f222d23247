#include "kernels/aggregate/plan_napi.h"

#include <string>

namespace gdf::aggregate {
namespace {

int integerOf(const Napi::Object& object, const char* name, int missing) {
  const Napi::Value value = object.Get(name);
  return value.IsNumber() ? value.As<Napi::Number>().Int32Value() : missing;
}

void require(Napi::Env env, bool condition, const char* message) {
  if (!condition) throw Napi::TypeError::New(env, std::string("aggregate: ") + message);
}

int indexOf(const Napi::Object& object, const char* name, size_t count) {
  const int index = integerOf(object, name, -1);
  require(object.Env(), index >= 0 && static_cast<size_t>(index) < count, name);
  return index;
}

Monoid toMonoid(const Napi::Object& object, size_t columnCount) {
  Monoid monoid;
  const int kind = integerOf(object, "kind", -1);
  require(object.Env(), kind >= 0 && kind <= static_cast<int>(MonoidKind::All), "unknown monoid");
  monoid.kind = static_cast<MonoidKind>(kind);
  if (integerOf(object, "column", -1) != -1) monoid.column = indexOf(object, "column", columnCount);
  require(object.Env(), monoid.column >= 0 || monoid.kind == MonoidKind::Count, "monoid without column");
  monoid.power = integerOf(object, "power", 1);
  require(object.Env(), monoid.power >= 1 && monoid.power <= 4, "power");
  if (integerOf(object, "other", -1) != -1) monoid.other = indexOf(object, "other", columnCount);
  monoid.otherPower = integerOf(object, "otherPower", 0);
  require(object.Env(), monoid.otherPower == 0 || (monoid.otherPower == 1 && monoid.power == 1 && monoid.other >= 0),
          "power of the other column");
  monoid.keepNulls = object.Get("keepNulls").ToBoolean();
  monoid.window.lowExponent = integerOf(object, "lowExponent", 0);
  monoid.window.limbs = integerOf(object, "limbs", 0);
  require(object.Env(), monoid.window.limbs >= 0 && monoid.window.limbs < 1024, "limbs");
  return monoid;
}

void readRatio(const Napi::Object& object, size_t monoidCount, Call& call) {
  const Napi::Env env = object.Env();
  const Napi::Value steps = object.Get("steps");
  require(env, steps.IsTypedArray(), "steps");
  const auto numbers = steps.As<Napi::Int32Array>();
  require(env, numbers.ElementLength() % 3 == 0, "steps");
  for (size_t i = 0; i < numbers.ElementLength(); i += 3) {
    const Step step{static_cast<StepOp>(numbers[i]), numbers[i + 1], numbers[i + 2]};
    const auto isStep = [&](int operand) { return operand >= 0 && static_cast<size_t>(operand) < call.steps.size(); };
    require(env, numbers[i] >= 0 && numbers[i] <= static_cast<int>(StepOp::Multiply), "unknown step");
    if (step.op == StepOp::State) {
      require(env, step.left >= 0 && static_cast<size_t>(step.left) < monoidCount, "state of a step");
    } else if (step.op != StepOp::Constant) {
      require(env, isStep(step.left) && isStep(step.right), "operands of a step");
    }
    call.steps.push_back(step);
  }
  call.numerator = indexOf(object, "numerator", call.steps.size());
  call.denominator = indexOf(object, "denominator", call.steps.size());
  if (integerOf(object, "sign", -1) != -1) call.sign = indexOf(object, "sign", call.steps.size());
  call.least = integerOf(object, "least", 0);
}

Call toCall(const Napi::Object& object, size_t columnCount, size_t monoidCount) {
  Call call;
  const int kind = integerOf(object, "kind", -1);
  require(object.Env(), kind >= 0 && kind <= static_cast<int>(CallKind::ArgExtreme), "unknown call");
  call.kind = static_cast<CallKind>(kind);
  call.storage = static_cast<Storage>(integerOf(object, "storage", -1));
  call.upper = object.Get("upper").ToBoolean();
  if (isHolistic(call)) {
    call.column = indexOf(object, "column", columnCount);
  } else if (call.kind == CallKind::Ratio) {
    readRatio(object, monoidCount, call);
  } else {
    call.monoid = indexOf(object, "monoid", monoidCount);
  }
  if (call.kind == CallKind::Mean || call.kind == CallKind::Ratio) {
    call.count = indexOf(object, "count", monoidCount);
  }
  call.scale = integerOf(object, "scale", 0);
  require(object.Env(), call.scale >= 0 && call.scale <= 38, "scale");
  if (call.kind == CallKind::Quantile) {
    call.q = object.Get("q").ToNumber().DoubleValue();
    call.interpolation = static_cast<Interpolation>(integerOf(object, "interpolation", 0));
    require(object.Env(), call.q >= 0 && call.q <= 1, "q");
  }
  return call;
}

Bounds boundsOf(const Napi::Value& value, Storage storage) {
  Bounds bounds;
  if (!value.IsObject()) return bounds;
  const auto object = value.As<Napi::Object>();
  const Napi::Value min = object.Get("min");
  const Napi::Value max = object.Get("max");
  if (min.IsBigInt() && max.IsBigInt()) {
    bool minFits = false;
    bool maxFits = false;
    if (storage == Storage::U64) {
      bounds.min = min.As<Napi::BigInt>().Uint64Value(&minFits);
      bounds.max = max.As<Napi::BigInt>().Uint64Value(&maxFits);
    } else {
      bounds.min = static_cast<uint64_t>(min.As<Napi::BigInt>().Int64Value(&minFits));
      bounds.max = static_cast<uint64_t>(max.As<Napi::BigInt>().Int64Value(&maxFits));
    }
    bounds.hasRange = minFits && maxFits;
  }
  if (object.Get("lowExponent").IsNumber() && object.Get("highExponent").IsNumber()) {
    bounds.hasExponents = true;
    bounds.lowExponent = integerOf(object, "lowExponent", 0);
    bounds.highExponent = integerOf(object, "highExponent", 0);
  }
  const Napi::Value specials = object.Get("hasSpecials");
  bounds.hasSpecials = !specials.IsBoolean() || specials.ToBoolean();
  return bounds;
}

}  // namespace

std::vector<Bounds> toBounds(const Napi::Value& list, const std::vector<ColumnView>& columns) {
  std::vector<Bounds> bounds;
  const auto array = list.As<Napi::Array>();
  for (uint32_t i = 0; i < columns.size(); ++i) bounds.push_back(boundsOf(array.Get(i), columns[i].storage));
  return bounds;
}

Plan toPlan(const Napi::Object& object, const std::vector<ColumnView>& columns) {
  Plan plan;
  plan.phase = static_cast<Phase>(integerOf(object, "phase", 0));
  plan.dropNullKeys = object.Get("dropNullKeys").ToBoolean();
  const auto keys = object.Get("keys").As<Napi::Array>();
  for (uint32_t i = 0; i < keys.Length(); ++i) {
    const int key = keys.Get(i).ToNumber().Int32Value();
    require(object.Env(), key >= 0 && static_cast<size_t>(key) < columns.size(), "key");
    plan.keys.push_back(key);
  }
  const auto monoids = object.Get("monoids").As<Napi::Array>();
  for (uint32_t i = 0; i < monoids.Length(); ++i) {
    plan.monoids.push_back(toMonoid(monoids.Get(i).As<Napi::Object>(), columns.size()));
  }
  const auto calls = object.Get("calls").As<Napi::Array>();
  for (uint32_t i = 0; i < calls.Length(); ++i) {
    plan.calls.push_back(toCall(calls.Get(i).As<Napi::Object>(), columns.size(), plan.monoids.size()));
  }
  plan.bounds = toBounds(object.Get("bounds"), columns);
  return plan;
}

}  // namespace gdf::aggregate

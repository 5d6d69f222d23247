// Comparisons by the order of keys, and the questions about floats.
#include "kernels/evaluate/kernels.h"

namespace gdf::evaluate {
namespace {

struct Eq {
  template <class T>
  static uint8_t apply(T a, T b) {
    return equals(a, b);
  }
};
struct Ne {
  template <class T>
  static uint8_t apply(T a, T b) {
    return !equals(a, b);
  }
};
struct Lt {
  template <class T>
  static uint8_t apply(T a, T b) {
    return lessThan(a, b);
  }
};
struct Le {
  template <class T>
  static uint8_t apply(T a, T b) {
    return lessOrEqual(a, b);
  }
};
struct IsNan {
  template <class T>
  static uint8_t apply(T a) {
    return a != a;
  }
};
struct IsFinite {
  template <class T>
  static uint8_t apply(T a) {
    return std::fabs(a) <= std::numeric_limits<T>::max();
  }
};

template <class T>
Kernel select(Op op) {
  switch (op) {
    case Op::Eq:
      return binary<T, uint8_t, Eq>;
    case Op::Ne:
      return binary<T, uint8_t, Ne>;
    case Op::Lt:
      return binary<T, uint8_t, Lt>;
    case Op::Le:
      return binary<T, uint8_t, Le>;
    default:
      break;
  }
  if constexpr (std::is_floating_point_v<T>) {
    if (op == Op::IsNan) return unary<T, uint8_t, IsNan>;
    if (op == Op::IsFinite) return unary<T, uint8_t, IsFinite>;
  }
  return nullptr;
}

}  // namespace

Kernel selectCompare(const Instruction& instruction) {
  switch (instruction.lane) {
    case Lane::Bool:
      return select<uint8_t>(instruction.op);
    case Lane::I32:
      return select<int32_t>(instruction.op);
    case Lane::U32:
      return select<uint32_t>(instruction.op);
    case Lane::I64:
      return select<int64_t>(instruction.op);
    case Lane::U64:
      return select<uint64_t>(instruction.op);
    case Lane::F32:
      return select<float>(instruction.op);
    case Lane::F64:
      return select<double>(instruction.op);
    default:
      return nullptr;
  }
}

}  // namespace gdf::evaluate

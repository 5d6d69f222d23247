// Floating-point arithmetic: IEEE 754, to nearest even, one canonical NaN. The module is compiled without contraction,
// so that every operation rounds by itself.
#include "kernels/evaluate/kernels.h"

namespace gdf::evaluate {
namespace {

struct Add {
  template <class T>
  static T apply(T a, T b) {
    return canonicalNan(a + b);
  }
};
struct Sub {
  template <class T>
  static T apply(T a, T b) {
    return canonicalNan(a - b);
  }
};
struct Mul {
  template <class T>
  static T apply(T a, T b) {
    return canonicalNan(a * b);
  }
};
struct Div {
  template <class T>
  static T apply(T a, T b) {
    return canonicalNan(a / b);
  }
};
struct Rem {
  template <class T>
  static T apply(T a, T b) {
    return canonicalNan(std::fmod(a, b));
  }
};

/// The two results of CPython's float_divmod; see src/ir/README.md.
template <class T>
struct FloorDivision {
  T quotient;
  T rest;
};

template <class T>
FloorDivision<T> floorDivide(T a, T b) {
  if (b == 0) return {a / b, std::numeric_limits<T>::quiet_NaN()};
  T rest = std::fmod(a, b);
  T quotient = (a - rest) / b;
  if (rest != 0) {  // also NaN
    if ((b < 0) != (rest < 0)) {
      rest += b;
      quotient -= 1;
    }
  } else {
    rest = std::copysign(T{0}, b);
  }
  if (quotient != 0) {
    const T floored = std::floor(quotient);
    quotient = quotient - floored > T{0.5} ? floored + 1 : floored;
  } else {
    quotient = std::copysign(T{0}, a / b);
  }
  return {quotient, rest};
}

struct FloorDiv {
  template <class T>
  static T apply(T a, T b) {
    return canonicalNan(floorDivide(a, b).quotient);
  }
};
struct Mod {
  template <class T>
  static T apply(T a, T b) {
    return canonicalNan(floorDivide(a, b).rest);
  }
};
struct Neg {
  template <class T>
  static T apply(T a) {
    return canonicalNan(-a);
  }
};
struct Abs {
  template <class T>
  static T apply(T a) {
    return canonicalNan(std::fabs(a));
  }
};
struct Sqrt {
  template <class T>
  static T apply(T a) {
    return canonicalNan(std::sqrt(a));
  }
};
struct Floor {
  template <class T>
  static T apply(T a) {
    return canonicalNan(std::floor(a));
  }
};
struct Ceil {
  template <class T>
  static T apply(T a) {
    return canonicalNan(std::ceil(a));
  }
};
struct Trunc {
  template <class T>
  static T apply(T a) {
    return canonicalNan(std::trunc(a));
  }
};
/// Halves away from zero. Adding the largest number below one half, instead of one half, keeps 0.49999999999999994 from
/// rounding up; for an exact half the sum is a tie, which rounds to the even neighbour: the next integer.
struct Round {
  template <class T>
  static T apply(T a) {
    constexpr T kBelowHalf = T{0.5} - std::numeric_limits<T>::epsilon() / 4;
    return canonicalNan(std::trunc(a + std::copysign(kBelowHalf, a)));
  }
};

template <class T>
Kernel select(Op op) {
  switch (op) {
    case Op::Add:
      return binary<T, T, Add>;
    case Op::Sub:
      return binary<T, T, Sub>;
    case Op::Mul:
      return binary<T, T, Mul>;
    case Op::Div:
      return binary<T, T, Div>;
    case Op::Rem:
      return binary<T, T, Rem>;
    case Op::FloorDiv:
      return binary<T, T, FloorDiv>;
    case Op::Mod:
      return binary<T, T, Mod>;
    case Op::Neg:
      return unary<T, T, Neg>;
    case Op::Abs:
      return unary<T, T, Abs>;
    case Op::Sqrt:
      return unary<T, T, Sqrt>;
    case Op::Floor:
      return unary<T, T, Floor>;
    case Op::Ceil:
      return unary<T, T, Ceil>;
    case Op::Trunc:
      return unary<T, T, Trunc>;
    case Op::Round:
      return unary<T, T, Round>;
    default:
      return nullptr;
  }
}

}  // namespace

Kernel selectFloat(const Instruction& instruction) {
  switch (instruction.lane) {
    case Lane::F32:
      return select<float>(instruction.op);
    case Lane::F64:
      return select<double>(instruction.op);
    default:
      return nullptr;
  }
}

}  // namespace gdf::evaluate

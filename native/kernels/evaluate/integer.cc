// Integer arithmetic. Everything wraps; a checked instruction also reports where the exact result does not fit.
#include "kernels/evaluate/kernels.h"

namespace gdf::evaluate {
namespace {

template <class T>
using Unsigned = std::make_unsigned_t<T>;
template <class T>
constexpr T kMin = std::numeric_limits<T>::min();

struct Add {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(Unsigned<T>(a) + Unsigned<T>(b));
  }
  template <class T>
  static bool fails(T a, T b) {
    const T sum = apply(a, b);
    if constexpr (std::is_signed_v<T>) return ((a ^ sum) & (b ^ sum)) < 0;
    return sum < a;
  }
};
struct Sub {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(Unsigned<T>(a) - Unsigned<T>(b));
  }
  template <class T>
  static bool fails(T a, T b) {
    if constexpr (std::is_signed_v<T>) return ((a ^ b) & (a ^ apply(a, b))) < 0;
    return a < b;
  }
};
struct Mul {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(Unsigned<T>(a) * Unsigned<T>(b));
  }
  template <class T>
  static bool fails(T a, T b) {
    if constexpr (sizeof(T) == 4) {
      using Wide = std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>;
      const Wide product = Wide{a} * Wide{b};
      return product != Wide{static_cast<T>(product)};
    } else {
      T ignored;
      return __builtin_mul_overflow(a, b, &ignored);
    }
  }
};

/// Truncating quotient; 0 for divisor 0, wraps for minimum / -1. A double holds the quotient of 32-bit integers well
/// enough that truncating it is exact (the distance to the next integer is at least 2^-32, the error below 2^-21), and
/// unlike integer division it vectorises.
template <class T>
T quotient(T a, T b) {
  if constexpr (sizeof(T) == 4) {
    const double divisor = b == 0 ? 1.0 : static_cast<double>(b);
    const auto whole = static_cast<int64_t>(static_cast<double>(a) / divisor);
    return b == 0 ? 0 : static_cast<T>(whole);
  } else {
    if (b == 0) return 0;
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return Sub::apply(T{0}, a);
    }
    return a / b;
  }
}

template <class T>
bool quotientFails(T a, T b) {
  if constexpr (std::is_signed_v<T>) return (a == kMin<T>)&(b == -1);
  return false;
}

struct Div {
  template <class T>
  static T apply(T a, T b) {
    return quotient(a, b);
  }
  template <class T>
  static bool fails(T a, T b) {
    return quotientFails(a, b);
  }
};
struct Rem {
  template <class T>
  static T apply(T a, T b) {
    return Sub::apply(a, Mul::apply(quotient(a, b), b));
  }
  template <class T>
  static bool fails(T, T) {
    return false;
  }
};
struct FloorDiv {
  template <class T>
  static T apply(T a, T b) {
    const T truncated = quotient(a, b);
    if constexpr (std::is_signed_v<T>) {
      const T rest = Sub::apply(a, Mul::apply(truncated, b));
      return static_cast<T>(truncated - static_cast<T>((rest != 0) & ((rest ^ b) < 0)));
    }
    return truncated;
  }
  template <class T>
  static bool fails(T a, T b) {
    return quotientFails(a, b);
  }
};
struct Mod {
  template <class T>
  static T apply(T a, T b) {
    const T rest = Rem::apply(a, b);
    if constexpr (std::is_signed_v<T>) {
      return Add::apply(rest, (rest != 0) & ((rest ^ b) < 0) ? b : T{0});
    }
    return rest;
  }
  template <class T>
  static bool fails(T, T) {
    return false;
  }
};
struct Shl {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(Unsigned<T>(a) << (Unsigned<T>(b) & (8 * sizeof(T) - 1)));
  }
};
struct Shr {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a >> (Unsigned<T>(b) & (8 * sizeof(T) - 1)));
  }
};
struct BitAnd {
  template <class T>
  static T apply(T a, T b) {
    return a & b;
  }
};
struct BitOr {
  template <class T>
  static T apply(T a, T b) {
    return a | b;
  }
};
struct BitXor {
  template <class T>
  static T apply(T a, T b) {
    return a ^ b;
  }
};

/// 64-bit products: no vector instruction gives their high half, so first see whether all factors are below 2^31.
template <class T>
void checkedMul64(const Instruction& instruction, Frame& frame) {
  const T* GDF_RESTRICT a = frame.in<T>(instruction.a);
  const T* GDF_RESTRICT b = frame.in<T>(instruction.b);
  uint64_t high = 0;
  for (int64_t i = 0; i < frame.count; ++i) {
    if constexpr (std::is_signed_v<T>) {
      high |= static_cast<uint64_t>(a[i] ^ (a[i] >> 63)) | static_cast<uint64_t>(b[i] ^ (b[i] >> 63));
    } else {
      high |= a[i] | b[i];
    }
  }
  if (high >> 31 == 0) return binary<T, T, Mul>(instruction, frame);
  checkedBinary<T, Mul>(instruction, frame);
}

template <class T>
void negate(const Instruction& instruction, Frame& frame) {
  const T* GDF_RESTRICT a = frame.in<T>(instruction.a);
  T* GDF_RESTRICT out = frame.out<T>(instruction.target);
  T failed = 0;
  for (int64_t i = 0; i < frame.count; ++i) {
    out[i] = Sub::apply(T{0}, a[i]);
    failed |= static_cast<T>(a[i] == kMin<T>);
  }
  if (instruction.site >= 0 && failed != 0) {
    reportFirst(instruction, frame, [&](int64_t i) { return a[i] == kMin<T>; });
  }
}

template <class T>
void absolute(const Instruction& instruction, Frame& frame) {
  const T* GDF_RESTRICT a = frame.in<T>(instruction.a);
  T* GDF_RESTRICT out = frame.out<T>(instruction.target);
  T failed = 0;
  for (int64_t i = 0; i < frame.count; ++i) {
    out[i] = a[i] < 0 ? Sub::apply(T{0}, a[i]) : a[i];
    failed |= static_cast<T>(a[i] == kMin<T>);
  }
  if (instruction.site >= 0 && failed != 0) {
    reportFirst(instruction, frame, [&](int64_t i) { return a[i] == kMin<T>; });
  }
}

template <class T, class F>
Kernel checkable(bool checked) {
  return checked ? checkedBinary<T, F> : binary<T, T, F>;
}

template <class T>
Kernel select(const Instruction& instruction) {
  const bool checked = instruction.site >= 0;
  switch (instruction.op) {
    case Op::Add:
      return checkable<T, Add>(checked);
    case Op::Sub:
      return checkable<T, Sub>(checked);
    case Op::Mul:
      if constexpr (sizeof(T) == 8) return checked ? checkedMul64<T> : binary<T, T, Mul>;
      return checkable<T, Mul>(checked);
    case Op::Div:
      return checkable<T, Div>(checked);
    case Op::Rem:
      return checkable<T, Rem>(checked);
    case Op::FloorDiv:
      return checkable<T, FloorDiv>(checked);
    case Op::Mod:
      return checkable<T, Mod>(checked);
    case Op::Shl:
      return binary<T, T, Shl>;
    case Op::Shr:
      return binary<T, T, Shr>;
    case Op::BitAnd:
      return binary<T, T, BitAnd>;
    case Op::BitOr:
      return binary<T, T, BitOr>;
    case Op::BitXor:
      return binary<T, T, BitXor>;
    default:
      break;
  }
  if constexpr (std::is_signed_v<T>) {
    if (instruction.op == Op::Neg) return negate<T>;
    if (instruction.op == Op::Abs) return absolute<T>;
  }
  return nullptr;
}

}  // namespace

Kernel selectInteger(const Instruction& instruction) {
  switch (instruction.lane) {
    case Lane::I32:
      return select<int32_t>(instruction);
    case Lane::U32:
      return select<uint32_t>(instruction);
    case Lane::I64:
      return select<int64_t>(instruction);
    case Lane::U64:
      return select<uint64_t>(instruction);
    default:
      return nullptr;
  }
}

}  // namespace gdf::evaluate

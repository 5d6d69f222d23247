// Everything on 128-bit integers. They have no vector instructions: plain loops.
#include "core/int128.h"
#include "kernels/evaluate/kernels.h"

namespace gdf::evaluate {
namespace {

int128 wrap(uint128 bits) {
  return static_cast<int128>(bits);
}

struct Add {
  static int128 apply(int128 a, int128 b) { return wrap(static_cast<uint128>(a) + static_cast<uint128>(b)); }
  static bool fails(int128 a, int128 b) {
    int128 ignored;
    return __builtin_add_overflow(a, b, &ignored);
  }
};
struct Sub {
  static int128 apply(int128 a, int128 b) { return wrap(static_cast<uint128>(a) - static_cast<uint128>(b)); }
  static bool fails(int128 a, int128 b) {
    int128 ignored;
    return __builtin_sub_overflow(a, b, &ignored);
  }
};
struct Mul {
  static int128 apply(int128 a, int128 b) { return wrap(static_cast<uint128>(a) * static_cast<uint128>(b)); }
  static bool fails(int128 a, int128 b) {
    int128 ignored;
    return __builtin_mul_overflow(a, b, &ignored);
  }
};

/// Truncating quotient; 0 for divisor 0, wraps for minimum / -1.
int128 quotient(int128 a, int128 b) {
  if (b == 0) return 0;
  if (b == -1) return Sub::apply(0, a);
  // Most values and powers of ten fit 64 bits, where the processor divides ten times faster.
  const auto narrow = static_cast<int64_t>(a);
  const auto divisor = static_cast<int64_t>(b);
  if (narrow == a && divisor == b) return narrow / divisor;
  return a / b;
}
bool quotientFails(int128 a, int128 b) {
  return a == kMin128 && b == -1;
}
int128 remainder(int128 a, int128 b) {
  return Sub::apply(a, Mul::apply(quotient(a, b), b));
}
bool movesDown(int128 rest, int128 b) {
  return rest != 0 && (rest < 0) != (b < 0);
}

struct Div {
  static int128 apply(int128 a, int128 b) { return quotient(a, b); }
  static bool fails(int128 a, int128 b) { return quotientFails(a, b); }
};
struct Rem {
  static int128 apply(int128 a, int128 b) { return remainder(a, b); }
  static bool fails(int128, int128) { return false; }
};
struct FloorDiv {
  static int128 apply(int128 a, int128 b) {
    const int128 truncated = quotient(a, b);
    return Sub::apply(truncated, movesDown(Sub::apply(a, Mul::apply(truncated, b)), b) ? 1 : 0);
  }
  static bool fails(int128 a, int128 b) { return quotientFails(a, b); }
};
struct Mod {
  static int128 apply(int128 a, int128 b) {
    const int128 rest = remainder(a, b);
    return movesDown(rest, b) ? Add::apply(rest, b) : rest;
  }
  static bool fails(int128, int128) { return false; }
};
struct Shl {
  static int128 apply(int128 a, int128 b) { return wrap(static_cast<uint128>(a) << (static_cast<uint128>(b) & 127)); }
};
struct Shr {
  static int128 apply(int128 a, int128 b) { return a >> (static_cast<uint128>(b) & 127); }
};
struct BitAnd {
  static int128 apply(int128 a, int128 b) { return a & b; }
};
struct BitOr {
  static int128 apply(int128 a, int128 b) { return a | b; }
};
struct BitXor {
  static int128 apply(int128 a, int128 b) { return a ^ b; }
};

template <bool Absolute>
void flipSign(const Instruction& instruction, Frame& frame) {
  const int128* a = frame.in<int128>(instruction.a);
  int128* out = frame.out<int128>(instruction.target);
  bool failed = false;
  for (int64_t i = 0; i < frame.count; ++i) {
    out[i] = Absolute && a[i] >= 0 ? a[i] : Sub::apply(0, a[i]);
    failed |= a[i] == kMin128;
  }
  if (instruction.site >= 0 && failed) {
    reportFirst(instruction, frame, [&](int64_t i) { return a[i] == kMin128; });
  }
}

template <class F>
Kernel checkable(const Instruction& instruction) {
  return instruction.site >= 0 ? checkedBinary<int128, F> : binary<int128, int128, F>;
}

struct Eq {
  static uint8_t apply(int128 a, int128 b) { return a == b; }
};
struct Ne {
  static uint8_t apply(int128 a, int128 b) { return a != b; }
};
struct Lt {
  static uint8_t apply(int128 a, int128 b) { return a < b; }
};
struct Le {
  static uint8_t apply(int128 a, int128 b) { return a <= b; }
};

void load(const Instruction& instruction, Frame& frame) {
  const void* values = frame.columns[static_cast<size_t>(instruction.a)].values;
  int128* out = frame.out<int128>(instruction.target);
  for (int64_t i = 0; i < frame.count; ++i) {
    out[i] = loadInt128(values, frame.selection == nullptr ? frame.base + i : int64_t{frame.selection[i]});
  }
}

void fill(const Instruction& instruction, Frame& frame) {
  const int128 value = loadInt128(frame.program.constants.data(), instruction.a);
  int128* out = frame.out<int128>(instruction.target);
  for (int64_t i = 0; i < kVectorRows; ++i) out[i] = value;
}

void choose(const Instruction& instruction, Frame& frame) {
  const uint8_t* condition = frame.in<uint8_t>(instruction.a);
  const int128* a = frame.in<int128>(instruction.b);
  const int128* b = frame.in<int128>(instruction.c);
  int128* out = frame.out<int128>(instruction.target);
  for (int64_t i = 0; i < frame.count; ++i) out[i] = condition[i] != 0 ? a[i] : b[i];
}

void inSet(const Instruction& instruction, Frame& frame) {
  const SetView& set = frame.program.sets[static_cast<size_t>(instruction.b)];
  const int64_t size = set.size / 4;  // of u32 words
  const int128* a = frame.in<int128>(instruction.a);
  uint8_t* out = frame.out<uint8_t>(instruction.target);
  for (int64_t i = 0; i < frame.count; ++i) {
    int64_t first = 0;
    for (int64_t length = size; length > 1;) {
      const int64_t half = length / 2;
      first += a[i] < loadInt128(set.values, first + half) ? 0 : half;
      length -= half;
    }
    out[i] = size > 0 && loadInt128(set.values, first) == a[i];
  }
}

void lookup(const Instruction& instruction, Frame& frame) {
  const TableView table = frame.program.tables[static_cast<size_t>(instruction.b)];
  const uint32_t* a = frame.in<uint32_t>(instruction.a);
  int128* out = frame.out<int128>(instruction.target);
  for (int64_t i = 0; i < frame.count; ++i) out[i] = int64_t{a[i]} < table.size ? loadInt128(table.words, a[i]) : 0;
}

// ---- conversions

template <class From>
struct Widen {
  static int128 apply(From value) {
    if constexpr (std::is_floating_point_v<From>) {
      // 2^127 and above, NaN: any value, but no trap.
      constexpr From kLimit = static_cast<From>(uint64_t{1} << 63) * 2 * static_cast<From>(uint64_t{1} << 63);
      return value >= -kLimit && value < kLimit ? static_cast<int128>(value) : 0;
    } else {
      return static_cast<int128>(value);
    }
  }
};

template <class To>
struct Narrow {
  static To apply(int128 value) {
    return static_cast<To>(value);  // floats: to nearest even, as the compiler's own conversion does
  }
};
struct NotZero {
  static uint8_t apply(int128 value) { return value != 0; }
};

template <class To>
struct FitsInto {
  static uint8_t apply(int128 value) {
    return value >= static_cast<int128>(std::numeric_limits<To>::min()) &&
           value <= static_cast<int128>(std::numeric_limits<To>::max());
  }
};
struct Always {
  template <class From>
  static uint8_t apply(From) {
    return 1;
  }
};
template <class Float>
struct FloatFits {
  static uint8_t apply(Float value) {
    constexpr Float kLimit = static_cast<Float>(uint64_t{1} << 63) * 2 * static_cast<Float>(uint64_t{1} << 63);
    return value >= -kLimit && value < kLimit;
  }
};

Kernel selectNarrow(Lane to) {
  switch (to) {
    case Lane::Bool:
      return unary<int128, uint8_t, NotZero>;
    case Lane::I32:
      return unary<int128, int32_t, Narrow<int32_t>>;
    case Lane::U32:
      return unary<int128, uint32_t, Narrow<uint32_t>>;
    case Lane::I64:
      return unary<int128, int64_t, Narrow<int64_t>>;
    case Lane::U64:
      return unary<int128, uint64_t, Narrow<uint64_t>>;
    case Lane::F32:
      return unary<int128, float, Narrow<float>>;
    case Lane::F64:
      return unary<int128, double, Narrow<double>>;
    default:
      return nullptr;
  }
}

Kernel selectWiden(Lane from) {
  switch (from) {
    case Lane::Bool:
      return unary<uint8_t, int128, Widen<uint8_t>>;
    case Lane::I32:
      return unary<int32_t, int128, Widen<int32_t>>;
    case Lane::U32:
      return unary<uint32_t, int128, Widen<uint32_t>>;
    case Lane::I64:
      return unary<int64_t, int128, Widen<int64_t>>;
    case Lane::U64:
      return unary<uint64_t, int128, Widen<uint64_t>>;
    case Lane::F32:
      return unary<float, int128, Widen<float>>;
    case Lane::F64:
      return unary<double, int128, Widen<double>>;
    case Lane::I128:
      return unary<int128, int128, Widen<int128>>;
    default:
      return nullptr;
  }
}

Kernel selectFits(Lane to) {
  switch (to) {
    case Lane::I8:
      return unary<int128, uint8_t, FitsInto<int8_t>>;
    case Lane::U8:
      return unary<int128, uint8_t, FitsInto<uint8_t>>;
    case Lane::I16:
      return unary<int128, uint8_t, FitsInto<int16_t>>;
    case Lane::U16:
      return unary<int128, uint8_t, FitsInto<uint16_t>>;
    case Lane::I32:
      return unary<int128, uint8_t, FitsInto<int32_t>>;
    case Lane::U32:
      return unary<int128, uint8_t, FitsInto<uint32_t>>;
    case Lane::I64:
      return unary<int128, uint8_t, FitsInto<int64_t>>;
    case Lane::U64:
      return unary<int128, uint8_t, FitsInto<uint64_t>>;
    default:
      return unary<int128, uint8_t, Always>;
  }
}

Kernel selectFitsWide(Lane from) {
  switch (from) {
    case Lane::F32:
      return unary<float, uint8_t, FloatFits<float>>;
    case Lane::F64:
      return unary<double, uint8_t, FloatFits<double>>;
    case Lane::I32:
    case Lane::U32:
      return unary<uint32_t, uint8_t, Always>;
    case Lane::I128:
      return unary<int128, uint8_t, Always>;
    default:
      return unary<uint64_t, uint8_t, Always>;
  }
}

Kernel selectArithmetic(const Instruction& instruction) {
  switch (instruction.op) {
    case Op::Add:
      return checkable<Add>(instruction);
    case Op::Sub:
      return checkable<Sub>(instruction);
    case Op::Mul:
      return checkable<Mul>(instruction);
    case Op::Div:
      return checkable<Div>(instruction);
    case Op::Rem:
      return checkable<Rem>(instruction);
    case Op::FloorDiv:
      return checkable<FloorDiv>(instruction);
    case Op::Mod:
      return checkable<Mod>(instruction);
    case Op::Shl:
      return binary<int128, int128, Shl>;
    case Op::Shr:
      return binary<int128, int128, Shr>;
    case Op::BitAnd:
      return binary<int128, int128, BitAnd>;
    case Op::BitOr:
      return binary<int128, int128, BitOr>;
    case Op::BitXor:
      return binary<int128, int128, BitXor>;
    case Op::Neg:
      return flipSign<false>;
    case Op::Abs:
      return flipSign<true>;
    default:
      return nullptr;
  }
}

}  // namespace

Kernel selectWide(const Instruction& instruction) {
  const bool toWide = static_cast<Lane>(instruction.b) == Lane::I128;
  if (instruction.op == Op::Convert && toWide) return selectWiden(instruction.lane);
  if (instruction.op == Op::Fits && toWide) return selectFitsWide(instruction.lane);
  if (instruction.lane != Lane::I128) return nullptr;
  switch (instruction.op) {
    case Op::Load:
      return load;
    case Op::Constant:
      return fill;
    case Op::Eq:
      return binary<int128, uint8_t, Eq>;
    case Op::Ne:
      return binary<int128, uint8_t, Ne>;
    case Op::Lt:
      return binary<int128, uint8_t, Lt>;
    case Op::Le:
      return binary<int128, uint8_t, Le>;
    case Op::Select:
      return choose;
    case Op::Convert:
      return selectNarrow(static_cast<Lane>(instruction.b));
    case Op::Fits:
      return selectFits(static_cast<Lane>(instruction.b));
    case Op::InSet:
      return inSet;
    case Op::Lookup:
      return lookup;
    default:
      return selectArithmetic(instruction);
  }
}

}  // namespace gdf::evaluate

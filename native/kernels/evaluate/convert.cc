// Conversions between lanes, and whether a value survives one. A value that does not fit must not trap: it saturates,
// which is the same on every processor, where the bare conversion instructions differ.
#include <utility>

#include "kernels/evaluate/kernels.h"

namespace gdf::evaluate {
namespace {

/// 2^(value bits of T), exact in every float type.
template <class T, class Float>
constexpr Float upperLimit() {
  return static_cast<Float>(std::numeric_limits<T>::max() / 2 + 1) * 2;
}

template <class To, class From>
To toInteger(From value) {
  constexpr auto kLow = static_cast<From>(std::numeric_limits<To>::min());
  constexpr From kHigh = upperLimit<To, From>();
  if (value >= kLow && value < kHigh) return static_cast<To>(value);
  return value >= kHigh ? std::numeric_limits<To>::max() : value < kLow ? std::numeric_limits<To>::min() : To{0};
}

template <class From, class To>
struct Convert {
  static To apply(From value) {
    if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) return toInteger<To>(value);
    if constexpr (std::is_floating_point_v<To>) return canonicalNan(static_cast<To>(value));
    return static_cast<To>(value);
  }
};
template <class From>
struct NotZero {
  static uint8_t apply(From value) { return value != 0; }
};

template <class From, class To>
struct Fits {
  static uint8_t apply(From value) {
    if constexpr (std::is_integral_v<From> && std::is_integral_v<To>) {
      return std::in_range<To>(value);
    } else if constexpr (std::is_integral_v<To>) {
      // What truncates to the minimum fits too; where minimum - 1 is no float, there is nothing in between.
      constexpr auto kMinimum = static_cast<From>(std::numeric_limits<To>::min());
      constexpr From kBelow = kMinimum - 1;
      const bool low = kBelow < kMinimum ? value > kBelow : value >= kMinimum;
      return low & (value < upperLimit<To, From>());
    } else if constexpr (sizeof(To) < sizeof(From)) {
      // A finite f64 that rounds to an infinite f32 does not fit.
      const auto narrow = static_cast<To>(value);
      return (std::fabs(narrow) <= std::numeric_limits<To>::max()) |
             !(std::fabs(value) <= std::numeric_limits<From>::max());
    } else {
      return 1;
    }
  }
};

template <class From>
Kernel selectTarget(Lane to) {
  switch (to) {
    case Lane::Bool:
      return unary<From, uint8_t, NotZero<From>>;
    case Lane::I32:
      return unary<From, int32_t, Convert<From, int32_t>>;
    case Lane::U32:
      return unary<From, uint32_t, Convert<From, uint32_t>>;
    case Lane::I64:
      return unary<From, int64_t, Convert<From, int64_t>>;
    case Lane::U64:
      return unary<From, uint64_t, Convert<From, uint64_t>>;
    case Lane::F32:
      return unary<From, float, Convert<From, float>>;
    case Lane::F64:
      return unary<From, double, Convert<From, double>>;
    default:
      return nullptr;
  }
}

template <class From>
Kernel selectFits(Lane to) {
  switch (to) {
    case Lane::I8:
      return unary<From, uint8_t, Fits<From, int8_t>>;
    case Lane::U8:
      return unary<From, uint8_t, Fits<From, uint8_t>>;
    case Lane::I16:
      return unary<From, uint8_t, Fits<From, int16_t>>;
    case Lane::U16:
      return unary<From, uint8_t, Fits<From, uint16_t>>;
    case Lane::I32:
      return unary<From, uint8_t, Fits<From, int32_t>>;
    case Lane::U32:
      return unary<From, uint8_t, Fits<From, uint32_t>>;
    case Lane::I64:
      return unary<From, uint8_t, Fits<From, int64_t>>;
    case Lane::U64:
      return unary<From, uint8_t, Fits<From, uint64_t>>;
    case Lane::F32:
      return unary<From, uint8_t, Fits<From, float>>;
    case Lane::F64:
      return unary<From, uint8_t, Fits<From, double>>;
    default:
      return nullptr;
  }
}

template <class From>
Kernel select(const Instruction& instruction) {
  const auto to = static_cast<Lane>(instruction.b);
  return instruction.op == Op::Convert ? selectTarget<From>(to) : selectFits<From>(to);
}

}  // namespace

Kernel selectConvert(const Instruction& instruction) {
  if (instruction.op != Op::Convert && instruction.op != Op::Fits) return nullptr;
  switch (instruction.lane) {
    case Lane::Bool:
      return instruction.op == Op::Convert ? selectTarget<uint8_t>(static_cast<Lane>(instruction.b)) : nullptr;
    case Lane::I32:
      return select<int32_t>(instruction);
    case Lane::U32:
      return select<uint32_t>(instruction);
    case Lane::I64:
      return select<int64_t>(instruction);
    case Lane::U64:
      return select<uint64_t>(instruction);
    case Lane::F32:
      return select<float>(instruction);
    case Lane::F64:
      return select<double>(instruction);
    default:
      return nullptr;
  }
}

}  // namespace gdf::evaluate

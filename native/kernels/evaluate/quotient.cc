// The quotient of two 128-bit integers as a float, rounded once.
#include <algorithm>

#include "core/int128.h"
#include "kernels/evaluate/kernels.h"

namespace gdf::evaluate {
namespace {

int leadingZeros(uint128 value) {
  const auto high = static_cast<uint64_t>(value >> 64);
  return high != 0 ? __builtin_clzll(high) : 64 + __builtin_clzll(static_cast<uint64_t>(value));
}

/// significand / 2^63 * 2^exponent, top bit set, bit 0 also for all that is below it.
struct Rounded {
  uint64_t significand;
  int exponent;
};

/// floor(rest * 2^64 / divisor) for rest < divisor, whose top bit is set; `rest` becomes what is left. Knuth, algorithm
/// D.
uint64_t nextDigit(uint128& rest, uint128 divisor) {
  const auto high = static_cast<uint64_t>(divisor >> 64);
  const auto low = static_cast<uint64_t>(divisor);
  const uint128 most = ~uint64_t{0};
  uint128 digit = std::min(rest / high, most);
  uint128 left = rest - digit * high;
  while (left <= most && digit * low > left << 64) {
    --digit;
    left += high;
  }
  rest = (rest << 64) - digit * divisor;
  return static_cast<uint64_t>(digit);
}

/// Of positive values: their ratio is between 1/2 and 2 once both have their top bit set.
Rounded divide(uint128 a, uint128 b) {
  const int zerosOfA = leadingZeros(a);
  const int zerosOfB = leadingZeros(b);
  const uint128 divisor = b << zerosOfB;
  uint128 rest = a << zerosOfA;
  const bool hasWhole = rest >= divisor;
  if (hasWhole) rest -= divisor;
  const uint64_t digit = nextDigit(rest, divisor);
  const uint64_t sticky = rest != 0;
  const int exponent = zerosOfB - zerosOfA;
  if (!hasWhole) return {digit | sticky, exponent - 1};
  return {(digit >> 1) | (uint64_t{1} << 63) | (digit & 1) | sticky, exponent};
}

template <class Float>
Float rounded(const Rounded& quotient) {
  if constexpr (std::is_same_v<Float, double>) {
    // Far from both ends of the exponents: scaling is exact.
    return std::ldexp(static_cast<double>(quotient.significand), quotient.exponent - 63);
  } else {
    // To odd, then to nearest: 29 bits more than a float has make that one rounding, of subnormals too.
    const uint64_t odd = (quotient.significand & 0x7ff) != 0 ? 0x800 : 0;
    const auto wide = static_cast<double>((quotient.significand & ~uint64_t{0x7ff}) | odd);
    return static_cast<float>(std::ldexp(wide, quotient.exponent - 63));
  }
}

template <class Float>
struct Quotient {
  static Float apply(int128 a, int128 b) {
    // Integers that are floats: the processor's own division rounds once.
    constexpr int64_t kMost = int64_t{1} << std::numeric_limits<Float>::digits;
    const auto narrow = static_cast<int64_t>(a);
    const auto divisor = static_cast<int64_t>(b);
    if (a == 0 || b == 0) return 0;
    if (narrow == a && divisor == b && narrow >= -kMost && narrow <= kMost && divisor >= -kMost && divisor <= kMost) {
      return static_cast<Float>(narrow) / static_cast<Float>(divisor);
    }
    const Float ratio = rounded<Float>(divide(magnitude(a), magnitude(b)));
    return (a < 0) != (b < 0) ? -ratio : ratio;
  }
};

}  // namespace

Kernel selectQuotient(const Instruction& instruction) {
  if (instruction.op != Op::Quotient || instruction.lane != Lane::I128) return nullptr;
  switch (static_cast<Lane>(instruction.c)) {
    case Lane::F32:
      return binary<int128, float, Quotient<float>>;
    case Lane::F64:
      return binary<int128, double, Quotient<double>>;
    default:
      return nullptr;
  }
}

}  // namespace gdf::evaluate

// The quotient of two integers of 64 or 128 bits as a float, rounded once.
#include <algorithm>
#include <bit>

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

/// The same of 64 bits: one division instruction gives all of them.
Rounded divide(uint64_t a, uint64_t b) {
  const int zerosOfA = __builtin_clzll(a);
  const int zerosOfB = __builtin_clzll(b);
  const uint64_t divisor = b << zerosOfB;
  uint64_t rest = a << zerosOfA;
  const bool hasWhole = rest >= divisor;
  if (hasWhole) rest -= divisor;
  const uint128 scaled = static_cast<uint128>(rest) << 64;
  const auto digits = static_cast<uint64_t>(scaled / divisor);
  const auto sticky = static_cast<uint64_t>(digits * divisor != 0);
  const int exponent = zerosOfB - zerosOfA;
  if (!hasWhole) return {digits | sticky, exponent - 1};
  return {(digits >> 1) | (uint64_t{1} << 63) | (digits & 1) | sticky, exponent};
}

template <class T>
double wideQuotient(T a, T b) {
  const bool negative = (a < 0) != (b < 0);
  const auto sizeOf = [](T value) {
    return value < 0 ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  };
  const Rounded ratio = divide(sizeOf(a), sizeOf(b));
  const auto scale = std::bit_cast<double>(static_cast<uint64_t>(ratio.exponent - 63 + 1023) << 52);
  const double rounded = static_cast<double>(ratio.significand) * scale;
  return negative ? -rounded : rounded;
}

/// Up to 2^53 an integer is a double.
template <class T>
constexpr bool isWide(T value) {
  constexpr uint64_t kMost = uint64_t{1} << 53;
  if constexpr (std::is_signed_v<T>) return static_cast<uint64_t>(value) + kMost > 2 * kMost;
  return static_cast<uint64_t>(value) > kMost;
}

/// All rows are divided as doubles, which is right for almost all data and has no branches; a second loop then divides
/// the wide ones.
template <class T>
void quotients(const Instruction& instruction, Frame& frame) {
  const T* GDF_RESTRICT a = frame.in<T>(instruction.a);
  const T* GDF_RESTRICT b = frame.in<T>(instruction.b);
  double* GDF_RESTRICT out = frame.out<double>(instruction.target);
  const int64_t count = frame.count;
  uint64_t wide = 0;
  for (int64_t i = 0; i < count; ++i) {
    out[i] = canonicalNan(static_cast<double>(a[i]) / static_cast<double>(b[i]));
    wide |= static_cast<uint64_t>(isWide(a[i]) | isWide(b[i]));
  }
  if (wide == 0) return;
  for (int64_t i = 0; i < count; ++i) {
    if ((isWide(a[i]) | isWide(b[i])) && a[i] != 0 && b[i] != 0) out[i] = wideQuotient(a[i], b[i]);
  }
}

}  // namespace

Kernel selectQuotient(const Instruction& instruction) {
  if (instruction.op != Op::Quotient) return nullptr;
  if (instruction.lane == Lane::I64) return quotients<int64_t>;
  if (instruction.lane == Lane::U64) return quotients<uint64_t>;
  if (instruction.lane != Lane::I128) return nullptr;
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

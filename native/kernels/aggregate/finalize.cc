#include "kernels/aggregate/finalize.h"

#include <algorithm>

#include "core/int128.h"

namespace gdf::aggregate {
namespace {

constexpr uint64_t kExactInDouble = uint64_t{1} << 53;

/// Divides by 10^scale, rounding down; returns whether there was a remainder.
bool divideByPowerOfTen(Natural& number, int scale) {
  constexpr int kStep = 19;  // 10^19 < 2^64
  bool sticky = false;
  for (int rest = scale; rest > 0; rest -= kStep) {
    sticky |= number.divide(static_cast<uint64_t>(powerOfTen128(std::min(rest, kStep))));
  }
  return sticky;
}

/// At least log2(10^scale).
constexpr int bitsOfPowerOfTen(int scale) {
  return scale * 10 / 3 + 1;
}

}  // namespace

double Finalizer::mean(const SumState& state, size_t group, uint64_t count, int scale) {
  if (state.flagsOf(group) != 0) return valueOfFlags(state.flagsOf(group));
  const bool negative = sum_.setMagnitude(state.limbsOf(group), state.limbs());
  if (sum_.isZero()) return 0.0;
  const int low = state.format().lowExponent;
  const uint128 divisor = scale <= 18 ? count * powerOfTen128(scale) : ~uint128{0};
  if (low == 0 && sum_.bitLength() <= 53 && divisor <= kExactInDouble) {
    // Both are exact doubles, and the division rounds once.
    const double quotient = static_cast<double>(sum_.low()) / static_cast<double>(static_cast<uint64_t>(divisor));
    return negative ? -quotient : quotient;
  }
  // A quotient of at least 64 bits: what the remainder adds is below its last bit.
  const int wanted = 65 + static_cast<int>(std::bit_width(count)) + bitsOfPowerOfTen(scale);
  const int extend = std::max(0, wanted - sum_.bitLength());
  sum_.shiftLeft(extend);
  bool sticky = sum_.divide(count);
  sticky |= divideByPowerOfTen(sum_, scale);
  return roundNatural<double>(sum_, low - extend, sticky, negative);
}

}  // namespace gdf::aggregate

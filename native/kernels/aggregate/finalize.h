// From exact sums to the values of calls.
#pragma once

#include <cstdint>
#include <limits>

#include "kernels/aggregate/exact_ratio.h"
#include "kernels/aggregate/fixed_point.h"
#include "kernels/aggregate/rounding.h"
#include "kernels/aggregate/sum_state.h"

namespace gdf::aggregate {

inline constexpr double kQuietNaN = std::numeric_limits<double>::quiet_NaN();

/// What flags make of a sum: NaN of NaN or both infinities, otherwise that infinity.
inline double valueOfFlags(uint8_t flags) {
  if (flags == kPositiveInfinityFlag) return std::numeric_limits<double>::infinity();
  if (flags == kNegativeInfinityFlag) return -std::numeric_limits<double>::infinity();
  return kQuietNaN;
}

/// One thread's big numbers, kept between groups so that they allocate once.
class Finalizer {
 public:
  /// S * 2^low, rounded once.
  template <class Float>
  Float sum(const SumState& state, size_t group) {
    if (state.flagsOf(group) != 0) return static_cast<Float>(valueOfFlags(state.flagsOf(group)));
    const uint64_t* limbs = state.limbsOf(group);
    const int low = state.format().lowExponent;
    if (state.limbs() <= 2) {
      const auto [top, exponent, sticky, negative] = topOfSmall(limbs, state.limbs());
      return roundTop<Float>(top, exponent + low, sticky, negative);
    }
    const bool negative = sum_.setMagnitude(limbs, state.limbs());
    return roundNatural<Float>(sum_, low, false, negative);
  }

  /// S * 2^low / (count * 10^scale), rounded once. `count` is not 0.
  double mean(const SumState& state, size_t group, uint64_t count, int scale);

  /// Ratios of exact numbers.
  ExactRatio ratio;

 private:
  struct Top {
    uint64_t bits;
    int exponent;
    bool sticky;
    bool negative;
  };
  static Top topOfSmall(const uint64_t* limbs, int count) {
    const bool negative = (limbs[count - 1] >> 63) != 0;
    auto number = static_cast<unsigned __int128>(limbs[0]);
    number |= static_cast<unsigned __int128>(count == 2 ? limbs[1] : negative ? ~uint64_t{0} : 0) << 64;
    if (negative) number = -number;
    const auto high = static_cast<uint64_t>(number >> 64);
    const auto low = static_cast<uint64_t>(number);
    if (high == 0) {
      const int zeros = low == 0 ? 0 : std::countl_zero(low);
      return {low << zeros, -zeros, false, negative};
    }
    const int zeros = std::countl_zero(high);
    number <<= zeros;
    return {static_cast<uint64_t>(number >> 64), 64 - zeros, static_cast<uint64_t>(number) != 0, negative};
  }

  Natural sum_;
};

}  // namespace gdf::aggregate

// The exact sum of up to 4096 doubles in vector arithmetic, without knowing their exponents beforehand.
//
// With every |x| < 2^E, adding and subtracting 1.5 * 2^(E + 12) rounds x to a multiple of 2^(E - 40); what is left is
// exact and below 2^(E - 41). Two such steps cut x into three parts of 40 bits each,
//
//   x = high (multiple of 2^(E-40)) + middle (multiple of 2^(E-81)) + rest (multiple of the block's lowest bit)
//
// and 4096 = 2^12 parts of 40 bits add up in a double's 53 bits without rounding. The block must span at most 122 bits;
// 7 flops and two integer extremes a value, in the first-level cache: memory is the limit.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/vector.h"
#include "kernels/aggregate/fixed_point.h"

namespace gdf::aggregate {

struct BlockSum {
  double parts[3];  // the sum is theirs, exactly
  bool exact;       // false: the block spans too many bits, and the parts say nothing
};

/// The bounds of a block's exponents, zeros left out.
struct BlockRange {
  int high = 0;  // every |x| < 2^high; above 1024 there is a NaN or an infinity
  int low = 0;   // every x is a multiple of 2^low
  bool allZero = false;
};

inline BlockRange rangeOfBlock(const double* values, size_t count) {
  int64_t highest = 0;
  // Zeros wrap to the greatest unsigned number, and so do not count as the lowest.
  uint64_t lowest = ~uint64_t{0};
  for (size_t i = 0; i < count; ++i) {
    const uint64_t magnitude = std::bit_cast<uint64_t>(values[i]) & (~uint64_t{0} >> 1);
    highest = std::max(highest, static_cast<int64_t>(magnitude));
    lowest = std::min(lowest, magnitude - 1);
  }
  if (highest == 0) return {0, 0, true};
  const auto highField = static_cast<int>(highest >> 52);
  const auto lowField = std::max(1, static_cast<int>((lowest + 1) >> 52));
  return {highField - 1022, lowField - kUnitBias, false};
}

/// 1.5 * 2^exponent.
inline double roundingConstant(int exponent) {
  return std::bit_cast<double>(static_cast<uint64_t>(exponent + 1023) << 52 | uint64_t{1} << 51);
}

/// Whether blocks within these bounds can be cut into three parts.
inline bool isCuttable(const BlockRange& range) {
  constexpr int kReach = 122;
  return range.low >= range.high - kReach && range.high < 1000 && range.high > -900;
}

/// `range`: bounds of the block, as tight or loose as isCuttable allows.
inline BlockSum sumBlock(const double* values, size_t count, const BlockRange& range) {
  // Two vectors, because an addition takes 4 cycles.
  constexpr size_t kStep = 2 * kVectorLanes;
  if (range.allZero) return {{0, 0, 0}, true};
  if (!isCuttable(range)) return {{0, 0, 0}, false};
  const Doubles first = roundingConstant(range.high + 12) - Doubles{};
  const Doubles second = roundingConstant(range.high - 29) - Doubles{};
  Doubles high[2] = {};
  Doubles middle[2] = {};
  Doubles rest[2] = {};
  const auto add = [&](const double* from) {
    for (size_t half = 0; half < 2; ++half) {
      Doubles x;
      std::memcpy(&x, from + half * kVectorLanes, sizeof(x));
      const Doubles top = (x + first) - first;
      const Doubles below = x - top;
      const Doubles center = (below + second) - second;
      high[half] += top;
      middle[half] += center;
      rest[half] += below - center;
    }
  };
  size_t i = 0;
  for (; i + kStep <= count; i += kStep) add(values + i);
  if (i < count) {
    double padded[kStep] = {};
    std::copy(values + i, values + count, padded);
    add(padded);
  }
  BlockSum sum{{0, 0, 0}, true};
  for (size_t lane = 0; lane < kVectorLanes; ++lane) {
    sum.parts[0] += high[0][lane] + high[1][lane];
    sum.parts[1] += middle[0][lane] + middle[1][lane];
    sum.parts[2] += rest[0][lane] + rest[1][lane];
  }
  return sum;
}

/// x^2 = product + error, exactly, where x^2 neither overflows nor has bits below the lowest double.
inline void squareExactly(double x, double& product, double& error) {
  product = x * x;
#ifdef __FMA__
  error = __builtin_fma(x, x, -product);
#else
  // Veltkamp's split into halves of 26 bits, and Dekker's product.
  const double scaled = x * 134217729.0;
  const double upper = scaled - (scaled - x);
  const double lower = x - upper;
  error = ((upper * upper - product) + 2.0 * upper * lower) + lower * lower;
#endif
}

/// The exact sum of squares, as two block sums. `range` is that of rangeOfBlock: the values have all their 53 bits in
/// it.
inline bool sumSquares(const double* values, size_t count, const BlockRange& range, BlockSum& products,
                       BlockSum& errors) {
  constexpr size_t kRows = 4096;
  if (!range.allZero && (range.high > 490 || 2 * range.low < -1070)) return false;
  // A value is at least 2^(low + 52), so a product at least 2^(2 low + 104), with 53 bits; an error is half of its last
  // bit at most, and a multiple of 2^(2 low).
  const BlockRange ofProducts{2 * range.high, 2 * range.low + 52, range.allZero};
  const BlockRange ofErrors{2 * range.high - 53, 2 * range.low, range.allZero};
  double high[kRows];
  double low[kRows];
  for (size_t i = 0; i < count; ++i) squareExactly(values[i], high[i], low[i]);
  products = sumBlock(high, count, ofProducts);
  errors = sumBlock(low, count, ofErrors);
  return products.exact && errors.exact;
}

}  // namespace gdf::aggregate

// One rounding, to nearest, ties to even.
#pragma once

#include <bit>
#include <limits>

#include "kernels/aggregate/natural.h"
#include "kernels/aggregate/order.h"

namespace gdf::aggregate {

/// Rounds +-(top64 + fraction) * 2^exponent, where top64 has its highest bit set (or everything is zero) and fraction
/// is in [0, 1), not zero exactly where `sticky`. Zero is +0; what rounds to zero keeps its sign.
template <class Float>
Float roundTop(uint64_t top64, int exponent, bool sticky, bool negative) {
  using Bits = FloatBits<Float>;
  constexpr int kDigits = std::numeric_limits<Float>::digits;
  // The exponent of the lowest bit of subnormals.
  constexpr int kLowest = std::numeric_limits<Float>::min_exponent - kDigits;
  constexpr uint64_t kInfinityField = sizeof(Float) == 8 ? 2047 : 255;
  if (top64 == 0) return Float{0};
  int unit = exponent + 64 - kDigits;
  if (unit < kLowest) unit = kLowest;
  const int drop = unit - exponent;  // at least 64 - kDigits
  const Float zero = negative ? -Float{0} : Float{0};
  if (drop > 64) return zero;  // below half of the smallest subnormal
  uint64_t kept = drop == 64 ? 0 : top64 >> drop;
  const uint64_t half = uint64_t{1} << (drop - 1);
  const uint64_t rest = drop == 64 ? top64 : top64 & ((half << 1) - 1);
  if (rest > half || (rest == half && (sticky || (kept & 1) != 0))) kept += 1;
  if (kept == 0) return zero;
  // The implicit bit of `kept` adds one to the field, and a carry out of the fraction another: both are what is meant.
  const auto field = static_cast<uint64_t>(unit - kLowest);
  Bits bits = static_cast<Bits>(kInfinityField << (kDigits - 1));
  if (field + (kept >> (kDigits - 1)) < kInfinityField) bits = static_cast<Bits>((field << (kDigits - 1)) + kept);
  const Float magnitude = std::bit_cast<Float>(bits);
  return negative ? -magnitude : magnitude;
}

/// Rounds +-(number + fraction) * 2^exponent. With `sticky` the number should have 64 bits or more.
template <class Float>
Float roundNatural(const Natural& number, int exponent, bool sticky, bool negative) {
  const int drop = number.bitLength() - 64;
  return roundTop<Float>(number.bitsFrom(drop), exponent + drop, sticky || number.anyBelow(drop), negative);
}

/// The integer square root of a number below 2^126.
inline uint64_t squareRoot(unsigned __int128 square) {
  if (square == 0) return 0;
  auto root = static_cast<uint64_t>(__builtin_sqrt(static_cast<double>(square)));
  // The estimate has 52 good bits; a Newton step doubles them, and the loops correct the last unit.
  root = root == 0 ? 1 : root;
  root = static_cast<uint64_t>((root + square / root) / 2);
  while (static_cast<unsigned __int128>(root) * root > square) root -= 1;
  while (static_cast<unsigned __int128>(root + 1) * (root + 1) <= square) root += 1;
  return root;
}

}  // namespace gdf::aggregate

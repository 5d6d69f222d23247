// Order-preserving integers of values, as keys and extremes compare them: NaN is one value above all numbers, -0 is 0.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

namespace gdf::aggregate {

template <class Float>
using FloatBits = std::conditional_t<sizeof(Float) == 8, uint64_t, uint32_t>;

/// The bits of a float as a key: one NaN, one zero.
template <class Float>
inline FloatBits<Float> canonicalBits(Float value) {
  using Bits = FloatBits<Float>;
  constexpr Bits kNaN = sizeof(Float) == 8 ? static_cast<Bits>(0x7ff8000000000000u) : static_cast<Bits>(0x7fc00000u);
  const Bits bits = std::bit_cast<Bits>(value);
  constexpr Bits kMagnitude = static_cast<Bits>(~Bits{0}) >> 1;
  constexpr Bits kInfinity =
      sizeof(Float) == 8 ? static_cast<Bits>(0x7ff0000000000000u) : static_cast<Bits>(0x7f800000u);
  const Bits magnitude = bits & kMagnitude;
  const Bits number = magnitude == 0 ? Bits{0} : bits;
  return magnitude > kInfinity ? kNaN : number;
}

/// Signed integers in the order of the floats; its own inverse on the bits.
template <class Bits>
inline std::make_signed_t<Bits> flipNegative(Bits bits) {
  using Signed = std::make_signed_t<Bits>;
  const auto value = static_cast<Signed>(bits);
  constexpr int kSign = sizeof(Bits) * 8 - 1;
  return static_cast<Signed>(value ^ static_cast<Signed>(static_cast<Bits>(value >> kSign) >> 1));
}

/// The ordered form of any value: integers are their own.
template <class T>
inline auto toOrdered(T value) {
  if constexpr (std::is_floating_point_v<T>) {
    return flipNegative(canonicalBits(value));
  } else {
    return value;
  }
}

template <class T>
using Ordered = decltype(toOrdered(T{}));

template <class T>
inline T fromOrdered(Ordered<T> ordered) {
  if constexpr (std::is_floating_point_v<T>) {
    using Bits = FloatBits<T>;
    return std::bit_cast<T>(static_cast<Bits>(flipNegative(static_cast<Bits>(ordered))));
  } else {
    return ordered;
  }
}

}  // namespace gdf::aggregate

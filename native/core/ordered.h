// Order-preserving codes: values as unsigned numbers that compare as the values do in the order of keys. NaN is above
// every number and all NaNs are one; -0 is 0.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

namespace gdf {

template <class T>
constexpr uint64_t orderedCode(T value) {
  if constexpr (std::is_same_v<T, double>) {
    uint64_t bits = std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
    if (value != value) bits = 0x7ff8000000000000u;
    return bits ^ (static_cast<uint64_t>(static_cast<int64_t>(bits) >> 63) | 0x8000000000000000u);
  } else if constexpr (std::is_same_v<T, float>) {
    uint32_t bits = std::bit_cast<uint32_t>(value == 0 ? 0.0f : value);
    if (value != value) bits = 0x7fc00000u;
    return bits ^ (static_cast<uint32_t>(static_cast<int32_t>(bits) >> 31) | 0x80000000u);
  } else if constexpr (std::is_signed_v<T>) {
    return static_cast<uint64_t>(int64_t{value}) ^ 0x8000000000000000u;
  } else {
    return value;
  }
}

}  // namespace gdf

// 128-bit integers: the unscaled values of decimals. Columns hold them at any multiple of 4 bytes, so that they are
// read by copying: a plain pointer would promise the compiler 16.
#pragma once

#include <cstdint>
#include <cstring>

namespace gdf {

using int128 = __int128;
using uint128 = unsigned __int128;

inline constexpr uint128 kMax128 = ~uint128{0} >> 1;
inline constexpr int128 kMin128 = -static_cast<int128>(kMax128) - 1;

inline int128 loadInt128(const void* values, int64_t row) {
  int128 value;
  std::memcpy(&value, static_cast<const uint8_t*>(values) + row * 16, sizeof value);
  return value;
}

inline uint64_t lowHalf(int128 value) {
  return static_cast<uint64_t>(value);
}
inline int64_t highHalf(int128 value) {
  return static_cast<int64_t>(value >> 64);
}

inline uint128 magnitude(int128 value) {
  return value < 0 ? uint128{0} - static_cast<uint128>(value) : static_cast<uint128>(value);
}

/// 10^exponent, for 0 .. 38.
inline uint128 powerOfTen128(int exponent) {
  uint128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

}  // namespace gdf

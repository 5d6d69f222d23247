// Bounds of a column's values, gathered right after a column of a region was decoded, while it is in the cache.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

namespace gdf::csv {

/// See ColumnStatistics of src/column/statistics.ts. Empty bounds have min > max.
struct Statistics {
  int64_t min = INT64_MAX;
  int64_t max = INT64_MIN;
  uint64_t unsignedMin = UINT64_MAX;
  uint64_t unsignedMax = 0;
  double floatMin = std::numeric_limits<double>::infinity();
  double floatMax = -std::numeric_limits<double>::infinity();
  int lowExponent = INT32_MAX;
  int highExponent = INT32_MIN;
  bool specials = false;

  void merge(const Statistics& other) {
    min = std::min(min, other.min);
    max = std::max(max, other.max);
    unsignedMin = std::min(unsignedMin, other.unsignedMin);
    unsignedMax = std::max(unsignedMax, other.unsignedMax);
    floatMin = std::min(floatMin, other.floatMin);
    floatMax = std::max(floatMax, other.floatMax);
    lowExponent = std::min(lowExponent, other.lowExponent);
    highExponent = std::max(highExponent, other.highExponent);
    specials |= other.specials;
  }
};

/// Every finite double is a multiple of 2^low and its magnitude is below 2^high.
/// Branch-free over the bits, so that the loop can be vectorised; zeros count as nothing.
inline void addExponents(const double* values, size_t count, Statistics& statistics) {
  int64_t low = INT32_MAX;
  int64_t high = INT32_MIN;
  uint64_t specials = 0;
  double least = statistics.floatMin;
  double most = statistics.floatMax;
  for (size_t i = 0; i < count; ++i) {
    const double value = values[i];
    const auto bits = std::bit_cast<uint64_t>(value);
    const uint64_t field = (bits >> 52) & 0x7FF;
    const uint64_t fraction = bits & ((uint64_t{1} << 52) - 1);
    const uint64_t mantissa = field == 0 ? fraction : fraction | (uint64_t{1} << 52);
    // Exponent of the unit in the last place; the lowest set bit stands above it.
    const int64_t unit = static_cast<int64_t>(field == 0 ? 1 : field) - 1075;
    const uint64_t lowest = mantissa & (~mantissa + 1);
    const int64_t zeros = 63 - std::countl_zero(lowest | 1);
    const bool counts = field != 0x7FF && mantissa != 0;
    specials |= field == 0x7FF ? 1 : 0;
    const int64_t valueLow = counts ? unit + zeros : INT32_MAX;
    const int64_t valueHigh = counts ? unit + 53 : INT32_MIN;
    low = valueLow < low ? valueLow : low;
    high = valueHigh > high ? valueHigh : high;
    least = value < least ? value : least;
    most = value > most ? value : most;
  }
  statistics.lowExponent = std::min(statistics.lowExponent, static_cast<int>(low));
  statistics.highExponent = std::max(statistics.highExponent, static_cast<int>(high));
  statistics.specials |= specials != 0;
  statistics.floatMin = least;
  statistics.floatMax = most;
}

template <class T>
void addBounds(const T* values, size_t count, Statistics& statistics) {
  if constexpr (std::is_same_v<T, double>) {
    addExponents(values, count, statistics);
  } else if constexpr (std::is_same_v<T, float>) {
    for (size_t i = 0; i < count; ++i) {
      const double wide = values[i];
      addExponents(&wide, 1, statistics);
    }
  } else {
    if (count == 0) return;
    T least = values[0];
    T most = values[0];
    for (size_t i = 1; i < count; ++i) {
      least = values[i] < least ? values[i] : least;
      most = values[i] > most ? values[i] : most;
    }
    if constexpr (sizeof(T) > 8) {
      // Decimals have no statistics: their bounds may have more than 64 bits.
      return;
    } else if constexpr (std::is_unsigned_v<T>) {
      statistics.unsignedMin = std::min<uint64_t>(statistics.unsignedMin, least);
      statistics.unsignedMax = std::max<uint64_t>(statistics.unsignedMax, most);
    } else {
      statistics.min = std::min<int64_t>(statistics.min, least);
      statistics.max = std::max<int64_t>(statistics.max, most);
    }
  }
}

/// `valid`: bits of the region, row `at` is the first value's; null: all are valid.
template <class T>
void addStatistics(const T* values, size_t count, const std::vector<uint64_t>* valid, size_t at,
                   Statistics& statistics) {
  if (valid == nullptr) return addBounds(values, count, statistics);
  for (size_t i = 0; i < count; ++i) {
    const size_t row = at + i;
    if (((*valid)[row / 64] >> (row % 64)) & 1) addBounds(values + i, 1, statistics);
  }
}

}  // namespace gdf::csv

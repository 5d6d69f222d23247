#include "kernels/exponent_range/exponent_range.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "core/bitmap.h"
#include "core/error.h"
#include "core/int128.h"
#include "core/morsel.h"

namespace gdf {
namespace {

constexpr uint64_t kMagnitude = ~uint64_t{0} >> 1;
constexpr uint64_t kInfinity = 0x7ff0000000000000u;
constexpr uint64_t kFraction = (uint64_t{1} << 52) - 1;

/// Bits of positive doubles order like the doubles: the extremes are kept as integers, which vectorises.
struct Extremes {
  int64_t lowestUnit = static_cast<int64_t>(kInfinity);  // the smallest lowest set bit, as a double's bits
  int64_t highest = 0;                                   // the largest finite magnitude
  bool hasSpecials = false;

  void merge(const Extremes& other) {
    lowestUnit = std::min(lowestUnit, other.lowestUnit);
    highest = std::max(highest, other.highest);
    hasSpecials |= other.hasSpecials;
  }
};

/// `valid`: a byte a row, or null.
template <class Float>
Extremes scan(const Float* values, const uint8_t* valid, int64_t count) {
  Extremes found;
  int64_t specials = 0;
  int64_t lowest = found.lowestUnit;
  int64_t highest = 0;
  for (int64_t i = 0; i < count; ++i) {
    uint64_t bits = std::bit_cast<uint64_t>(static_cast<double>(values[i])) & kMagnitude;
    if (valid != nullptr) bits = valid[i] != 0 ? bits : 0;
    const int64_t special = bits >= kInfinity ? 1 : 0;
    specials |= special;
    bits = special != 0 ? 0 : bits;
    // The value without its lowest fraction bit; the difference is that bit, exactly. A power of two has no such bit.
    const double rest = std::bit_cast<double>(bits & (bits - 1));
    const double unit = std::bit_cast<double>(bits) - rest;
    const uint64_t unitBits = (bits & kFraction) != 0 ? std::bit_cast<uint64_t>(unit) : bits;
    lowest = std::min(lowest, static_cast<int64_t>(bits != 0 ? unitBits : kInfinity));
    highest = std::max(highest, static_cast<int64_t>(bits));
  }
  found.lowestUnit = lowest;
  found.highest = highest;
  found.hasSpecials = specials != 0;
  return found;
}

template <class Float>
Extremes scanColumn(const ColumnView& column, Context context) {
  constexpr int64_t kRows = 2048;
  std::vector<Extremes> lanes(static_cast<size_t>(context.threads));
  const bool nullable = column.validity != nullptr && column.nullCount != 0;
  forMorsels(context, column.length, [&](int64_t begin, int64_t end, int64_t, int lane) {
    uint8_t valid[kRows];
    for (int64_t start = begin; start < end; start += kRows) {
      const int64_t count = std::min(kRows, end - start);
      if (nullable) expandBits(column.validity, start, count, valid);
      const auto* values = column.as<Float>() + start;
      lanes[static_cast<size_t>(lane)].merge(scan(values, nullable ? valid : nullptr, count));
    }
  });
  Extremes all;
  for (const Extremes& lane : lanes) all.merge(lane);
  return all;
}

/// floor(log2) of a positive double.
int exponentOf(int64_t bits) {
  const auto field = static_cast<int>(bits >> 52);
  if (field != 0) return field - 1023;
  return 63 - std::countl_zero(static_cast<uint64_t>(bits)) - 1074;
}

ExponentRange ofFloats(const Extremes& found) {
  if (found.highest == 0) return {0, 0, found.hasSpecials};
  return {exponentOf(found.lowestUnit), exponentOf(found.highest) + 1, found.hasSpecials};
}

template <class T>
int magnitudeBits(const ColumnView& column, Context context) {
  std::vector<uint64_t> lanes(static_cast<size_t>(context.threads), 0);
  const auto* values = column.as<T>();
  forMorsels(context, column.length, [&](int64_t begin, int64_t end, int64_t, int lane) {
    uint64_t all = 0;
    for (int64_t row = begin; row < end; ++row) {
      const T value = values[row];
      const uint64_t magnitude =
          value < T{0} ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
      all |= column.isValid(row) ? magnitude : 0;
    }
    lanes[static_cast<size_t>(lane)] |= all;
  });
  uint64_t all = 0;
  for (const uint64_t lane : lanes) all |= lane;
  return std::bit_width(all);
}

int magnitudeBits128(const ColumnView& column, Context context) {
  std::vector<uint128> lanes(static_cast<size_t>(context.threads), 0);
  forMorsels(context, column.length, [&](int64_t begin, int64_t end, int64_t, int lane) {
    uint128 all = 0;
    for (int64_t row = begin; row < end; ++row) {
      if (column.isValid(row)) all |= magnitude(loadInt128(column.values, row));
    }
    lanes[static_cast<size_t>(lane)] |= all;
  });
  uint128 all = 0;
  for (const uint128 lane : lanes) all |= lane;
  const auto high = static_cast<uint64_t>(all >> 64);
  return high == 0 ? std::bit_width(static_cast<uint64_t>(all)) : 64 + std::bit_width(high);
}

}  // namespace

ExponentRange exponentRange(const ColumnView& column, Context context) {
  switch (column.storage) {
    case Storage::F64:
      return ofFloats(scanColumn<double>(column, context));
    case Storage::F32:
      return ofFloats(scanColumn<float>(column, context));
    case Storage::I8:
      return {0, magnitudeBits<int8_t>(column, context), false};
    case Storage::U8:
      return {0, magnitudeBits<uint8_t>(column, context), false};
    case Storage::I16:
      return {0, magnitudeBits<int16_t>(column, context), false};
    case Storage::U16:
      return {0, magnitudeBits<uint16_t>(column, context), false};
    case Storage::I32:
      return {0, magnitudeBits<int32_t>(column, context), false};
    case Storage::U32:
      return {0, magnitudeBits<uint32_t>(column, context), false};
    case Storage::I64:
      return {0, magnitudeBits<int64_t>(column, context), false};
    case Storage::U64:
      return {0, magnitudeBits<uint64_t>(column, context), false};
    case Storage::I128:
      return {0, magnitudeBits128(column, context), false};
    default:
      throw KernelError("NOT_SUPPORTED", "exponentRange: not a column of numbers");
  }
}

}  // namespace gdf

#include <algorithm>
#include <atomic>
#include <cmath>

#include "core/int128.h"
#include "kernels/aggregate/group_values.h"
#include "kernels/aggregate/rounding.h"
#include "kernels/aggregate/storage_type.h"

namespace gdf::aggregate {
namespace {

/// Which of n sorted values a quantile reads, and its share of the way between them in units of 2^-64.
struct Place {
  size_t low;
  size_t high;
  uint64_t share;
};

Place placeOf(size_t count, const Call& call) {
  const double h = static_cast<double>(count - 1) * call.q;
  const double floor = std::floor(h);
  const double fraction = h - floor;
  const auto low = std::min(static_cast<size_t>(floor), count - 1);
  const size_t high = std::min(low + (fraction > 0 ? 1 : 0), count - 1);
  // nearbyint rounds halves to even.
  const auto nearest = std::min(static_cast<size_t>(std::nearbyint(h)), count - 1);
  switch (call.interpolation) {
    case Interpolation::Lower:
      return {low, low, 0};
    case Interpolation::Higher:
      return {high, high, 0};
    case Interpolation::Nearest:
      return {nearest, nearest, 0};
    case Interpolation::Midpoint:
      return {low, high, fraction > 0 ? uint64_t{1} << 63 : 0};
    default:
      return {low, high, static_cast<uint64_t>(fraction * 0x1p64)};
  }
}

/// magnitude * 2^exponent with a sign.
struct Term {
  uint128 magnitude;
  int exponent;
  bool negative;
};

double roundTerm(const Term& term) {
  if (term.magnitude == 0) return 0;
  const auto high = static_cast<uint64_t>(term.magnitude >> 64);
  const int zeros = high != 0 ? __builtin_clzll(high) : 64 + __builtin_clzll(static_cast<uint64_t>(term.magnitude));
  const uint128 top = term.magnitude << zeros;
  return roundTop<double>(static_cast<uint64_t>(top >> 64), term.exponent + 64 - zeros, static_cast<uint64_t>(top) != 0,
                          term.negative);
}

/// low * (2^64 - share) + high * share fits 128 bits, as what lies between low and high fits 64.
double between(int64_t low, int64_t high, uint64_t share) {
  const int128 sum =
      static_cast<int128>(static_cast<uint128>(low) * (uint64_t{0} - share) + static_cast<uint128>(high) * share);
  return roundTerm({magnitude(sum), -64, sum < 0});
}

double between(uint64_t low, uint64_t high, uint64_t share) {
  return roundTerm(
      {static_cast<uint128>(low) * (uint64_t{0} - share) + static_cast<uint128>(high) * share, -64, false});
}

/// value * weight / 2^64 with its top bit, if any, at bit 126: the sum of two has room, and 9 bits or more below are
/// zero.
Term weighted(double value, uint64_t weight) {
  int exponent = 0;
  const double fraction = std::frexp(std::fabs(value), &exponent);
  uint128 product = static_cast<uint128>(static_cast<uint64_t>(fraction * 0x1p53)) * weight;
  if (product == 0) return {0, 0, false};
  const auto high = static_cast<uint64_t>(product >> 64);
  const int shift = (high != 0 ? __builtin_clzll(high) : 64 + __builtin_clzll(static_cast<uint64_t>(product))) - 1;
  return {product << shift, exponent - 117 - shift, std::signbit(value)};
}

/// The exact sum, but for a bit 0 that stands for all that is shifted out of the smaller term: rounding does not see
/// it.
Term add(Term a, Term b) {
  if (a.magnitude == 0) return b;
  if (b.magnitude == 0) return a;
  if (a.exponent < b.exponent || (a.exponent == b.exponent && a.magnitude < b.magnitude)) std::swap(a, b);
  const int distance = a.exponent - b.exponent;
  uint128 smaller = distance > 127 ? 0 : b.magnitude >> distance;
  if (distance > 127 || smaller << distance != b.magnitude) smaller |= 1;
  a.magnitude += a.negative == b.negative ? smaller : uint128{0} - smaller;
  return a;
}

double between(double low, double high, uint64_t share) {
  if (!std::isfinite(low) || !std::isfinite(high)) return std::bit_cast<double>(canonicalBits(low + high));
  return roundTerm(add(weighted(low, uint64_t{0} - share), weighted(high, share)));
}

/// The widest type of the values' kind.
template <class T>
using Wide =
    std::conditional_t<std::is_floating_point_v<T>, double, std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>>;

template <class T>
double quantileOf(Ordered<T>* values, size_t count, const Call& call) {
  const Place place = placeOf(count, call);
  std::nth_element(values, values + place.low, values + count);
  const Ordered<T> low = values[place.low];
  const auto atLow = static_cast<Wide<T>>(fromOrdered<T>(low));
  if (place.high == place.low || place.share == 0) return static_cast<double>(atLow);
  const Ordered<T> high = *std::min_element(values + place.high, values + count);
  if (high == low) return static_cast<double>(atLow);
  return between(atLow, static_cast<Wide<T>>(fromOrdered<T>(high)), place.share);
}

template <class T>
std::vector<OwnedColumn> quantilesOf(const EmitContext& context, const std::vector<Call>& calls,
                                     const RowPositions& rowPositions) {
  constexpr size_t kTaskGroups = 64;
  const size_t groups = context.groupCount();
  const ColumnView& column = context.columns[static_cast<size_t>(calls[0].column)];
  auto grouped = ValueGrouper<T>(column, rowPositions, groups, context.context).run();
  std::vector<ColumnOutput> outputs;
  for (size_t i = 0; i < calls.size(); ++i) outputs.emplace_back(Storage::F64, 8, groups, true);
  context.context.parallelFor((groups + kTaskGroups - 1) / kTaskGroups, [&](size_t task, int) {
    for (size_t group = task * kTaskGroups; group < std::min(groups, (task + 1) * kTaskGroups); ++group) {
      const size_t count = grouped.offsets[group + 1] - grouped.offsets[group];
      for (size_t i = 0; i < calls.size(); ++i) {
        double& value = outputs[i].values<double>()[group];
        value = 0;
        if (count == 0)
          outputs[i].setNull(group);
        else
          value = quantileOf<T>(grouped.values.data() + grouped.offsets[group], count, calls[i]);
      }
    }
  });
  std::vector<OwnedColumn> columns;
  for (ColumnOutput& output : outputs) columns.push_back(output.finish());
  return columns;
}

}  // namespace

std::vector<OwnedColumn> quantiles(const EmitContext& context, const std::vector<Call>& calls,
                                   const RowPositions& rowPositions) {
  const Storage storage = context.columns[static_cast<size_t>(calls[0].column)].storage;
  if (storage == Storage::Bool || isStringStorage(storage)) {
    throw KernelError("NOT_SUPPORTED", "quantile: not a column of numbers");
  }
  return visitStorage(storage,
                      [&]<class T>(std::type_identity<T>) { return quantilesOf<T>(context, calls, rowPositions); });
}

}  // namespace gdf::aggregate

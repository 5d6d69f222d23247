#include <algorithm>
#include <atomic>
#include <cmath>

#include "kernels/aggregate/group_values.h"
#include "kernels/aggregate/storage_type.h"

namespace gdf::aggregate {
namespace {

/// Which of n sorted values a quantile reads.
struct Place {
  size_t low;
  size_t high;
  double fraction;
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
      return {low, high, fraction > 0 ? 0.5 : 0};
    default:
      return {low, high, fraction};
  }
}

template <class T>
double quantileOf(Ordered<T>* values, size_t count, const Call& call) {
  const Place place = placeOf(count, call);
  std::nth_element(values, values + place.low, values + count);
  const auto low = static_cast<double>(fromOrdered<T>(values[place.low]));
  if (place.high == place.low || place.fraction == 0) return low;
  const auto high = static_cast<double>(fromOrdered<T>(*std::min_element(values + place.high, values + count)));
  if (high == low || (std::isnan(low) && std::isnan(high))) return low;
  return low + (high - low) * place.fraction;
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

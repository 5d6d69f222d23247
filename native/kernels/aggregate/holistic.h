// Calls that need all values of a group at once: quantile, nUnique, mode, argExtreme.
#pragma once

#include <vector>

#include "kernels/aggregate/emit.h"

namespace gdf::aggregate {

/// Every row's group of the result, or kNoPosition.
using RowPositions = std::vector<uint32_t>;

/// The values of one column, group by group.
///
///   offsets | 0 | end of group 0 | end of group 1 | ...        values | group 0's | group 1's | ...
///
/// Values are in the order-preserving form (order.h); nulls and rows without group are left out.
template <class Key>
struct GroupedValues {
  std::vector<uint64_t> offsets;
  std::vector<Key> values;
};

/// The quantile calls `calls`, which share one column.
std::vector<OwnedColumn> quantiles(const EmitContext& context, const std::vector<Call>& calls,
                                   const RowPositions& rowPositions);

OwnedColumn modes(const EmitContext& context, const Call& call, const RowPositions& rowPositions);
OwnedColumn placesOfExtremes(const EmitContext& context, const Call& call, const RowPositions& rowPositions);

OwnedColumn countDistinct(const EmitContext& context, const Call& call, const RowPositions& rowPositions);

}  // namespace gdf::aggregate

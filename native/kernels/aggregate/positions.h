// The order of the result: groups by the smallest row number that they have.
#pragma once

#include <vector>

#include "core/pooled.h"
#include "kernels/aggregate/grouping.h"

namespace gdf::aggregate {

struct Placement {
  Pooled<uint32_t> order;  // first row of each group of the result, ascending
  Positions positions;     // the result's row of each part's groups
};

/// `dropped` says, where it is set, whether the group that starts at a row is left out.
Placement placeGroups(const Grouping& grouping, int64_t rowCount, const std::function<bool(uint32_t row)>& dropped,
                      Context context);

}  // namespace gdf::aggregate

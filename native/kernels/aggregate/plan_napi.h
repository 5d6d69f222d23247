// Plans as src/device/cpu/aggregate.ts writes them.
#pragma once

#include <napi.h>

#include <vector>

#include "kernels/aggregate/plan.h"

namespace gdf::aggregate {

/// Reads the plan that src/device/cpu/aggregate.ts writes, and checks every index against `columns`.
Plan toPlan(const Napi::Object& object, const std::vector<ColumnView>& columns);

/// The statistics of columns, one a column, as far as JavaScript knows them.
std::vector<Bounds> toBounds(const Napi::Value& list, const std::vector<ColumnView>& columns);

}  // namespace gdf::aggregate

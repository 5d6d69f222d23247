// Plans as src/device/cpu/operations/aggregate_plan.ts writes them: NativeAggregate in src/device/cpu/native_addon.ts.
#pragma once

#include <napi.h>

#include <vector>

#include "kernels/aggregate/plan.h"

namespace gdf::aggregate {

/// Reads a plan, and checks every index against `columns`.
Plan toPlan(const Napi::Object& object, const std::vector<ColumnView>& columns);

/// The statistics of columns, one a column, as far as JavaScript knows them: NativeBounds.
std::vector<Bounds> toBounds(const Napi::Object& object, const std::vector<ColumnView>& columns);

}  // namespace gdf::aggregate

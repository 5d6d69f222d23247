// Groups rows and folds each group; see kernels/aggregate/README.md.
#pragma once

#include "core/thread_pool.h"
#include "kernels/aggregate/plan.h"

namespace gdf::aggregate {

struct Aggregated {
  std::vector<OwnedColumn> columns;  // keys, then calls (phase partial: states)
  int64_t rowCount = 0;
};

/// Throws KernelError: INTEGER_OVERFLOW (site: the call), MEMORY_BUDGET, NOT_SUPPORTED.
Aggregated aggregate(const Plan& plan, const std::vector<ColumnView>& columns, int64_t rowCount, Context context);

}  // namespace gdf::aggregate

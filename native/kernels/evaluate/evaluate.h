// Runs a program over one batch. Contract: kernels/evaluate/README.md; algorithm: README.md of this folder.
#pragma once

#include <vector>

#include "core/column.h"
#include "core/thread_pool.h"
#include "kernels/evaluate/program.h"

namespace gdf::evaluate {

struct Result {
  std::vector<OwnedColumn> columns;
  int64_t rowCount = 0;
};

/// Throws KernelError("CHECK_FAILED") with row and site.
Result evaluate(const Program& program, const std::vector<ColumnView>& columns, int64_t rowCount, Context context);

}  // namespace gdf::evaluate

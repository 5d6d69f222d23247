// The first or last rows of each group. Contract and algorithm: kernels/group_rows/README.md.
#pragma once

#include <cstdint>
#include <vector>

#include "core/buffer.h"
#include "core/column.h"
#include "core/thread_pool.h"
#include "kernels/aggregate/plan.h"
#include "kernels/sort/keys.h"

namespace gdf::group_rows {

struct Request {
  std::vector<int> keys;
  std::vector<sort::SortKey> order;
  int64_t count = 0;
  bool last = false;
  bool dropNullKeys = false;
  std::vector<aggregate::Bounds> bounds;  // one a column
};

/// The numbers (u32) of the rows that stay, ascending.
BufferPtr keptRows(const std::vector<ColumnView>& columns, int64_t rowCount, const Request& request, Context context);

}  // namespace gdf::group_rows

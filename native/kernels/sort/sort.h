// Sorts rows by keys. Contract: kernels/sort/README.md; algorithm: README.md of this folder.
#pragma once

#include <cstdint>
#include <vector>

#include "core/buffer.h"
#include "core/column.h"
#include "core/thread_pool.h"
#include "kernels/sort/keys.h"

namespace gdf::sort {

/// The row numbers in sorted order (u32); with a limit >= 0 only the first so many. Plain columns cannot be keys.
BufferPtr sortedRows(const std::vector<ColumnView>& columns, int64_t rowCount, const std::vector<SortKey>& keys,
                     int64_t limit, Context context);

}  // namespace gdf::sort

// Gathers rows of columns by row number: how sort, join and aggregate make their results. See README.md.
#pragma once

#include <cstdint>
#include <vector>

#include "core/column.h"
#include "core/thread_pool.h"

namespace gdf {

/// Stands for "no row": the result is null there.
inline constexpr uint32_t kNoRow = 0xffffffffu;

struct RowNumbers {
  const uint32_t* rows = nullptr;
  int64_t count = 0;
  /// Whether kNoRow may occur.
  bool mayMiss = false;
};

/// Row i of the result is row rows[i] of the column. A dictionary column gives its codes alone (storage U32): the
/// dictionary stays the source's. Throws KernelError("MEMORY_BUDGET"), also for 2 GiB of plain text or more.
OwnedColumn gather(const ColumnView& column, const RowNumbers& rows, Context context);
std::vector<OwnedColumn> gather(const std::vector<ColumnView>& columns, const RowNumbers& rows, Context context);

}  // namespace gdf

// Joins two batches. Contract: kernels/join/README.md; algorithm: README.md of this folder.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "core/buffer.h"
#include "core/column.h"
#include "core/thread_pool.h"

namespace gdf::join {

enum class How : uint8_t { Inner, Left, Right, Full, Semi, Anti };

struct Side {
  std::vector<ColumnView> keys;
  int64_t rowCount = 0;
};

struct Spec {
  How how = How::Inner;
  bool nullEquals = false;
  bool buildRight = true;
  int64_t mostRows = std::numeric_limits<int64_t>::max();
};

/// The rows of the result as pairs of row numbers; kNoRow stands for a row of nulls.
struct Matches {
  int64_t count = 0;
  BufferPtr left;   // empty: row i of the result is row i of the left side
  BufferPtr right;  // empty for semi and anti
  bool leftMayMiss = false;
  bool rightMayMiss = false;
};

/// Throws KernelError("JOIN_ROWS") for more than `mostRows` pairs where keys repeat, and ("MEMORY_BUDGET") for more
/// than 2^31 - 1 rows, before they are made. Plain columns cannot be keys.
Matches match(const Side& left, const Side& right, const Spec& spec, Context context);

}  // namespace gdf::join

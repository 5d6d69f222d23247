// Exponent bounds of a float column; see kernels/exponent_range/README.md.
#pragma once

#include "core/column.h"
#include "core/thread_pool.h"

namespace gdf {

/// Every finite value is an integer multiple of 2^low and smaller than 2^high in magnitude.
struct ExponentRange {
  int low = 0;
  int high = 0;
  bool hasSpecials = false;  // NaN or infinities
};

/// Of an integer or float column, nulls left out. Both bounds are 0 where no finite value but zero is.
ExponentRange exponentRange(const ColumnView& column, Context context);

}  // namespace gdf

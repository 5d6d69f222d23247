// One column from its parts. Contract: kernels/concat/README.md.
#pragma once

#include <cstdint>
#include <vector>

#include "core/column.h"
#include "core/thread_pool.h"

namespace gdf::concat {

/// The new code of every code of one part's dictionary.
struct Remap {
  const uint32_t* codes = nullptr;
  int64_t size = 0;
};

/// The parts have one storage. `remaps`: one a part, for dictionary parts of different dictionaries; empty: codes stay.
/// A dictionary column gives its codes alone (storage U32).
OwnedColumn concat(const std::vector<ColumnView>& parts, const std::vector<Remap>& remaps, Context context);

}  // namespace gdf::concat

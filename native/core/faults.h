// What tests make go wrong. Off otherwise, at the cost of one load a check.
#pragma once

#include <cstdint>

namespace gdf {

/// The `check`-th look at a cancellation from now on finds its call cancelled. 0: none.
void cancelAtCheck(int64_t check);

}  // namespace gdf

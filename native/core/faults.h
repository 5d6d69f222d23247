// What tests make go wrong. Off otherwise, at the cost of one load a check.
#pragma once

#include <cstdint>

namespace gdf {

/// The `check`-th look at a cancellation from now on finds its call cancelled. 0: none.
void cancelAtCheck(int64_t check);

/// Of the addon's allocations from now on, on all threads, `count` fail from the `first`-th on. 0: none. Gives how many
/// have failed since the last call.
int64_t failAllocations(int64_t first, int64_t count);

/// Asked before every allocation: must this one fail?
bool isAllocationToFail();

}  // namespace gdf

// What an addition at a random place costs, which sizes of caches do not tell.
#pragma once

#include <cstddef>

namespace gdf {

/// Nanoseconds an addition, of many that do not wait for each other, anywhere in kRandomAccessBytes. Measured once a
/// process, by whoever asks first, in some 2 ms.
double randomAccessCost();

constexpr size_t kRandomAccessBytes = size_t{8} << 20;

}  // namespace gdf

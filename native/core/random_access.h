// What an addition at a random place costs: processors of one cache size differ in it by a factor of ten.
#pragma once

#include <cstddef>

namespace gdf {

/// Nanoseconds an addition, of many that do not wait for each other, anywhere in kRandomAccessBytes. Measured once a
/// process, by whoever asks first, in some 3 ms.
double randomAccessCost();

constexpr size_t kRandomAccessBytes = size_t{8} << 20;

}  // namespace gdf

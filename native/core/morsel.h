// Morsels: the runs of rows that threads take one after the other. A multiple of 64, so that the words of a bitmap over
// the same rows belong to one morsel.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/thread_pool.h"

namespace gdf {

inline constexpr int64_t kMorselRows = 32768;

constexpr int64_t morselCount(int64_t rows, int64_t morselRows = kMorselRows) {
  return (rows + morselRows - 1) / morselRows;
}

/// body(begin, end, morsel, lane) for all morsels of [0, rows).
template <class Body>
void forMorsels(Context context, int64_t rows, const Body& body, int64_t morselRows = kMorselRows) {
  context.parallelFor(static_cast<size_t>(morselCount(rows, morselRows)), [&](size_t morsel, int lane) {
    const auto begin = static_cast<int64_t>(morsel) * morselRows;
    body(begin, std::min(rows, begin + morselRows), static_cast<int64_t>(morsel), lane);
  });
}

}  // namespace gdf

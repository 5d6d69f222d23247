// Rows into the accumulators of their groups. Accumulators that the second-level cache does not keep are asked for
// some rows ahead: a processor looks ahead a few rows of a long addition by itself, and waits for the third level in
// between.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/pooled.h"

namespace gdf::aggregate {

/// Below, asking costs more than it saves: partitions of a radix grouping keep to this much for all folds together.
inline constexpr size_t kFetchedBytes = size_t{1} << 18;
/// 1e7 rows, 262,144 groups of 32 bytes, ns a row of both threads: without 15.9, with 8 rows 16.9, 16 rows 13.6, 32
/// rows 12.0, 48 rows 10.4, 64 rows 10.3.
inline constexpr size_t kRowsAhead = 64;

/// add(i) for i in [0, count), each of which changes accumulators[Width * groups[i]]. `groups` has `known` entries, at
/// least `count`.
template <size_t Width = 1, class Word, class Add>
inline void addRows(const Pooled<Word>& accumulators, const uint32_t* groups, size_t count, size_t known,
                    const Add& add) {
  size_t i = 0;
  if (accumulators.size() * sizeof(Word) > kFetchedBytes && known > kRowsAhead) {
    const Word* words = accumulators.data();
    const size_t end = std::min(count, known - kRowsAhead);
#pragma GCC unroll 4
    for (; i < end; ++i) {
      __builtin_prefetch(words + Width * static_cast<size_t>(groups[i + kRowsAhead]), 1);
      add(i);
    }
  }
#pragma GCC unroll 4
  for (; i < count; ++i) add(i);
}

}  // namespace gdf::aggregate

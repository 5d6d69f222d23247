// A chunk: the rows that are folded at once. Small enough that its arrays stay in the first-level caches while one
// fold after the other reads them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gdf::aggregate {

/// Rows of a chunk. A multiple of 64, so that chunks of a column start at whole bitmap words.
inline constexpr size_t kChunkRows = 4096;

/// Group 0 of every fold takes the rows that do not count, so that no inner loop has to ask.
inline constexpr uint32_t kNoGroup = 0;

/// One input column's rows of a chunk.
struct ChunkColumn {
  const void* values = nullptr;      // contiguous
  const uint32_t* groups = nullptr;  // the chunk's groups, 0 where the value is null; null: all values go to group 1
  size_t count = 0;                  // of values: the chunk's rows, or without groups those that are not null
  const uint8_t* valid = nullptr;    // without groups: a byte a row; null: no nulls
};

struct Chunk {
  size_t count = 0;
  const uint32_t* groups = nullptr;  // a group a row, from 1; null: all rows belong to group 1
  const uint32_t* rows = nullptr;    // row numbers; null: base, base + 1, ...
  uint32_t base = 0;
  const ChunkColumn* columns = nullptr;  // by slot

  uint32_t rowOf(size_t i) const { return rows != nullptr ? rows[i] : base + static_cast<uint32_t>(i); }
};

}  // namespace gdf::aggregate

// The rows of a layout's slots as folds want them: bool as bytes, strings as ranks, nulls as bytes and then as group 0.
#pragma once

#include <vector>

#include "kernels/aggregate/chunk.h"
#include "kernels/aggregate/layout.h"

namespace gdf::aggregate {

/// Values and nulls of one slot for a run of rows.
struct SlotRun {
  const void* values = nullptr;    // null where only nulls matter
  const uint8_t* valid = nullptr;  // a byte a row; null: no nulls
};

/// One thread's views of runs of input rows.
class SlotReader {
 public:
  /// Runs have at most `maxRows` rows.
  SlotReader(const Layout& layout, size_t maxRows);
  /// Valid until the next call. `base` is a multiple of 64.
  const std::vector<SlotRun>& read(int64_t base, size_t count);

 private:
  void readNulls(const Slot& slot, int64_t base, size_t count, std::vector<uint8_t>& valid);

  const Layout& layout_;
  std::vector<SlotRun> runs_;
  std::vector<std::vector<uint8_t>> valid_;      // by slot
  std::vector<std::vector<uint8_t>> converted_;  // by slot: bytes of bools, ranks of strings
  std::vector<uint8_t> beside_;
};

/// Puts the groups of runs into a chunk, nulls in group 0. Without groups, nulls are left out.
class ChunkMaker {
 public:
  explicit ChunkMaker(const Layout& layout)
      : layout_(layout), columns_(layout.slots.size()), masked_(layout.slots.size()), packed_(layout.slots.size()) {}
  /// `groups` null: all in group 1. `rows` null: base, base + 1, ... At most kChunkRows rows.
  Chunk make(const std::vector<SlotRun>& runs, const uint32_t* groups, const uint32_t* rows, uint32_t base,
             size_t count);

 private:
  void pack(size_t slot, const SlotRun& run, size_t count);

  const Layout& layout_;
  std::vector<ChunkColumn> columns_;
  std::vector<std::vector<uint32_t>> masked_;  // by slot: groups, 0 where the value is null
  std::vector<std::vector<uint8_t>> packed_;   // by slot, without groups: the values that are not null
};

}  // namespace gdf::aggregate

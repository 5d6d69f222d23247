// Rows of a partition, column by column, in blocks of fixed size that grow as rows come: one pass, no histogram first.
//
//   block   | codes 8 B, or groups 2 or 4 B x 1024 | rows 4 B x 1024 | slot 0 values | slot 0 valid 1 B x 1024 | slot 1
//   ...
//   |
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/buffer.h"
#include "kernels/aggregate/slot_rows.h"

namespace gdf::aggregate {

inline constexpr size_t kBlockRows = 1024;
static_assert(kBlockRows <= kChunkRows);

struct Block {
  uint8_t* memory = nullptr;
  uint32_t* rows = nullptr;
  size_t count = 0;
  template <class Code>
  Code* codes() const {
    return reinterpret_cast<Code*>(memory);
  }
  /// Codes of 8 bytes make place for them when they have served.
  uint32_t* groups() const { return codes<uint32_t>(); }
};

/// Where a block's arrays lie.
class BlockFormat {
 public:
  BlockFormat() = default;
  BlockFormat(const Layout& layout, size_t codeBytes);
  size_t bytes() const { return bytes_; }
  void runsOf(const Block& block, std::vector<SlotRun>& runs) const;

 private:
  friend class PartitionBlocks;
  struct SlotArrays {
    size_t valueBytes = 0;  // 0: no values
    size_t values = 0;
    bool nullable = false;
    size_t valid = 0;
  };
  std::vector<SlotArrays> slots_;
  size_t rows_ = 0;
  size_t bytes_ = 0;
};

/// One thread's blocks of all partitions.
class PartitionBlocks {
 public:
  PartitionBlocks(const BlockFormat& format, size_t partitions) : format_(format), blocks_(partitions) {}

  /// Appends rows base + order[i] with codes[order[i]], which fit in `Kept`, and the slots' values at order[i].
  template <class Kept, class Code>
  void append(size_t partition, std::span<const uint16_t> order, const Code* codes, uint32_t base,
              const std::vector<SlotRun>& runs);
  std::vector<Block>& of(size_t partition) { return blocks_[partition]; }

 private:
  Block& roomIn(size_t partition);
  void copyRows(Block& block, std::span<const uint16_t> order, uint32_t base, const std::vector<SlotRun>& runs);

  const BlockFormat& format_;
  std::vector<std::vector<Block>> blocks_;
  std::vector<BufferPtr> slabs_;
  size_t slabUsed_ = 0;
};

}  // namespace gdf::aggregate

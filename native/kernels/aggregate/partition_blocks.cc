#include "kernels/aggregate/partition_blocks.h"

#include <algorithm>
#include <cstring>

namespace gdf::aggregate {
namespace {

constexpr size_t kLine = 64;
constexpr size_t kSlabBlocks = 128;

template <class T, class Source = T>
void gatherInto(uint8_t* into, size_t at, const void* from, std::span<const uint16_t> order) {
  T* target = reinterpret_cast<T*>(into) + at;
  const Source* source = static_cast<const Source*>(from);
  for (size_t i = 0; i < order.size(); ++i) target[i] = static_cast<T>(source[order[i]]);
}

void gatherValues(size_t bytes, uint8_t* into, size_t at, const void* from, std::span<const uint16_t> order) {
  switch (bytes) {
    case 1:
      return gatherInto<uint8_t>(into, at, from, order);
    case 2:
      return gatherInto<uint16_t>(into, at, from, order);
    case 4:
      return gatherInto<uint32_t>(into, at, from, order);
    case 8:
      return gatherInto<uint64_t>(into, at, from, order);
    default: {
      const auto* source = static_cast<const uint8_t*>(from);
      for (size_t i = 0; i < order.size(); ++i) {
        std::memcpy(into + (at + i) * bytes, source + order[i] * bytes, bytes);
      }
    }
  }
}

}  // namespace

BlockFormat::BlockFormat(const Layout& layout, size_t codeBytes) {
  const auto take = [&](size_t bytes) {
    const size_t start = bytes_;
    bytes_ += (bytes + kLine - 1) / kLine * kLine;
    return start;
  };
  take(kBlockRows * codeBytes);
  rows_ = take(kBlockRows * sizeof(uint32_t));
  for (const Slot& slot : layout.slots) {
    SlotArrays arrays;
    arrays.valueBytes = slot.needsValues ? slot.valueBytes : 0;
    arrays.values = take(kBlockRows * arrays.valueBytes);
    arrays.nullable = slot.nullable();
    if (arrays.nullable) arrays.valid = take(kBlockRows);
    slots_.push_back(arrays);
  }
}

void BlockFormat::runsOf(const Block& block, std::vector<SlotRun>& runs) const {
  runs.resize(slots_.size());
  for (size_t i = 0; i < slots_.size(); ++i) {
    runs[i].values = slots_[i].valueBytes == 0 ? nullptr : block.memory + slots_[i].values;
    runs[i].valid = slots_[i].nullable ? block.memory + slots_[i].valid : nullptr;
  }
}

Block& PartitionBlocks::roomIn(size_t partition) {
  std::vector<Block>& blocks = blocks_[partition];
  if (!blocks.empty() && blocks.back().count < kBlockRows) return blocks.back();
  if (slabs_.empty() || slabUsed_ == kSlabBlocks) {
    slabs_.push_back(Buffer::allocate(kSlabBlocks * format_.bytes()));
    slabUsed_ = 0;
  }
  uint8_t* memory = slabs_.back()->data() + slabUsed_ * format_.bytes();
  slabUsed_ += 1;
  Block block;
  block.memory = memory;
  block.rows = reinterpret_cast<uint32_t*>(memory + format_.rows_);
  return blocks.emplace_back(block);
}

template <class Kept, class Code>
void PartitionBlocks::append(size_t partition, std::span<const uint16_t> order, const Code* codes, uint32_t base,
                             const std::vector<SlotRun>& runs) {
  while (!order.empty()) {
    Block& block = roomIn(partition);
    const size_t count = std::min(order.size(), kBlockRows - block.count);
    gatherInto<Kept, Code>(block.memory, block.count, codes, order.first(count));
    copyRows(block, order.first(count), base, runs);
    order = order.subspan(count);
  }
}

template void PartitionBlocks::append<uint16_t>(size_t, std::span<const uint16_t>, const uint32_t*, uint32_t,
                                                const std::vector<SlotRun>&);
template void PartitionBlocks::append<uint32_t>(size_t, std::span<const uint16_t>, const uint32_t*, uint32_t,
                                                const std::vector<SlotRun>&);
template void PartitionBlocks::append<uint64_t>(size_t, std::span<const uint16_t>, const uint64_t*, uint32_t,
                                                const std::vector<SlotRun>&);

void PartitionBlocks::copyRows(Block& block, std::span<const uint16_t> order, uint32_t base,
                               const std::vector<SlotRun>& runs) {
  const size_t at = block.count;
  for (size_t i = 0; i < order.size(); ++i) block.rows[at + i] = base + order[i];
  for (size_t slot = 0; slot < runs.size(); ++slot) {
    const BlockFormat::SlotArrays& arrays = format_.slots_[slot];
    uint8_t* memory = block.memory;
    if (arrays.valueBytes != 0) gatherValues(arrays.valueBytes, memory + arrays.values, at, runs[slot].values, order);
    if (arrays.nullable) gatherInto<uint8_t>(memory + arrays.valid, at, runs[slot].valid, order);
  }
  block.count += order.size();
}

}  // namespace gdf::aggregate

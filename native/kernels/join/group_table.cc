#include "kernels/join/group_table.h"

#include <bit>

#include "core/hash_mask.h"
#include "core/morsel.h"

namespace gdf::join {
namespace {

// Slots of one partition should stay in a core's L2 cache while they are filled.
constexpr int64_t kPartitionRows = 32768;
constexpr int kMaxPartitionBits = 10;

uint64_t hashOf(uint64_t key) {
  uint64_t hash = key * 0x9e3779b97f4a7c15u;
  hash ^= hash >> 32;
  return (hash * 0xd6e8feb86659fd93u) & kHashMask;
}

int partitionBitsFor(int64_t rows, int threads) {
  if (rows <= kPartitionRows) return 0;
  const int64_t wanted = std::max<int64_t>(rows / kPartitionRows, int64_t{4} * threads);
  return std::min<int>(kMaxPartitionBits, std::bit_width(static_cast<uint64_t>(wanted)));
}

/// Build rows with a key, by partition, in row order within one.
struct PartitionedRows {
  BufferPtr keys;
  BufferPtr rows;
  std::vector<int64_t> starts;
};

PartitionedRows partitionRows(const KeySpace& keys, SideIndex side, int bits, uint32_t* groups, Context context) {
  const int64_t rowCount = keys.rowCount(side);
  const size_t partitions = size_t{1} << bits;
  const auto partitionOf = [bits](uint64_t key) { return bits == 0 ? 0 : hashOf(key) >> (64 - bits); };
  const auto morsels = static_cast<size_t>(morselCount(rowCount));
  std::vector<int64_t> positions(morsels * partitions, 0);
  const auto eachKey = [&](const auto& body) {
    forMorsels(context, rowCount, [&](int64_t begin, int64_t end, int64_t morsel, int) {
      uint64_t values[kKeyVector];
      int64_t* position = &positions[static_cast<size_t>(morsel) * partitions];
      for (int64_t row = begin; row < end; row += kKeyVector) {
        const int64_t count = std::min(kKeyVector, end - row);
        keys.load(side, row, count, values);
        for (int64_t i = 0; i < count; ++i) body(values[i], row + i, position);
      }
    });
  };
  eachKey([&](uint64_t key, int64_t, int64_t* counts) {
    if (key != kNoKey) ++counts[partitionOf(key)];
  });
  PartitionedRows result;
  int64_t total = 0;
  for (size_t partition = 0; partition < partitions; ++partition) {
    result.starts.push_back(total);
    for (size_t morsel = 0; morsel < morsels; ++morsel) {
      int64_t& position = positions[morsel * partitions + partition];
      const int64_t size = position;
      position = total;
      total += size;
    }
  }
  result.starts.push_back(total);
  result.keys = Buffer::allocate(static_cast<size_t>(total) * 8);
  result.rows = Buffer::allocate(static_cast<size_t>(total) * 4);
  eachKey([&](uint64_t key, int64_t row, int64_t* next) {
    if (key == kNoKey) {
      groups[row] = kNoGroup;
      return;
    }
    const int64_t target = next[partitionOf(key)]++;
    result.keys->as<uint64_t>()[target] = key;
    result.rows->as<uint32_t>()[target] = static_cast<uint32_t>(row);
  });
  return result;
}

}  // namespace

GroupTable::GroupTable(const KeySpace& keys, SideIndex buildSide, Context context) {
  const int64_t rowCount = keys.rowCount(buildSide);
  const int bits = partitionBitsFor(rowCount, context.threads);
  partitionShift_ = 64 - bits;
  buildGroups_ = Buffer::allocate(static_cast<size_t>(rowCount) * 4);
  const PartitionedRows rows = partitionRows(keys, buildSide, bits, buildGroups_->as<uint32_t>(), context);
  uint64_t slots = 0;
  for (size_t i = 0; i + 1 < rows.starts.size(); ++i) {
    const uint64_t size = std::bit_ceil(static_cast<uint64_t>(rows.starts[i + 1] - rows.starts[i]) * 2 + 2);
    partitions_.push_back({slots, size - 1});
    slots += size;
  }
  slots_ = Buffer::allocate(slots * sizeof(Slot));
  groupCount_ = rows.starts.back();
  context.parallelFor(partitions_.size(), [&](size_t i, int) {
    fill(i, rows.keys->as<uint64_t>(), rows.rows->as<uint32_t>(), rows.starts[i], rows.starts[i + 1]);
  });
}

void GroupTable::fill(size_t index, const uint64_t* keys, const uint32_t* rows, int64_t begin, int64_t end) {
  const Partition partition = partitions_[index];
  Slot* slots = slots_->as<Slot>() + partition.firstSlot;
  for (uint64_t i = 0; i <= partition.mask; ++i) slots[i].group = kNoGroup;
  auto nextGroup = static_cast<uint32_t>(begin);
  for (int64_t i = begin; i < end; ++i) {
    uint64_t at = hashOf(keys[i]) & partition.mask;
    while (slots[at].group != kNoGroup && slots[at].key != keys[i]) at = (at + 1) & partition.mask;
    if (slots[at].group == kNoGroup) slots[at] = {keys[i], nextGroup++};
    buildGroups_->as<uint32_t>()[rows[i]] = slots[at].group;
  }
}

void GroupTable::probe(const uint64_t* keys, int64_t count, uint32_t* groups) const {
  const Slot* slots = slots_->as<Slot>();
  uint64_t position[kKeyVector];
  uint64_t mask[kKeyVector];
  // First find and prefetch all slots, then look: a dozen misses are under way at a time instead of one.
  for (int64_t i = 0; i < count; ++i) {
    const uint64_t hash = hashOf(keys[i]);
    const Partition& partition = partitions_[partitionShift_ == 64 ? 0 : hash >> partitionShift_];
    mask[i] = partition.mask;
    position[i] = partition.firstSlot + (hash & partition.mask);
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(slots + position[i]);
#endif
  }
  for (int64_t i = 0; i < count; ++i) {
    uint64_t at = position[i];
    // The first slot of the partition: the probe wraps around inside it.
    const uint64_t base = at - (hashOf(keys[i]) & mask[i]);
    while (slots[at].group != kNoGroup && slots[at].key != keys[i]) at = base + ((at - base + 1) & mask[i]);
    groups[i] = keys[i] == kNoKey ? kNoGroup : slots[at].group;
  }
}

}  // namespace gdf::join

// Groups by radix partitioning: many groups. One pass copies every row's code, number and folded values into the
// partition of its code; then each partition, small enough for the caches, is grouped and folded by one thread.
#include <algorithm>
#include <bit>
#include <cstring>

#include "core/morsel.h"
#include "core/pooled.h"
#include "kernels/aggregate/group_table.h"
#include "kernels/aggregate/grouping.h"
#include "kernels/aggregate/partition_blocks.h"
#include "kernels/aggregate/slot_rows.h"

namespace gdf::aggregate {
namespace {

constexpr size_t kBatchRows = 16384;

/// Which partition a code belongs to: a range of codes where they are dense, otherwise the top bits of its hash.
struct Partitioning {
  int bits = 0;
  bool ranged = false;
  int rangeShift = 0;

  /// As many as it takes for a partition's groups to fit the caches, and no more: every further bit makes the runs that
  /// the scatter appends shorter. Measured with 1 MiB of second-level cache and 2 threads, 1e7 rows, ns a row at 2^5,
  /// 2^7, 2^8 and 2^10 partitions: 524,288 dense groups 9.3, 9.0, 10.8, 12.0; 1,048,576 hashed
  /// ones 16.0, 15.8, 15.0, 18.8.
  static Partitioning choose(const GroupingRequest& request) {
    constexpr uint64_t kPartitionRows = 24 * 1024;
    constexpr uint64_t kPartitionBytes = 256 * 1024;
    const uint64_t domain = request.codes.domain();
    const auto rows = static_cast<uint64_t>(request.rowCount);
    Partitioning chosen;
    // Dense enough that an array over the range beats a hash table.
    chosen.ranged = domain != 0 && domain <= 2 * rows;
    uint64_t wanted = rows / kPartitionRows;
    if (chosen.ranged) wanted = std::min(wanted, domain * request.layout.bytesPerGroup() / kPartitionBytes);
    // Enough for all threads to end together.
    wanted = std::max(wanted, 8 * static_cast<uint64_t>(request.context.threads));
    chosen.bits = std::clamp(static_cast<int>(std::bit_width(wanted)), 4, 10);
    if (chosen.ranged) chosen.rangeShift = std::max(0, static_cast<int>(std::bit_width(domain - 1)) - chosen.bits);
    return chosen;
  }

  size_t count() const { return size_t{1} << bits; }
  uint32_t of(uint64_t code) const {
    return static_cast<uint32_t>(ranged ? code >> rangeShift : hashOf(code) >> (64 - bits));
  }
};

/// One thread's pass over its rows.
class Scatter {
 public:
  Scatter(const GroupingRequest& request, const BlockFormat& format, const Partitioning& partitioning)
      : request_(request),
        partitioning_(partitioning),
        blocks_(format, partitioning.count()),
        codes_(kBatchRows),
        partitions_(kBatchRows),
        order_(kBatchRows),
        ends_(partitioning.count() + 1),
        reader_(request.layout, kBatchRows) {}

  void add(int64_t base, size_t count) {
    request_.codes.fill(base, count, codes_.data(), scratch_);
    std::fill(ends_.begin(), ends_.end(), 0u);
    for (size_t i = 0; i < count; ++i) {
      partitions_[i] = static_cast<uint16_t>(partitioning_.of(codes_[i]));
      ends_[partitions_[i] + 1u] += 1;
    }
    for (size_t p = 1; p < ends_.size(); ++p) ends_[p] += ends_[p - 1];
    // After this loop ends_[p] is where partition p ends in the order.
    for (size_t i = 0; i < count; ++i) order_[ends_[partitions_[i]]++] = static_cast<uint16_t>(i);
    const std::vector<SlotRun>& runs = reader_.read(base, count);
    uint32_t begin = 0;
    for (size_t p = 0; p + 1 < ends_.size(); ++p) {
      if (ends_[p] == begin) continue;
      blocks_.append(p, {order_.data() + begin, ends_[p] - begin}, codes_.data(), static_cast<uint32_t>(base), runs);
      begin = ends_[p];
    }
  }

  std::vector<Block>& blocksOf(size_t partition) { return blocks_.of(partition); }

 private:
  const GroupingRequest& request_;
  const Partitioning partitioning_;
  PartitionBlocks blocks_;
  std::vector<uint64_t> codes_;
  std::vector<uint16_t> partitions_;
  std::vector<uint16_t> order_;
  std::vector<uint32_t> ends_;
  KeyCodes::Scratch scratch_;
  SlotReader reader_;
};

struct Lanes {
  BlockFormat format;
  std::vector<std::unique_ptr<Scatter>> scatters;
};

/// Gives every row of a block its group; `part.firstRows` grows with new ones.
class PartitionGroups {
 public:
  PartitionGroups(const Partitioning& partitioning, size_t rowCount)
      : ranged_(partitioning.ranged),
        mask_((uint64_t{1} << partitioning.rangeShift) - 1),
        table_(ranged_ ? 0 : rowCount / 4) {}

  void assign(const Block& block, Pooled<uint32_t>& firstRows, uint32_t* groups) {
    if (ranged_ && firstRows.size() < mask_ + 2) firstRows.resize(mask_ + 2, kNoFirstRow);
    for (size_t i = 0; i < block.count; ++i) {
      uint32_t group;
      if (ranged_) {
        group = static_cast<uint32_t>(block.codes[i] & mask_) + 1;
      } else {
        const auto found = table_.findOrAdd(block.codes[i]);
        group = found.group;
        if (found.added) firstRows.push_back(kNoFirstRow);
      }
      groups[i] = group;
      // Blocks of other threads may hold earlier rows.
      firstRows[group] = std::min(firstRows[group], block.rows[i]);
    }
  }

 private:
  bool ranged_;
  uint64_t mask_;
  GroupTable table_;
};

Part foldPartition(const GroupingRequest& request, const Partitioning& partitioning, Lanes& lanes, size_t partition) {
  size_t rowCount = 0;
  for (auto& scatter : lanes.scatters) {
    if (scatter) rowCount += scatter->blocksOf(partition).size() * kBlockRows;
  }
  Part part{request.layout.makeFolds(), {kNoFirstRow}};
  PartitionGroups assigned(partitioning, rowCount);
  ChunkMaker maker(request.layout);
  std::vector<SlotRun> runs;
  std::vector<uint32_t> groups(kBlockRows);
  for (auto& scatter : lanes.scatters) {
    if (!scatter) continue;
    for (Block& block : scatter->blocksOf(partition)) {
      assigned.assign(block, part.firstRows, groups.data());
      lanes.format.runsOf(block, runs);
      const Chunk chunk = maker.make(runs, groups.data(), block.rows, 0, block.count);
      for (auto& fold : part.folds) {
        fold->resize(part.firstRows.size());
        fold->add(chunk);
      }
      // The codes have served: their place keeps the groups for assignRows.
      if (request.keepRows) std::copy_n(groups.data(), block.count, block.groups());
    }
  }
  return part;
}

}  // namespace

Grouping groupByRadix(const GroupingRequest& request) {
  const Partitioning partitioning = Partitioning::choose(request);
  auto lanes = std::make_shared<Lanes>();
  lanes->format = BlockFormat(request.layout);
  lanes->scatters.resize(static_cast<size_t>(request.context.threads));
  forMorsels(
      request.context, request.rowCount,
      [&](int64_t begin, int64_t end, int64_t, int index) {
        auto& scatter = lanes->scatters[static_cast<size_t>(index)];
        if (!scatter) scatter = std::make_unique<Scatter>(request, lanes->format, partitioning);
        for (int64_t base = begin; base < end; base += static_cast<int64_t>(kBatchRows)) {
          scatter->add(base, static_cast<size_t>(std::min(static_cast<int64_t>(kBatchRows), end - base)));
        }
      },
      4 * static_cast<int64_t>(kBatchRows));
  Grouping grouping;
  grouping.parts.resize(partitioning.count());
  request.context.parallelFor(partitioning.count(), [&](size_t partition, int) {
    grouping.parts[partition] = foldPartition(request, partitioning, *lanes, partition);
  });
  if (request.keepRows) {
    grouping.assignRows = [lanes, count = partitioning.count(), context = request.context](const Positions& positions,
                                                                                           uint32_t* out) {
      context.parallelFor(count, [&](size_t partition, int) {
        for (auto& scatter : lanes->scatters) {
          if (!scatter) continue;
          for (Block& block : scatter->blocksOf(partition)) {
            for (size_t i = 0; i < block.count; ++i) out[block.rows[i]] = positions[partition][block.groups()[i]];
          }
        }
      });
    };
  }
  return grouping;
}

}  // namespace gdf::aggregate

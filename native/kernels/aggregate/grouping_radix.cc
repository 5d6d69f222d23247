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
  /// What a block keeps of a code: the group in its partition where that is the code, otherwise all of it.
  size_t codeBytes = sizeof(uint64_t);

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
    chosen.ranged = domain != 0 && domain <= std::min(2 * rows, uint64_t{1} << 32);
    uint64_t wanted = rows / kPartitionRows;
    if (chosen.ranged) wanted = std::min(wanted, domain * request.layout.bytesPerGroup() / kPartitionBytes);
    // Enough for all threads to end together.
    wanted = std::max(wanted, 8 * static_cast<uint64_t>(request.context.threads));
    chosen.bits = std::clamp(static_cast<int>(std::bit_width(wanted)), 4, 10);
    if (chosen.ranged) {
      chosen.rangeShift = std::max(0, static_cast<int>(std::bit_width(domain - 1)) - chosen.bits);
      // Groups are numbered from 1. Rows that ask for theirs in the end find numbers of one size.
      chosen.codeBytes = chosen.rangeShift < 16 && !request.keepRows ? sizeof(uint16_t) : sizeof(uint32_t);
    }
    return chosen;
  }

  size_t count() const { return size_t{1} << bits; }
};

/// One thread's pass over its rows.
class Scatter {
 public:
  Scatter(const GroupingRequest& request, const BlockFormat& format, const Partitioning& partitioning)
      : request_(request),
        partitioning_(partitioning),
        blocks_(format, partitioning.count()),
        codes_(partitioning.ranged ? 0 : kBatchRows),
        groups_(partitioning.ranged ? kBatchRows : 0),
        partitions_(kBatchRows),
        order_(kBatchRows),
        ends_(partitioning.count() + 1),
        reader_(request.layout, kBatchRows) {}

  void add(int64_t base, size_t count) {
    const std::vector<SlotRun>& runs = reader_.read(base, count);
    if (partitioning_.ranged) {
      request_.codes.fill(base, count, groups_.data(), scratch_);
      const auto partitionOf = [shift = partitioning_.rangeShift](uint32_t& code) {
        const uint32_t partition = code >> shift;
        code = code - (partition << shift) + 1;  // the group in the partition
        return partition;
      };
      if (partitioning_.codeBytes == sizeof(uint16_t)) {
        scatter<uint16_t>(groups_.data(), base, count, runs, partitionOf);
      } else {
        scatter<uint32_t>(groups_.data(), base, count, runs, partitionOf);
      }
    } else {
      request_.codes.fill(base, count, codes_.data(), scratch_);
      scatter<uint64_t>(codes_.data(), base, count, runs, [shift = 64 - partitioning_.bits](uint64_t code) {
        return static_cast<uint32_t>(hashOf(code) >> shift);
      });
    }
  }

  std::vector<Block>& blocksOf(size_t partition) { return blocks_.of(partition); }

 private:
  template <class Kept, class Code, class PartitionOf>
  void scatter(Code* codes, int64_t base, size_t count, const std::vector<SlotRun>& runs,
               const PartitionOf& partitionOf) {
    uint16_t* partitions = partitions_.data();
    uint16_t* order = order_.data();
    uint32_t* ends = ends_.data();
    std::fill(ends_.begin(), ends_.end(), 0u);
    for (size_t begin = 0; begin < count; begin += kFetchedRows) {
      const size_t end = std::min(begin + kFetchedRows, count);
      fetchValues(runs, begin, end);
      for (size_t i = begin; i < end; ++i) {
        const uint32_t partition = partitionOf(codes[i]);
        partitions[i] = static_cast<uint16_t>(partition);
        ends[partition + 1u] += 1;
      }
    }
    for (size_t p = 1; p < ends_.size(); ++p) ends[p] += ends[p - 1];
    // After this loop ends[p] is where partition p ends in the order.
    for (size_t i = 0; i < count; ++i) order[ends[partitions[i]]++] = static_cast<uint16_t>(i);
    uint32_t begin = 0;
    for (size_t p = 0; p + 1 < ends_.size(); ++p) {
      if (ends[p] == begin) continue;
      blocks_.append<Kept>(p, {order + begin, ends[p] - begin}, codes, static_cast<uint32_t>(base), runs);
      begin = ends[p];
    }
  }

  /// The copies below go through a batch's values in strides that no processor foresees.
  void fetchValues(const std::vector<SlotRun>& runs, size_t begin, size_t end) const {
    for (size_t slot = 0; slot < runs.size(); ++slot) {
      if (runs[slot].values == nullptr) continue;
      const size_t bytes = request_.layout.slots[slot].valueBytes;
      const auto* values = static_cast<const uint8_t*>(runs[slot].values);
      for (size_t at = begin * bytes; at < end * bytes; at += kLine) __builtin_prefetch(values + at);
    }
  }

  static constexpr size_t kFetchedRows = 64;
  static constexpr size_t kLine = 64;

  const GroupingRequest& request_;
  const Partitioning partitioning_;
  PartitionBlocks blocks_;
  std::vector<uint64_t> codes_;
  std::vector<uint32_t> groups_;
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

/// The groups of a partition's rows; `firstRows` grows with new ones.
class PartitionGroups {
 public:
  PartitionGroups(const Partitioning& partitioning, size_t rowCount, Pooled<uint32_t>& firstRows)
      : codeBytes_(partitioning.codeBytes),
        table_(partitioning.ranged ? 0 : rowCount / 4),
        found_(kBlockRows),
        firstRows_(firstRows) {
    if (partitioning.ranged) firstRows.resize((size_t{1} << partitioning.rangeShift) + 1, kNoFirstRow);
  }

  /// Until the next call.
  const uint32_t* of(const Block& block) {
    const uint32_t* groups = codeBytes_ == sizeof(uint32_t) ? block.groups() : found_.data();
    if (codeBytes_ == sizeof(uint16_t)) std::copy_n(block.codes<uint16_t>(), block.count, found_.data());
    if (codeBytes_ == sizeof(uint64_t)) find(block.codes<uint64_t>(), block.count);
    // Blocks of other threads may hold earlier rows.
    const uint32_t* rows = block.rows;
    uint32_t* firstRows = firstRows_.data();
    for (size_t i = 0; i < block.count; ++i) firstRows[groups[i]] = std::min(firstRows[groups[i]], rows[i]);
    return groups;
  }

 private:
  void find(const uint64_t* codes, size_t count) {
    uint32_t* found = found_.data();
    for (size_t i = 0; i < count; ++i) found[i] = table_.findOrAdd(codes[i]).group;
    firstRows_.resize(table_.groupCount() + size_t{1}, kNoFirstRow);
  }

  const size_t codeBytes_;
  GroupTable table_;
  std::vector<uint32_t> found_;
  Pooled<uint32_t>& firstRows_;
};

Part foldPartition(const GroupingRequest& request, const Partitioning& partitioning, Lanes& lanes, size_t partition) {
  size_t rowCount = 0;
  for (auto& scatter : lanes.scatters) {
    if (scatter) rowCount += scatter->blocksOf(partition).size() * kBlockRows;
  }
  Part part{request.layout.makeFolds(), {kNoFirstRow}};
  if (rowCount == 0) return part;
  PartitionGroups partitionGroups(partitioning, rowCount, part.firstRows);
  ChunkMaker maker(request.layout);
  std::vector<SlotRun> runs;
  for (auto& scatter : lanes.scatters) {
    if (!scatter) continue;
    for (Block& block : scatter->blocksOf(partition)) {
      const uint32_t* groups = partitionGroups.of(block);
      lanes.format.runsOf(block, runs);
      const Chunk chunk = maker.make(runs, groups, block.rows, 0, block.count);
      for (auto& fold : part.folds) {
        fold->resize(part.firstRows.size());
        fold->add(chunk);
      }
      // The codes have served: their place keeps the groups for assignRows.
      if (request.keepRows && groups != block.groups()) std::copy_n(groups, block.count, block.groups());
    }
  }
  return part;
}

}  // namespace

Grouping groupByRadix(const GroupingRequest& request) {
  const Partitioning partitioning = Partitioning::choose(request);
  auto lanes = std::make_shared<Lanes>();
  lanes->format = BlockFormat(request.layout, partitioning.codeBytes);
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

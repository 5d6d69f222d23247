// Groups by thread-private hash tables, merged at the end: few groups of many possible codes.
#include <algorithm>
#include <atomic>

#include "core/morsel.h"
#include "kernels/aggregate/fetch_ahead.h"
#include "kernels/aggregate/group_table.h"
#include "kernels/aggregate/grouping.h"
#include "kernels/aggregate/slot_rows.h"

namespace gdf::aggregate {
namespace {

constexpr int64_t kTaskRows = 16 * static_cast<int64_t>(kChunkRows);

/// So few that the first-level cache keeps them beside the chunk.
constexpr size_t kHashRows = 512;
/// Rows ahead of which entries of a table beyond the second-level cache are fetched. 1e7 rows, 65,536 groups, ns a row
/// of both threads: without 31.5, with 8 rows 24.8, 24 rows 16.5.
constexpr size_t kHashesAhead = 24;

// The first groups have copies of their accumulators, by row number: with few groups neighbouring rows of one would
// wait for each other's store. Which group comes to have many rows is not known when it is first seen.
constexpr uint32_t kCopies = 4;
constexpr uint32_t kCopiedGroups = 128;

/// Where a row of a group is folded.
inline uint32_t accumulatorOf(uint32_t group, uint32_t row) {
  return group <= kCopiedGroups ? (group - 1) * kCopies + (row & (kCopies - 1)) + 1
                                : group + kCopiedGroups * (kCopies - 1);
}

inline size_t accumulatorCount(size_t groups) {
  return groups + kCopiedGroups * (kCopies - 1);
}

struct TableLane {
  explicit TableLane(const GroupingRequest& request)
      : table(1024),
        folds(request.layout.makeFolds()),
        codes(kChunkRows),
        hashes(kHashRows + kHashesAhead),
        groups(kChunkRows),
        reader(request.layout, kChunkRows),
        maker(request.layout) {}

  /// `rowGroups`, where it is not null, gets the groups of the chunk's rows.
  void add(const GroupingRequest& request, int64_t base, size_t count, uint32_t* rowGroups) {
    request.codes.fill(base, count, codes.data(), scratch);
    for (size_t begin = 0; begin < count; begin += kHashRows) {
      findGroups(static_cast<uint32_t>(base), begin, std::min(begin + kHashRows, count));
    }
    if (rowGroups != nullptr) std::copy_n(groups.data(), count, rowGroups + base);
    for (size_t i = 0; i < count; ++i) groups[i] = accumulatorOf(groups[i], static_cast<uint32_t>(i));
    for (auto& fold : folds) fold->resize(accumulatorCount(firstRows.size()));
    const Chunk chunk =
        maker.make(reader.read(base, count), groups.data(), nullptr, static_cast<uint32_t>(base), count);
    for (auto& fold : folds) fold->add(chunk);
  }

  /// Hashes in a loop of their own: it has no branch and runs in vectors.
  void findGroups(uint32_t base, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) hashes[i - begin] = hashOf(codes[i]);
    const bool fetches = table.byteLength() > kFetchedBytes;
    for (size_t i = begin; i < end; ++i) {
      // Behind the last row are hashes of rows before: their entries are as good as any.
      if (fetches) table.fetch(hashes[i - begin + kHashesAhead]);
      const auto [group, added] = table.findOrAdd(codes[i], hashes[i - begin]);
      groups[i] = group;
      if (added) firstRows.push_back(base + static_cast<uint32_t>(i));
    }
  }

  /// Where the accumulators belong, from where the groups do. Unused ones go to group 0, which nobody reads.
  std::vector<uint32_t> spread(const std::vector<uint32_t>& map) const {
    std::vector<uint32_t> spreadMap(accumulatorCount(map.size()), 0);
    for (uint32_t group = 1; group < map.size(); ++group) {
      for (uint32_t copy = 0; copy < kCopies; ++copy) spreadMap[accumulatorOf(group, copy)] = map[group];
    }
    return spreadMap;
  }

  GroupTable table;
  std::vector<std::unique_ptr<Fold>> folds;
  std::vector<uint32_t> firstRows{kNoFirstRow};
  std::vector<uint64_t> codes;
  std::vector<uint64_t> hashes;
  std::vector<uint32_t> groups;
  KeyCodes::Scratch scratch;
  SlotReader reader;
  ChunkMaker maker;
};

struct Merged {
  Part part;
  std::vector<std::vector<uint32_t>> maps;  // by lane: its groups in the part
};

Merged mergeTables(const GroupingRequest& request, std::vector<std::unique_ptr<TableLane>>& lanes) {
  Merged merged;
  GroupTable table(kChunkRows);
  merged.part.firstRows = {kNoFirstRow};
  for (const auto& lane : lanes) {
    std::vector<uint32_t>& map = merged.maps.emplace_back();
    if (!lane) continue;
    map.resize(lane->firstRows.size());
    lane->table.forEach([&](uint64_t code, uint32_t group) {
      const auto [target, added] = table.findOrAdd(code);
      if (added) merged.part.firstRows.push_back(kNoFirstRow);
      map[group] = target;
      uint32_t& first = merged.part.firstRows[target];
      first = std::min(first, lane->firstRows[group]);
    });
  }
  std::vector<std::vector<uint32_t>> spreadMaps(lanes.size());
  for (size_t i = 0; i < lanes.size(); ++i) {
    if (lanes[i]) spreadMaps[i] = lanes[i]->spread(merged.maps[i]);
  }
  merged.part.folds = request.layout.makeFolds();
  request.context.parallelFor(merged.part.folds.size(), [&](size_t fold, int) {
    merged.part.folds[fold]->resize(merged.part.firstRows.size());
    for (size_t i = 0; i < lanes.size(); ++i) {
      if (!lanes[i]) continue;
      merged.part.folds[fold]->merge(*lanes[i]->folds[fold], spreadMaps[i].data(), spreadMaps[i].size());
    }
  });
  return merged;
}

/// Which lane took each task, and the group that it gave each row.
struct RowGroups {
  std::vector<uint32_t> groups;
  std::vector<int> laneOfTask;
  std::vector<std::vector<uint32_t>> maps;
};

}  // namespace

std::optional<Grouping> groupByTable(const GroupingRequest& request, size_t maxGroups) {
  std::vector<std::unique_ptr<TableLane>> lanes(static_cast<size_t>(request.context.threads));
  auto rows = std::make_shared<RowGroups>();
  if (request.keepRows) rows->groups.resize(static_cast<size_t>(request.rowCount));
  rows->laneOfTask.resize(static_cast<size_t>(morselCount(request.rowCount, kTaskRows)));
  std::atomic<bool> full{false};
  forMorsels(
      request.context, request.rowCount,
      [&](int64_t begin, int64_t end, int64_t task, int index) {
        auto& lane = lanes[static_cast<size_t>(index)];
        if (!lane) lane = std::make_unique<TableLane>(request);
        rows->laneOfTask[static_cast<size_t>(task)] = index;
        for (int64_t base = begin; base < end && !full; base += static_cast<int64_t>(kChunkRows)) {
          const int64_t count = std::min(static_cast<int64_t>(kChunkRows), end - base);
          lane->add(request, base, static_cast<size_t>(count), request.keepRows ? rows->groups.data() : nullptr);
          if (lane->table.groupCount() > maxGroups) full = true;
        }
      },
      kTaskRows);
  if (full) return std::nullopt;
  Merged merged = mergeTables(request, lanes);
  rows->maps = std::move(merged.maps);
  Grouping grouping;
  grouping.parts.push_back(std::move(merged.part));
  if (request.keepRows) {
    grouping.assignRows = [rows, count = request.rowCount, context = request.context](const Positions& positions,
                                                                                      uint32_t* out) {
      const auto assign = [&](int64_t begin, int64_t end, int64_t task, int) {
        const auto& map = rows->maps[static_cast<size_t>(rows->laneOfTask[static_cast<size_t>(task)])];
        for (int64_t row = begin; row < end; ++row) {
          out[row] = positions[0][map[rows->groups[static_cast<size_t>(row)]]];
        }
      };
      forMorsels(context, count, assign, kTaskRows);
    };
  }
  return grouping;
}

}  // namespace gdf::aggregate

// Groups by thread-private hash tables, merged at the end: few groups of many possible codes.
#include <algorithm>
#include <atomic>

#include "core/morsel.h"
#include "kernels/aggregate/group_table.h"
#include "kernels/aggregate/grouping.h"
#include "kernels/aggregate/slot_rows.h"

namespace gdf::aggregate {
namespace {

constexpr int64_t kTaskRows = 16 * static_cast<int64_t>(kChunkRows);

struct TableLane {
  explicit TableLane(const GroupingRequest& request)
      : table(1024),
        folds(request.layout.makeFolds()),
        codes(kChunkRows),
        groups(kChunkRows),
        reader(request.layout, kChunkRows),
        maker(request.layout) {}

  /// `rowGroups`, where it is not null, gets the groups of the chunk's rows.
  void add(const GroupingRequest& request, int64_t base, size_t count, uint32_t* rowGroups) {
    request.codes.fill(base, count, codes.data(), scratch);
    for (size_t i = 0; i < count; ++i) {
      const auto [group, added] = table.findOrAdd(codes[i]);
      groups[i] = group;
      if (added) firstRows.push_back(static_cast<uint32_t>(base) + static_cast<uint32_t>(i));
    }
    if (rowGroups != nullptr) std::copy_n(groups.data(), count, rowGroups + base);
    for (auto& fold : folds) fold->resize(firstRows.size());
    const Chunk chunk =
        maker.make(reader.read(base, count), groups.data(), nullptr, static_cast<uint32_t>(base), count);
    for (auto& fold : folds) fold->add(chunk);
  }

  GroupTable table;
  std::vector<std::unique_ptr<Fold>> folds;
  std::vector<uint32_t> firstRows{kNoFirstRow};
  std::vector<uint64_t> codes;
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
  merged.part.folds = request.layout.makeFolds();
  request.context.parallelFor(merged.part.folds.size(), [&](size_t fold, int) {
    merged.part.folds[fold]->resize(merged.part.firstRows.size());
    for (size_t i = 0; i < lanes.size(); ++i) {
      if (lanes[i]) {
        merged.part.folds[fold]->merge(*lanes[i]->folds[fold], merged.maps[i].data(), merged.maps[i].size());
      }
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

// Choice of the strategy, and the two that need no hash table.
#include "kernels/aggregate/grouping.h"

#include <algorithm>
#include <atomic>
#include <numeric>

#include "core/morsel.h"
#include "core/pooled.h"
#include "core/random_access.h"
#include "kernels/aggregate/fetch_ahead.h"
#include "kernels/aggregate/group_table.h"
#include "kernels/aggregate/positions.h"
#include "kernels/aggregate/slot_rows.h"

namespace gdf::aggregate {
namespace {

constexpr int64_t kTaskRows = 16 * static_cast<int64_t>(kChunkRows);
/// Accumulators of one thread up to which direct addressing wins over partitioning, ns a row of both threads. With 2
/// MiB of second-level cache and a slow third level, 2e6 rows: at 3 MB 25 against 26, at 6 MB 51 against 31. With 1 MiB
/// and a fast third level, 1e7 rows: at 4.7 MB 5.3 against 7.2, at 7 MB 6.8 against 7.7, at 9.4 MB 11.3 against 7.6.
bool fitsDirectly(const GroupingRequest& request) {
  constexpr size_t kAnywhere = size_t{4} << 20;
  constexpr size_t kWhereFast = size_t{8} << 20;
  constexpr size_t kAllThreads = size_t{16} << 20;  // they share the third level
  constexpr double kFastAccess = 10;                // ns; 3.5 to 5.3 on the second machine
  const size_t most = std::clamp(kAllThreads / static_cast<size_t>(request.context.threads), kAnywhere, kWhereFast);
  const uint64_t groups = request.codes.domain();
  const size_t bytesPerGroup = request.layout.bytesPerGroup();
  if (groups <= kAnywhere / bytesPerGroup) return true;
  return groups <= most / bytesPerGroup && randomAccessCost() <= kFastAccess;
}
/// A table and its accumulators should stay in the second-level cache.
constexpr size_t kTableGroups = size_t{1} << 16;
constexpr int64_t kSmallRows = 1 << 14;

/// body(base, count) for the chunks of a task's rows.
template <class Body>
void forChunks(int64_t begin, int64_t end, const Body& body) {
  for (int64_t base = begin; base < end; base += static_cast<int64_t>(kChunkRows)) {
    body(base, static_cast<size_t>(std::min(static_cast<int64_t>(kChunkRows), end - base)));
  }
}

/// Merges the folds of all lanes into `target`, fold by fold in parallel.
template <class Lane>
void mergeLanes(std::vector<std::unique_ptr<Fold>>& target, const std::vector<std::unique_ptr<Lane>>& lanes,
                const std::vector<uint32_t>& map, Context context) {
  context.parallelFor(target.size(), [&](size_t fold, int) {
    for (const auto& lane : lanes) {
      if (lane) target[fold]->merge(*lane->folds[fold], map.data(), map.size());
    }
  });
}

/// Whether a sample has so many distinct codes that partitioning beats tables of all of them. Tables of all threads are
/// merged by one, so that only many rows pay for large ones: both threads, ns a row, tables and partitions: 1e7 rows,
/// 32,768 groups 15.1 and 19.8, 65,536 groups 16.5 and 19.0; 1e6 rows, 58,000 groups 24.2 and 21.3.
bool hasManyGroups(const GroupingRequest& request) {
  constexpr size_t kRuns = 16;
  constexpr size_t kRunRows = 512;
  // Of 8192 rows: expected from about 25 K and 58 K evenly spread groups. The latter leaves room to kTableGroups, where
  // tables give up and their work is lost.
  constexpr size_t kMany = 7000;
  constexpr size_t kManyOfManyRows = 7650;
  const auto threads = static_cast<uint64_t>(request.context.threads);
  const bool manyRows = static_cast<uint64_t>(request.rowCount) >= 16 * threads * threads * kTableGroups;
  GroupTable table(kRuns * kRunRows);
  KeyCodes::Scratch scratch;
  std::vector<uint64_t> codes(kRunRows);
  const int64_t step = (request.rowCount - static_cast<int64_t>(kRunRows)) / static_cast<int64_t>(kRuns - 1) / 64 * 64;
  for (size_t run = 0; run < kRuns; ++run) {
    request.codes.fill(static_cast<int64_t>(run) * step, kRunRows, codes.data(), scratch);
    for (const uint64_t code : codes) table.findOrAdd(code);
  }
  return table.groupCount() > (manyRows ? kManyOfManyRows : kMany);
}

struct SingleLane {
  explicit SingleLane(const Layout& layout) : folds(layout.makeFolds()), reader(layout, kChunkRows), maker(layout) {
    for (auto& fold : folds) fold->resize(2);
  }
  std::vector<std::unique_ptr<Fold>> folds;
  SlotReader reader;
  ChunkMaker maker;
};

// Copies of each group's accumulators, by row number: neighbouring rows of one group would otherwise wait for each
// other's store (5 cycles a row where a key is sorted or has few values).
constexpr uint64_t kSpread = 4;
constexpr uint64_t kSpreadDomain = 512;

struct DirectLane {
  DirectLane(const GroupingRequest& request, size_t groups)
      : folds(request.layout.makeFolds()),
        firstRows(groups, kNoFirstRow),
        unseen(groups - 1),
        codes(kChunkRows),
        reader(request.layout, kChunkRows),
        maker(request.layout) {
    for (auto& fold : folds) fold->resize(groups);
  }

  void add(const GroupingRequest& request, uint32_t spread, int64_t base, size_t count) {
    request.codes.fill(base, count, codes.data(), scratch);
    uint32_t* groups = codes.data();
    if (spread == 1) {
      for (size_t i = 0; i < count; ++i) groups[i] += 1;
    } else {
      for (size_t i = 0; i < count; ++i) groups[i] = groups[i] * spread + (static_cast<uint32_t>(i) & (spread - 1)) + 1;
    }
    if (unseen > 0) noteFirstRows(static_cast<uint32_t>(base), count);
    const Chunk chunk = maker.make(reader.read(base, count), groups, nullptr, static_cast<uint32_t>(base), count);
    for (auto& fold : folds) fold->add(chunk);
  }

  // A lane's rows ascend: the first that comes is the first there is.
  void noteFirstRows(uint32_t base, size_t count) {
    addRows(firstRows, codes.data(), count, count, [&](size_t i) {
      uint32_t& first = firstRows[codes[i]];
      if (first != kNoFirstRow) return;
      first = base + static_cast<uint32_t>(i);
      unseen -= 1;
    });
  }

  std::vector<std::unique_ptr<Fold>> folds;
  Pooled<uint32_t> firstRows;
  size_t unseen;
  std::vector<uint32_t> codes;
  KeyCodes::Scratch scratch;
  SlotReader reader;
  ChunkMaker maker;
};

Part mergeDirect(const GroupingRequest& request, std::vector<std::unique_ptr<DirectLane>>& lanes, uint32_t spread) {
  const size_t groups = static_cast<size_t>(request.codes.domain()) + 1;
  std::vector<uint32_t> map((groups - 1) * spread + 1);
  for (size_t group = 1; group < map.size(); ++group) map[group] = static_cast<uint32_t>((group - 1) / spread + 1);
  std::erase_if(lanes, [](const auto& lane) { return lane == nullptr; });
  Part part;
  if (spread == 1 && !lanes.empty()) {
    part.folds = std::move(lanes.back()->folds);
    part.firstRows = std::move(lanes.back()->firstRows);
    lanes.pop_back();
  } else {
    part.folds = request.layout.makeFolds();
    for (auto& fold : part.folds) fold->resize(groups);
    part.firstRows.assign(groups, kNoFirstRow);
  }
  mergeLanes(part.folds, lanes, map, request.context);
  for (const auto& lane : lanes) {
    for (size_t group = 1; group < map.size(); ++group) {
      part.firstRows[map[group]] = std::min(part.firstRows[map[group]], lane->firstRows[group]);
    }
  }
  return part;
}

}  // namespace

Grouping groupRows(const GroupingRequest& request, bool hasKeys) {
  if (!hasKeys) return groupSingle(request);
  const uint64_t domain = request.codes.domain();
  const auto rows = static_cast<uint64_t>(request.rowCount);
  const bool isDense = domain != 0 && domain <= 4 * rows + 1024;
  if (isDense && fitsDirectly(request)) return groupDirect(request);
  if (request.rowCount <= kSmallRows) {
    GroupingRequest alone = request;
    alone.context.threads = 1;
    return *groupByTable(alone, static_cast<size_t>(kSmallRows));
  }
  if (!hasManyGroups(request)) {
    if (auto grouping = groupByTable(request, kTableGroups)) return std::move(*grouping);
  }
  return groupByRadix(request);
}

Grouping groupSingle(const GroupingRequest& request) {
  const Layout& layout = request.layout;
  std::vector<std::unique_ptr<SingleLane>> lanes(static_cast<size_t>(request.context.threads));
  if (!layout.specs.empty()) {
    forMorsels(
        request.context, request.rowCount,
        [&](int64_t begin, int64_t end, int64_t, int index) {
          auto& lane = lanes[static_cast<size_t>(index)];
          if (!lane) lane = std::make_unique<SingleLane>(layout);
          forChunks(begin, end, [&](int64_t base, size_t count) {
            const auto& runs = lane->reader.read(base, count);
            const Chunk chunk = lane->maker.make(runs, nullptr, nullptr, static_cast<uint32_t>(base), count);
            for (auto& fold : lane->folds) fold->add(chunk);
          });
        },
        kTaskRows);
  }
  for (const auto& lane : lanes) {
    if (!lane) continue;
    for (auto& fold : lane->folds) fold->settle();
  }
  Part part{layout.makeFolds(), {kNoFirstRow, 0}};
  for (auto& fold : part.folds) fold->resize(2);
  mergeLanes(part.folds, lanes, {0, 1}, request.context);
  Grouping grouping;
  grouping.parts.push_back(std::move(part));
  grouping.assignRows = [rows = request.rowCount](const Positions&, uint32_t* out) { std::fill_n(out, rows, 0u); };
  return grouping;
}

Grouping groupDirect(const GroupingRequest& request) {
  const uint64_t domain = request.codes.domain();
  const auto spread = static_cast<uint32_t>(domain <= kSpreadDomain ? kSpread : 1);
  const size_t groups = static_cast<size_t>(domain * spread) + 1;
  std::vector<std::unique_ptr<DirectLane>> lanes(static_cast<size_t>(request.context.threads));
  forMorsels(
      request.context, request.rowCount,
      [&](int64_t begin, int64_t end, int64_t, int index) {
        auto& lane = lanes[static_cast<size_t>(index)];
        if (!lane) lane = std::make_unique<DirectLane>(request, groups);
        forChunks(begin, end, [&](int64_t base, size_t count) { lane->add(request, spread, base, count); });
      },
      kTaskRows);
  Grouping grouping;
  grouping.parts.push_back(mergeDirect(request, lanes, spread));
  if (request.keepRows) {
    grouping.assignRows = [codes = request.codes, rows = request.rowCount, context = request.context](
                              const Positions& positions, uint32_t* out) {
      forMorsels(context, rows, [&](int64_t begin, int64_t end, int64_t, int) {
        KeyCodes::Scratch scratch;
        codes.fill(begin, static_cast<size_t>(end - begin), out + begin, scratch);
        for (int64_t row = begin; row < end; ++row) out[row] = positions[0][out[row] + 1];
      });
    };
  }
  return grouping;
}

uint64_t denseIds(const KeyCodes& codes, int64_t rowCount, std::vector<uint32_t>& ids, Context context) {
  const Layout none;
  const GroupingRequest request{none, codes, rowCount, true, context};
  const Grouping grouping = groupRows(request, true);
  const Placement placement = placeGroups(grouping, rowCount, nullptr, context);
  ids.resize(static_cast<size_t>(rowCount));
  grouping.assignRows(placement.positions, ids.data());
  return placement.order.size();
}

}  // namespace gdf::aggregate

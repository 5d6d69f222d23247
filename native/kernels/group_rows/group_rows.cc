#include "kernels/group_rows/group_rows.h"

#include <algorithm>

#include "core/morsel.h"
#include "kernels/aggregate/group_values.h"
#include "kernels/aggregate/key_codes.h"
#include "kernels/group_rows/rank.h"

namespace gdf::group_rows {
namespace {

using aggregate::KeyCodes;
using aggregate::kNoPosition;

/// Every row's group, or kNoPosition; groups are below `count`.
struct Groups {
  std::vector<uint32_t> ofRow;
  size_t count = 0;
};

// Codes may index groups themselves where there are not many more of them than rows.
constexpr uint64_t kFewCodes = 1 << 16;

void fillCodes(const KeyCodes& codes, int64_t rowCount, std::vector<uint32_t>& groups, Context context) {
  std::vector<KeyCodes::Scratch> scratch(static_cast<size_t>(context.threads));
  groups.resize(static_cast<size_t>(rowCount));
  forMorsels(context, rowCount, [&](int64_t begin, int64_t end, int64_t, int lane) {
    constexpr int64_t kRows = 4096;
    for (int64_t base = begin; base < end; base += kRows) {
      const auto count = static_cast<size_t>(std::min(end - base, kRows));
      codes.fill<uint32_t>(base, count, groups.data() + base, scratch[static_cast<size_t>(lane)]);
    }
  });
}

void dropNulls(const ColumnView& column, int64_t rowCount, std::vector<uint32_t>& groups, Context context) {
  if (column.validity == nullptr || column.nullCount == 0) return;
  forMorsels(context, rowCount, [&](int64_t begin, int64_t end, int64_t, int) {
    for (int64_t row = begin; row < end; ++row) {
      if (!column.isValid(row)) groups[static_cast<size_t>(row)] = kNoPosition;
    }
  });
}

Groups findGroups(const std::vector<ColumnView>& columns, int64_t rowCount, const Request& request, Context context) {
  aggregate::Plan plan;
  plan.keys = request.keys;
  plan.bounds = request.bounds;
  const KeyCodes codes = KeyCodes::make(plan, columns, rowCount, context);
  Groups groups;
  const uint64_t domain = codes.domain();
  if (domain != 0 && domain <= std::max(kFewCodes, static_cast<uint64_t>(rowCount))) {
    fillCodes(codes, rowCount, groups.ofRow, context);
    groups.count = domain;
  } else {
    groups.count = aggregate::denseIds(codes, rowCount, groups.ofRow, context);
  }
  if (request.dropNullKeys) {
    for (const int key : request.keys) {
      dropNulls(columns[static_cast<size_t>(key)], rowCount, groups.ofRow, context);
    }
  }
  return groups;
}

/// The best rows of every group that one thread has met, best first; `size` of them a group.
class Leaders {
 public:
  Leaders(const Rank& rank, size_t groups, size_t size)
      : rank_(&rank), size_(size), counts_(groups, 0), leaders_(groups * size) {}

  void add(uint32_t group, const Candidate& candidate) {
    Candidate* own = leaders_.data() + group * size_;
    size_t place = counts_[group];
    if (place == size_) {
      if (!rank_->isBefore(candidate, own[size_ - 1])) return;
      place -= 1;
    } else {
      counts_[group] += 1;
    }
    for (; place > 0 && rank_->isBefore(candidate, own[place - 1]); --place) own[place] = own[place - 1];
    own[place] = candidate;
  }

  /// body(candidate) for those of a group.
  template <class Body>
  void forEach(uint32_t group, const Body& body) const {
    const Candidate* own = leaders_.data() + group * size_;
    for (size_t i = 0; i < counts_[group]; ++i) body(own[i]);
  }

 private:
  const Rank* rank_;
  size_t size_;
  std::vector<uint32_t> counts_;
  std::vector<Candidate> leaders_;
};

class RowChooser {
 public:
  RowChooser(const Rank& rank, const Groups& groups, int64_t rowCount, size_t count, Context context)
      : rank_(rank),
        groups_(groups),
        rowCount_(rowCount),
        count_(count),
        context_(context),
        kept_(static_cast<size_t>(rowCount), 0) {}

  BufferPtr run() {
    const bool fewLeaders = count_ <= kMaxLeaders && groups_.count * count_ * sizeof(Candidate) <= kLeaderBytes;
    if (fewLeaders) {
      keepLeaders();
    } else {
      keepSelected();
    }
    return listKept();
  }

 private:
  // A later leader is found by shifting the others: longer lists are selected from whole groups instead.
  static constexpr size_t kMaxLeaders = 16;
  // Of one thread: about what a core's share of the caches holds.
  static constexpr size_t kLeaderBytes = size_t{8} << 20;
  static constexpr size_t kTaskGroups = 64;

  void keepLeaders() {
    const auto lanes =
        static_cast<size_t>(std::min<int64_t>(context_.threads, std::max<int64_t>(1, morselCount(rowCount_))));
    std::vector<Leaders> leaders(lanes, Leaders(rank_, groups_.count, count_));
    forKeys([&](int64_t row, uint64_t key, int lane) {
      const uint32_t group = groups_.ofRow[static_cast<size_t>(row)];
      if (group != kNoPosition) leaders[static_cast<size_t>(lane)].add(group, {key, static_cast<uint32_t>(row)});
    });
    context_.parallelFor((groups_.count + kTaskGroups - 1) / kTaskGroups, [&](size_t task, int) {
      const size_t end = std::min(groups_.count, (task + 1) * kTaskGroups);
      for (size_t group = task * kTaskGroups; group < end; ++group) {
        const auto at = static_cast<uint32_t>(group);
        for (size_t lane = 1; lane < lanes; ++lane) {
          leaders[lane].forEach(at, [&](const Candidate& candidate) { leaders[0].add(at, candidate); });
        }
        leaders[0].forEach(at, [&](const Candidate& candidate) { kept_[candidate.row] = 1; });
      }
    });
  }

  /// Sorts the row numbers by group, and selects in each group.
  void keepSelected() {
    std::vector<uint64_t> keys(static_cast<size_t>(rowCount_));
    std::vector<uint32_t> rows(static_cast<size_t>(rowCount_));
    forKeys([&](int64_t row, uint64_t key, int) {
      keys[static_cast<size_t>(row)] = key;
      rows[static_cast<size_t>(row)] = static_cast<uint32_t>(row);
    });
    ColumnView numbers{};
    numbers.storage = Storage::U32;
    numbers.length = rowCount_;
    numbers.values = rows.data();
    const auto grouped = aggregate::ValueGrouper<uint32_t>(numbers, groups_.ofRow, groups_.count, context_).run();
    std::vector<std::vector<Candidate>> scratch(static_cast<size_t>(context_.threads));
    context_.parallelFor((groups_.count + kTaskGroups - 1) / kTaskGroups, [&](size_t task, int lane) {
      std::vector<Candidate>& candidates = scratch[static_cast<size_t>(lane)];
      const size_t end = std::min(groups_.count, (task + 1) * kTaskGroups);
      for (size_t group = task * kTaskGroups; group < end; ++group) {
        candidates.clear();
        for (uint64_t i = grouped.offsets[group]; i < grouped.offsets[group + 1]; ++i) {
          const uint32_t row = aggregate::fromOrdered<uint32_t>(grouped.values[i]);
          candidates.push_back({keys[row], row});
        }
        select(candidates);
      }
    });
  }

  void select(std::vector<Candidate>& candidates) {
    if (candidates.size() > count_) {
      const auto before = [this](const Candidate& a, const Candidate& b) { return rank_.isBefore(a, b); };
      std::nth_element(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(count_), candidates.end(),
                       before);
      candidates.resize(count_);
    }
    for (const Candidate& candidate : candidates) kept_[candidate.row] = 1;
  }

  /// body(row, first key word, lane) for all rows.
  template <class Body>
  void forKeys(const Body& body) const {
    forMorsels(context_, rowCount_, [&](int64_t begin, int64_t end, int64_t, int lane) {
      uint64_t words[sort::kKeyVector];
      for (int64_t base = begin; base < end; base += sort::kKeyVector) {
        const int64_t stop = std::min(end, base + sort::kKeyVector);
        rank_.fill(base, stop, words);
        for (int64_t row = base; row < stop; ++row) body(row, words[row - base], lane);
      }
    });
  }

  BufferPtr listKept() const {
    const auto count = static_cast<size_t>(std::count(kept_.begin(), kept_.end(), uint8_t{1}));
    BufferPtr rows = Buffer::allocate(count * sizeof(uint32_t));
    // Written for every row, and the place moves on only behind one that stays: no branch to mispredict.
    auto* out = rows->as<uint32_t>();
    size_t place = 0;
    for (size_t row = 0; row < kept_.size() && place < count; ++row) {
      out[place] = static_cast<uint32_t>(row);
      place += kept_[row];
    }
    return rows;
  }

  const Rank& rank_;
  const Groups& groups_;
  const int64_t rowCount_;
  const size_t count_;
  const Context context_;
  std::vector<uint8_t> kept_;  // a byte a row: threads write to neighbours
};

}  // namespace

BufferPtr keptRows(const std::vector<ColumnView>& columns, int64_t rowCount, const Request& request, Context context) {
  if (rowCount == 0 || request.count == 0) return Buffer::allocate(0);
  const Groups groups = findGroups(columns, rowCount, request, context);
  const sort::NormalizedKeys keys(columns, request.order, context);
  const Rank rank(keys, request.last);
  const auto count = static_cast<size_t>(std::min(request.count, rowCount));
  return RowChooser(rank, groups, rowCount, count, context).run();
}

}  // namespace gdf::group_rows

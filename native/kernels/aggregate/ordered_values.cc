// mode and argExtreme: row numbers are sorted by group; in a group, rows are compared by the normalized key of their
// value.
#include <algorithm>
#include <numeric>

#include "kernels/aggregate/group_values.h"
#include "kernels/gather/gather.h"
#include "kernels/sort/keys.h"

namespace gdf::aggregate {
namespace {

constexpr size_t kTaskGroups = 64;

/// A row that has a value.
struct Candidate {
  uint64_t key;  // first word of the normalized key
  uint32_t row;
};

class OrderedGroups {
 public:
  OrderedGroups(const EmitContext& context, const Call& call, const RowPositions& rowPositions)
      : column_(context.columns[static_cast<size_t>(call.column)]),
        groups_(context.groupCount()),
        context_(context.context),
        keys_(context.columns, {{call.column, call.upper, false}}, context_) {
    fillWords();
    std::vector<uint32_t> rows(static_cast<size_t>(column_.length));
    std::iota(rows.begin(), rows.end(), 0u);
    ColumnView numbers{};
    numbers.storage = Storage::U32;
    numbers.length = column_.length;
    numbers.values = rows.data();
    grouped_ = ValueGrouper<uint32_t>(numbers, rowPositions, groups_, context_).run();
  }

  /// body(group, its rows, how many, the lane's scratch) for all groups, in parallel. Rows ascend.
  template <class Body>
  void forGroups(const Body& body) const {
    std::vector<std::vector<Candidate>> scratch(static_cast<size_t>(context_.threads));
    context_.parallelFor((groups_ + kTaskGroups - 1) / kTaskGroups, [&](size_t task, int lane) {
      for (size_t group = task * kTaskGroups; group < std::min(groups_, (task + 1) * kTaskGroups); ++group) {
        const uint64_t begin = grouped_.offsets[group];
        body(group, grouped_.values.data() + begin, grouped_.offsets[group + 1] - begin,
             scratch[static_cast<size_t>(lane)]);
      }
    });
  }

  bool hasValue(uint32_t row) const { return column_.isValid(row); }
  Candidate candidate(uint32_t row) const { return {words_[row], row}; }
  /// By value alone.
  bool isBefore(const Candidate& a, const Candidate& b) const {
    if (a.key != b.key) return a.key < b.key;
    return keys_.words() > 1 && keys_.isBefore(a.row, b.row, 1);
  }

 private:
  void fillWords() {
    words_.assign(static_cast<size_t>(column_.length), 0);
    if (keys_.words() == 0) return;  // all values are equal
    forMorsels(context_, column_.length, [&](int64_t begin, int64_t end, int64_t, int) {
      for (int64_t base = begin; base < end; base += sort::kKeyVector) {
        keys_.fill(base, std::min(end, base + sort::kKeyVector), 0, words_.data() + base);
      }
    });
  }

  const ColumnView& column_;
  const size_t groups_;
  const Context context_;
  const sort::NormalizedKeys keys_;
  std::vector<uint64_t> words_;
  GroupedValues<uint32_t> grouped_;
};

/// The row that shows the most frequent value; of equally frequent ones the lowest. kNoRow: no values.
uint32_t modeOf(const OrderedGroups& groups, std::vector<Candidate>& candidates) {
  std::sort(candidates.begin(), candidates.end(), [&](const Candidate& a, const Candidate& b) {
    if (groups.isBefore(a, b)) return true;
    return !groups.isBefore(b, a) && a.row < b.row;
  });
  uint32_t best = kNoRow;
  size_t most = 0;
  for (size_t begin = 0; begin < candidates.size();) {
    size_t end = begin + 1;
    while (end < candidates.size() && !groups.isBefore(candidates[begin], candidates[end])) end += 1;
    if (end - begin > most) {
      most = end - begin;
      best = candidates[begin].row;
    }
    begin = end;
  }
  return best;
}

}  // namespace

OwnedColumn modes(const EmitContext& context, const Call& call, const RowPositions& rowPositions) {
  const OrderedGroups groups(context, call, rowPositions);
  std::vector<uint32_t> shown(context.groupCount(), kNoRow);
  groups.forGroups([&](size_t group, const uint32_t* rows, size_t count, std::vector<Candidate>& candidates) {
    candidates.clear();
    for (size_t i = 0; i < count; ++i) {
      if (groups.hasValue(rows[i])) candidates.push_back(groups.candidate(rows[i]));
    }
    shown[group] = modeOf(groups, candidates);
  });
  OwnedColumn column = gather(context.columns[static_cast<size_t>(call.column)],
                              {shown.data(), static_cast<int64_t>(shown.size()), true}, context.context);
  canonicalise(column);
  return column;
}

OwnedColumn placesOfExtremes(const EmitContext& context, const Call& call, const RowPositions& rowPositions) {
  const OrderedGroups groups(context, call, rowPositions);
  ColumnOutput output(Storage::I64, 8, context.groupCount(), true);
  auto* places = output.values<int64_t>();
  groups.forGroups([&](size_t group, const uint32_t* rows, size_t count, std::vector<Candidate>&) {
    size_t best = count;
    for (size_t i = 0; i < count; ++i) {
      if (!groups.hasValue(rows[i])) continue;
      const bool isBetter = best == count || groups.isBefore(groups.candidate(rows[i]), groups.candidate(rows[best]));
      if (isBetter) best = i;
    }
    places[group] = static_cast<int64_t>(best == count ? 0 : best);
    if (best == count) output.setNull(group);
  });
  return output.finish();
}

}  // namespace gdf::aggregate

// The pipeline of a join:
//
//   keys of both sides -> groups (direct addressing or hash table) -> partners of every left row -> counts -> rows
#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>

#include "core/error.h"
#include "core/morsel.h"
#include "kernels/gather/gather.h"
#include "kernels/join/group_table.h"
#include "kernels/join/join.h"
#include "kernels/join/partners.h"

namespace gdf::join {
namespace {

// Direct addressing costs 4 bytes a key of the space: up to this many a row it beats hashing.
constexpr uint64_t kSpacePerRow = 16;
constexpr uint64_t kSmallSpace = 65536;
// How much smaller a side must be for us to know better than the optimizer which one to build.
constexpr int64_t kClearlySmaller = 4;

uint32_t* rowsOf(const BufferPtr& buffer) {
  return buffer->as<uint32_t>();
}

struct Groups {
  BufferPtr left;  // of every left row, kNoGroup for none
  BufferPtr right;
  int64_t count = 0;
};

template <class Convert>
BufferPtr eachKey(const KeySpace& keys, SideIndex side, Context context, const Convert& convert) {
  BufferPtr groups = Buffer::allocate(static_cast<size_t>(keys.rowCount(side)) * 4);
  forMorsels(context, keys.rowCount(side), [&](int64_t begin, int64_t end, int64_t, int) {
    uint64_t values[kKeyVector];
    for (int64_t row = begin; row < end; row += kKeyVector) {
      const int64_t count = std::min(kKeyVector, end - row);
      keys.load(side, row, count, values);
      convert(values, count, rowsOf(groups) + row);
    }
  });
  return groups;
}

Groups directGroups(const KeySpace& keys, Context context) {
  const auto truncate = [](const uint64_t* values, int64_t count, uint32_t* groups) {
    for (int64_t i = 0; i < count; ++i) groups[i] = static_cast<uint32_t>(values[i]);  // kNoKey becomes kNoGroup
  };
  return {eachKey(keys, kLeft, context, truncate), eachKey(keys, kRight, context, truncate),
          static_cast<int64_t>(keys.size())};
}

Groups hashGroups(const KeySpace& keys, SideIndex buildSide, Context context) {
  const GroupTable table(keys, buildSide, context);
  const SideIndex probeSide = buildSide == kLeft ? kRight : kLeft;
  BufferPtr probed = eachKey(keys, probeSide, context, [&](const uint64_t* values, int64_t count, uint32_t* groups) {
    table.probe(values, count, groups);
  });
  if (buildSide == kLeft) return {table.buildGroups(), probed, table.groupCount()};
  return {probed, table.buildGroups(), table.groupCount()};
}

bool buildsRight(const Side& left, const Side& right, const Spec& spec) {
  if (left.rowCount * kClearlySmaller < right.rowCount) return false;
  if (right.rowCount * kClearlySmaller < left.rowCount) return true;
  return spec.buildRight;
}

Groups groupsOf(const Side& left, const Side& right, Spec spec, Context context) {
  spec.buildRight = buildsRight(left, right, spec);
  const KeySpace keys(left, right, spec, context);
  const auto fewerRows = static_cast<uint64_t>(std::min(left.rowCount, right.rowCount));
  const uint64_t limit = std::min<uint64_t>(std::max(kSmallSpace, fewerRows * kSpacePerRow), INT32_MAX);
  if (keys.size() <= limit) return directGroups(keys, context);
  return hashGroups(keys, spec.buildRight ? kRight : kLeft, context);
}

/// Where the rows of each left morsel go.
struct Offsets {
  std::vector<int64_t> starts;
  int64_t total() const { return starts.back(); }
};

/// count(row): how many result rows a left row gives.
template <class Count>
Offsets countRows(int64_t rowCount, Context context, const Count& count) {
  Offsets offsets{std::vector<int64_t>(static_cast<size_t>(morselCount(rowCount)) + 1, 0)};
  forMorsels(context, rowCount, [&](int64_t begin, int64_t end, int64_t morsel, int) {
    int64_t rows = 0;
    for (int64_t row = begin; row < end; ++row) rows += count(row);
    offsets.starts[static_cast<size_t>(morsel) + 1] = rows;
  });
  for (size_t i = 1; i < offsets.starts.size(); ++i) offsets.starts[i] += offsets.starts[i - 1];
  return offsets;
}

BufferPtr allocateRows(int64_t count) {
  if (count > std::numeric_limits<int32_t>::max()) {
    throw KernelError("MEMORY_BUDGET",
                      "the join would give " + std::to_string(count) + " rows; a partition holds at most 2147483647");
  }
  return Buffer::allocate(static_cast<size_t>(count) * 4);
}

class Join {
 public:
  Join(const Side& left, const Side& right, const Spec& spec, Context context)
      : how_(spec.how),
        leftRows_(left.rowCount),
        rightRows_(right.rowCount),
        mostRows_(spec.mostRows),
        context_(context),
        groups_(groupsOf(left, right, spec, context)),
        partners_(rowsOf(groups_.right), right.rowCount, groups_.count, context) {}

  Matches run() {
    if (how_ == How::Semi || how_ == How::Anti) return filterLeft();
    Matches matches = partners_.isUnique() ? uniqueMatches() : listedMatches();
    matches.rightMayMiss = how_ == How::Left || how_ == How::Full;
    if (how_ == How::Right || how_ == How::Full) appendUnmatched(matches);
    return matches;
  }

 private:
  bool keepsLeft() const { return how_ == How::Left || how_ == How::Full; }
  int64_t partnerCount(int64_t row) const {
    const uint32_t group = rowsOf(groups_.left)[row];
    if (group == kNoGroup) return 0;
    if (partners_.isUnique()) return partners_.row(group) != kNoRow ? 1 : 0;
    return partners_.end(group) - partners_.begin(group);
  }

  Matches filterLeft() {
    const bool wanted = how_ == How::Semi;
    const auto keeps = [&](int64_t row) { return (partnerCount(row) > 0) == wanted; };
    const Offsets offsets = countRows(leftRows_, context_, [&](int64_t row) { return keeps(row) ? 1 : 0; });
    Matches matches{offsets.total(), nullptr, nullptr};
    if (offsets.total() == leftRows_) return matches;
    matches.left = allocateRows(offsets.total());
    forMorsels(context_, leftRows_, [&](int64_t begin, int64_t end, int64_t morsel, int) {
      uint32_t* out = rowsOf(matches.left) + offsets.starts[static_cast<size_t>(morsel)];
      for (int64_t row = begin; row < end; ++row) {
        if (keeps(row)) *out++ = static_cast<uint32_t>(row);
      }
    });
    return matches;
  }

  /// At most one partner a left row: the groups of the left rows turn into their partners, in place.
  Matches uniqueMatches() {
    uint32_t* partner = rowsOf(groups_.left);
    const Offsets offsets = countPartners(partner);
    Matches matches{keepsLeft() ? leftRows_ : offsets.total(), nullptr, nullptr};
    if (matches.count == leftRows_) {
      matches.right = groups_.left;
      partnersReplaceGroups_ = true;
      return matches;
    }
    matches.left = allocateRows(matches.count);
    matches.right = allocateRows(matches.count);
    forMorsels(context_, leftRows_, [&](int64_t begin, int64_t end, int64_t morsel, int) {
      const int64_t start = offsets.starts[static_cast<size_t>(morsel)];
      uint32_t* left = rowsOf(matches.left) + start;
      uint32_t* right = rowsOf(matches.right) + start;
      for (int64_t row = begin; row < end; ++row) {
        if (partner[row] == kNoRow) continue;
        *left++ = static_cast<uint32_t>(row);
        *right++ = partner[row];
      }
    });
    partnersReplaceGroups_ = true;
    return matches;
  }

  Offsets countPartners(uint32_t* partner) {
    return countRows(leftRows_, context_, [&](int64_t row) {
      const uint32_t group = partner[row];
      partner[row] = group == kNoGroup ? kNoRow : partners_.row(group);
      return partner[row] != kNoRow ? 1 : 0;
    });
  }

  void requireBound(int64_t count) const {
    if (count <= mostRows_) return;
    KernelError error("JOIN_ROWS", "the join would give " + std::to_string(count) + " rows");
    error.row = count;
    throw error;
  }

  Matches listedMatches() {
    const Offsets offsets = countRows(leftRows_, context_, [&](int64_t row) {
      const int64_t count = partnerCount(row);
      return keepsLeft() && count == 0 ? 1 : count;
    });
    requireBound(offsets.total());
    Matches matches{offsets.total(), allocateRows(offsets.total()), allocateRows(offsets.total())};
    forMorsels(context_, leftRows_, [&](int64_t begin, int64_t end, int64_t morsel, int) {
      const int64_t start = offsets.starts[static_cast<size_t>(morsel)];
      uint32_t* left = rowsOf(matches.left) + start;
      uint32_t* right = rowsOf(matches.right) + start;
      for (int64_t row = begin; row < end; ++row) {
        const int64_t count = partnerCount(row);
        if (count > 0) {
          const uint32_t* rows = partners_.rows() + partners_.begin(rowsOf(groups_.left)[row]);
          right = std::copy(rows, rows + count, right);
          left = std::fill_n(left, count, static_cast<uint32_t>(row));
        } else if (keepsLeft()) {
          *left++ = static_cast<uint32_t>(row);
          *right++ = kNoRow;
        }
      }
    });
    return matches;
  }

  /// Adds the right rows that no left row has met, with no row on the left.
  void appendUnmatched(Matches& matches) {
    const BufferPtr met = metRightRows();
    const uint8_t* isMet = met->data();
    const Offsets offsets = countRows(rightRows_, context_, [&](int64_t row) { return isMet[row] == 0 ? 1 : 0; });
    if (offsets.total() == 0) return;
    const int64_t total = matches.count + offsets.total();
    const BufferPtr left = allocateRows(total);
    const BufferPtr right = allocateRows(total);
    if (matches.left) {
      std::memcpy(left->data(), matches.left->data(), static_cast<size_t>(matches.count) * 4);
    } else {
      std::iota(rowsOf(left), rowsOf(left) + matches.count, 0u);
    }
    if (matches.count > 0) std::memcpy(right->data(), matches.right->data(), static_cast<size_t>(matches.count) * 4);
    forMorsels(context_, rightRows_, [&](int64_t begin, int64_t end, int64_t morsel, int) {
      int64_t at = matches.count + offsets.starts[static_cast<size_t>(morsel)];
      for (int64_t row = begin; row < end; ++row) {
        if (isMet[row] != 0) continue;
        rowsOf(left)[at] = kNoRow;
        rowsOf(right)[at++] = static_cast<uint32_t>(row);
      }
    });
    matches = {total, left, right, true, matches.rightMayMiss};
  }

  /// One byte a right row. Threads may mark the same row: relaxed stores of the same value.
  BufferPtr metRightRows() {
    BufferPtr met = Buffer::allocateZeroed(static_cast<size_t>(rightRows_));
    auto* isMet = met->as<std::atomic<uint8_t>>();
    const auto mark = [&](uint32_t row) { isMet[row].store(1, std::memory_order_relaxed); };
    forMorsels(context_, leftRows_, [&](int64_t begin, int64_t stop, int64_t, int) {
      for (int64_t row = begin; row < stop; ++row) {
        const uint32_t group = rowsOf(groups_.left)[row];
        if (group == kNoGroup) continue;  // also kNoRow, which is the same number
        if (partnersReplaceGroups_) {
          mark(group);
          continue;
        }
        const uint32_t* first = partners_.rows() + partners_.begin(group);
        const uint32_t* end = partners_.rows() + partners_.end(group);
        // A group of left rows alone has no first row to look at: behind the last list there is none at all.
        if (first == end || isMet[*first].load(std::memory_order_relaxed) != 0) continue;
        std::for_each(first, end, mark);
      }
    });
    return met;
  }

  How how_;
  int64_t leftRows_;
  int64_t rightRows_;
  int64_t mostRows_;
  Context context_;
  Groups groups_;
  Partners partners_;
  bool partnersReplaceGroups_ = false;
};

}  // namespace

Matches match(const Side& left, const Side& right, const Spec& spec, Context context) {
  return Join(left, right, spec, context).run();
}

}  // namespace gdf::join

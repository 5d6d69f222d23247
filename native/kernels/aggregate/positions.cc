#include "kernels/aggregate/positions.h"

#include <algorithm>
#include <atomic>
#include <bit>

#include "core/pooled.h"

namespace gdf::aggregate {
namespace {

// First rows are distinct numbers below the row count, so a bitmap sorts them: a group's place is the number of set
// bits before its own. 1 bit a row against 8 passes of a radix sort over the groups.
class RowSet {
 public:
  explicit RowSet(int64_t rowCount) : words_(static_cast<size_t>(rowCount + 63) / 64 + 1, 0), before_(words_.size()) {}

  void add(uint32_t row) {
    std::atomic_ref<uint64_t>(words_[row >> 6]).fetch_or(uint64_t{1} << (row & 63), std::memory_order_relaxed);
  }

  uint32_t count() {
    uint32_t total = 0;
    for (size_t i = 0; i < words_.size(); ++i) {
      before_[i] = total;
      total += static_cast<uint32_t>(std::popcount(words_[i]));
    }
    return total;
  }

  uint32_t placeOf(uint32_t row) const {
    const uint64_t lower = words_[row >> 6] & ((uint64_t{1} << (row & 63)) - 1);
    return before_[row >> 6] + static_cast<uint32_t>(std::popcount(lower));
  }

  void list(Pooled<uint32_t>& rows) const {
    size_t next = 0;
    for (size_t i = 0; i < words_.size(); ++i) {
      for (uint64_t word = words_[i]; word != 0; word &= word - 1) {
        rows[next++] = static_cast<uint32_t>(i * 64) + static_cast<uint32_t>(std::countr_zero(word));
      }
    }
  }

 private:
  Pooled<uint64_t> words_;
  Pooled<uint32_t> before_;
};

}  // namespace

Placement placeGroups(const Grouping& grouping, int64_t rowCount, const std::function<bool(uint32_t row)>& dropped,
                      Context context) {
  RowSet firstRows(std::max<int64_t>(rowCount, 1));
  const auto counts = [&](uint32_t row) { return row != kNoFirstRow && !(dropped && dropped(row)); };
  context.parallelFor(grouping.parts.size(), [&](size_t p, int) {
    for (const uint32_t row : grouping.parts[p].firstRows) {
      if (counts(row)) firstRows.add(row);
    }
  });
  Placement placement;
  placement.order.resize(firstRows.count());
  firstRows.list(placement.order);
  placement.positions.resize(grouping.parts.size());
  context.parallelFor(grouping.parts.size(), [&](size_t p, int) {
    const Pooled<uint32_t>& rows = grouping.parts[p].firstRows;
    Pooled<uint32_t>& positions = placement.positions[p];
    positions.resize(rows.size());
    for (size_t group = 0; group < rows.size(); ++group) {
      positions[group] = counts(rows[group]) ? firstRows.placeOf(rows[group]) : kNoPosition;
    }
  });
  return placement;
}

}  // namespace gdf::aggregate

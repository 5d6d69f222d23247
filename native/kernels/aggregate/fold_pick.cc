#include <algorithm>

#include "kernels/aggregate/fetch_ahead.h"
#include "kernels/aggregate/fold.h"

namespace gdf::aggregate {
namespace {

// kNone is the highest number: it loses against every row as a minimum, and as a maximum after adding one.
inline uint32_t later(uint32_t a, uint32_t b) {
  return std::max(a + 1, b + 1) - 1;
}

}  // namespace

void PickFold::add(const Chunk& chunk) {
  const uint32_t* groups = slot_ < 0 ? chunk.groups : chunk.columns[slot_].groups;
  if (groups == nullptr) {
    addAll(chunk, slot_ < 0 ? nullptr : chunk.columns[slot_].valid);
    return;
  }
  uint32_t* rows = rows_.data();
  addRows(rows_, groups, chunk.count, chunk.count, [&](size_t i) {
    uint32_t& row = rows[groups[i]];
    row = last_ ? later(row, chunk.rowOf(i)) : std::min(row, chunk.rowOf(i));
  });
}

/// Without keys: rows of a chunk ascend, so that the search ends at the first that counts.
void PickFold::addAll(const Chunk& chunk, const uint8_t* valid) {
  for (size_t i = 0; i < chunk.count; ++i) {
    const size_t at = last_ ? chunk.count - 1 - i : i;
    if (valid != nullptr && valid[at] == 0) continue;
    rows_[1] = last_ ? later(rows_[1], chunk.rowOf(at)) : std::min(rows_[1], chunk.rowOf(at));
    return;
  }
}

void PickFold::merge(const Fold& other, const uint32_t* map, size_t groups) {
  const auto& from = static_cast<const PickFold&>(other).rows_;
  for (size_t group = 1; group < groups; ++group) {
    uint32_t& row = rows_[map[group]];
    row = last_ ? later(row, from[group]) : std::min(row, from[group]);
  }
}

}  // namespace gdf::aggregate

#include <algorithm>

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
  uint32_t* rows = rows_.data();
  for (size_t i = 0; i < chunk.count; ++i) {
    uint32_t& row = rows[groups == nullptr ? 1 : groups[i]];
    row = last_ ? later(row, chunk.rowOf(i)) : std::min(row, chunk.rowOf(i));
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

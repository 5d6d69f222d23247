#include "kernels/aggregate/fetch_ahead.h"
#include "kernels/aggregate/fold.h"

namespace gdf::aggregate {

void CountFold::add(const Chunk& chunk) {
  const uint32_t* groups = slot_ < 0 ? chunk.groups : chunk.columns[slot_].groups;
  if (groups == nullptr) {
    counts_[1] += static_cast<uint32_t>(slot_ < 0 ? chunk.count : chunk.columns[slot_].count);
    return;
  }
  uint32_t* counts = counts_.data();
  addRows(counts_, groups, chunk.count, chunk.count, [&](size_t i) { counts[groups[i]] += 1; });
}

void CountFold::merge(const Fold& other, const uint32_t* map, size_t groups) {
  const auto& from = static_cast<const CountFold&>(other).counts_;
  for (size_t group = 1; group < groups; ++group) counts_[map[group]] += from[group];
}

}  // namespace gdf::aggregate

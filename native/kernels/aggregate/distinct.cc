// nUnique: the distinct pairs of group and value are themselves groups, so counting them takes the same strategies.
#include <atomic>

#include "kernels/aggregate/holistic.h"

namespace gdf::aggregate {

OwnedColumn countDistinct(const EmitContext& context, const Call& call, const RowPositions& rowPositions) {
  const auto column = static_cast<size_t>(call.column);
  const ColumnView& view = context.columns[column];
  const size_t groups = context.groupCount();
  const KeyCodes pairs = KeyCodes::makePairs(rowPositions, groups, view, context.plan.bounds[column], context.context);
  const Layout none;
  const Grouping grouping = groupRows({none, pairs, view.length, false, context.context}, true);
  ColumnOutput output(Storage::I64, 8, groups, false);
  auto* counts = output.values<int64_t>();
  std::fill_n(counts, groups, 0);
  context.context.parallelFor(grouping.parts.size(), [&](size_t part, int) {
    for (const uint32_t row : grouping.parts[part].firstRows) {
      if (row == kNoFirstRow || !view.isValid(row) || rowPositions[row] == kNoPosition) continue;
      std::atomic_ref<int64_t>(counts[rowPositions[row]]).fetch_add(1, std::memory_order_relaxed);
    }
  });
  return output.finish();
}

}  // namespace gdf::aggregate

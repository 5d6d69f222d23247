#include "kernels/aggregate/aggregate.h"

#include <algorithm>

#include "core/pooled.h"
#include "kernels/aggregate/emit.h"
#include "kernels/aggregate/holistic.h"
#include "kernels/aggregate/order.h"
#include "kernels/aggregate/storage_type.h"
#include "kernels/gather/gather.h"

namespace gdf::aggregate {
namespace {

std::vector<OwnedColumn> gatherKeys(const EmitContext& context) {
  std::vector<OwnedColumn> keys;
  const Pooled<uint32_t>& rows = context.placement.order;
  for (const int key : context.plan.keys) {
    const ColumnView& column = context.columns[static_cast<size_t>(key)];
    keys.push_back(gather(column, {rows.data(), static_cast<int64_t>(rows.size()), false}, context.context));
    canonicalise(keys.back());
  }
  return keys;
}

/// Whether a group that starts at a row has a null key, where such groups are left out.
std::function<bool(uint32_t)> dropsGroup(const Plan& plan, const std::vector<ColumnView>& columns) {
  std::vector<const ColumnView*> nullable;
  for (const int key : plan.keys) {
    if (columns[static_cast<size_t>(key)].nullCount > 0) nullable.push_back(&columns[static_cast<size_t>(key)]);
  }
  if (!plan.dropNullKeys || nullable.empty()) return nullptr;
  return [nullable](uint32_t row) {
    return std::ranges::any_of(nullable, [row](const ColumnView* column) { return !column->isValid(row); });
  };
}

/// The emitters of the output columns that are made from folds; null where a call is holistic.
std::vector<std::unique_ptr<Emitter>> makeEmitters(const EmitContext& context) {
  std::vector<std::unique_ptr<Emitter>> emitters;
  if (context.plan.phase == Phase::Partial) {
    for (size_t i = 0; i < context.plan.monoids.size(); ++i)
      emitters.push_back(emitState(context, static_cast<int>(i)));
    return emitters;
  }
  for (size_t i = 0; i < context.plan.calls.size(); ++i) {
    const Call& call = context.plan.calls[i];
    if (isHolistic(call)) continue;
    emitters.push_back(call.kind == CallKind::Value ? emitState(context, call.monoid)
                                                    : emitNumber(context, call, static_cast<int>(i)));
  }
  return emitters;
}

/// The columns of holistic calls, by call. Quantiles of one column share its grouped values.
std::vector<OwnedColumn> holisticColumns(const EmitContext& context, const Grouping& grouping, int64_t rowCount) {
  const std::vector<Call>& calls = context.plan.calls;
  std::vector<OwnedColumn> columns(calls.size());
  RowPositions rowPositions(static_cast<size_t>(rowCount));
  grouping.assignRows(context.placement.positions, rowPositions.data());
  std::vector<bool> done(calls.size(), false);
  for (size_t i = 0; i < calls.size(); ++i) {
    if (calls[i].kind == CallKind::NUnique) columns[i] = countDistinct(context, calls[i], rowPositions);
    if (calls[i].kind == CallKind::Mode) columns[i] = modes(context, calls[i], rowPositions);
    if (calls[i].kind == CallKind::ArgExtreme) columns[i] = placesOfExtremes(context, calls[i], rowPositions);
    if (calls[i].kind != CallKind::Quantile || done[i]) continue;
    std::vector<Call> shared;
    std::vector<size_t> sites;
    for (size_t j = i; j < calls.size(); ++j) {
      if (calls[j].kind != CallKind::Quantile || calls[j].column != calls[i].column) continue;
      shared.push_back(calls[j]);
      sites.push_back(j);
      done[j] = true;
    }
    std::vector<OwnedColumn> found = quantiles(context, shared, rowPositions);
    for (size_t j = 0; j < sites.size(); ++j) columns[sites[j]] = std::move(found[j]);
  }
  return columns;
}

}  // namespace

Aggregated aggregate(const Plan& plan, const std::vector<ColumnView>& columns, int64_t rowCount, Context context) {
  const bool hasKeys = !plan.keys.empty();
  const bool holistic = plan.phase == Phase::Complete && std::any_of(plan.calls.begin(), plan.calls.end(), isHolistic);
  const Layout layout = makeLayout(plan, columns, rowCount, context);
  const KeyCodes codes = KeyCodes::make(plan, columns, rowCount, context);
  const Grouping grouping = groupRows({layout, codes, rowCount, holistic, context}, hasKeys);
  const Placement placement = placeGroups(grouping, rowCount, dropsGroup(plan, columns), context);
  const EmitContext emit{plan, columns, layout, placement, hasKeys || rowCount > 0, context};
  Aggregated result;
  result.rowCount = static_cast<int64_t>(placement.order.size());
  result.columns = gatherKeys(emit);
  std::vector<OwnedColumn> folded = emitAll(emit, grouping, makeEmitters(emit));
  std::vector<OwnedColumn> whole;
  if (holistic) whole = holisticColumns(emit, grouping, rowCount);
  size_t next = 0;
  const size_t outputs = plan.phase == Phase::Partial ? plan.monoids.size() : plan.calls.size();
  for (size_t i = 0; i < outputs; ++i) {
    const bool isWhole = plan.phase != Phase::Partial && isHolistic(plan.calls[i]);
    result.columns.push_back(std::move(isWhole ? whole[i] : folded[next++]));
  }
  return result;
}

}  // namespace gdf::aggregate

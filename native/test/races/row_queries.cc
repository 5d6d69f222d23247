#include <cmath>
#include <memory>

#include "kernels/aggregate/aggregate.h"
#include "kernels/concat/concat.h"
#include "kernels/exchange/exchange.h"
#include "kernels/gather/gather.h"
#include "kernels/group_rows/group_rows.h"
#include "kernels/join/join.h"
#include "kernels/sort/sort.h"
#include "test/races/query.h"
#include "test/races/race.h"
#include "test/races/table.h"

namespace gdf::races {
namespace {

/// Five morsels and a bit, in the sizes of all of them.
constexpr int64_t kRows = 5 * 32768 + 77;

// The columns of the table that all these queries read.
enum Column { kFew, kMany, kWide, kFloat, kText, kFlag, kSmall, kColumns };

struct Rows {
  Table table;
  std::vector<ColumnView> columns;
};

using RowsPtr = std::shared_ptr<const Rows>;

RowsPtr makeRows(uint64_t seed, int64_t count) {
  auto rows = std::make_shared<Rows>();
  Table& table = rows->table;
  Random random(seed);
  rows->columns = {
      table.add<int32_t>(Storage::I32, count, 9, [&](int64_t) { return static_cast<int32_t>(random.below(100)); }),
      table.add<int32_t>(Storage::I32, count, 0,
                         [&](int64_t) { return static_cast<int32_t>(random.below(static_cast<uint64_t>(count))); }),
      table.add<int64_t>(Storage::I64, count, 20,
                         [&](int64_t) {
                           return static_cast<int64_t>(random.below(static_cast<uint64_t>(count)) *
                                                       0x9e3779b97f4a7c15u);
                         }),
      table.add<double>(Storage::F64, count, 30,
                        [&](int64_t row) {
                          const auto value = static_cast<double>(static_cast<int64_t>(random.next()));
                          return row % 1000 == 999 ? std::nan("") : std::ldexp(value, static_cast<int>(row % 80) - 90);
                        }),
      table.addDictionary(count, 15, 500, [&](int64_t) { return static_cast<uint32_t>(random.below(500)); }),
      table.addBits(count, 11, seed),
      table.add<uint8_t>(Storage::U8, count, 0, [&](int64_t) { return static_cast<uint8_t>(random.next()); }),
  };
  return rows;
}

void addAll(Digest& digest, const std::vector<OwnedColumn>& columns) {
  for (const OwnedColumn& column : columns) digest.add(column);
}

aggregate::Plan planOf(std::vector<int> keys, bool holistic) {
  using namespace aggregate;
  Plan plan;
  plan.keys = std::move(keys);
  plan.bounds.resize(kColumns);
  plan.monoids = {{.kind = MonoidKind::Count},
                  {.kind = MonoidKind::Sum, .column = kSmall},
                  {.kind = MonoidKind::Sum, .column = kFloat},
                  {.kind = MonoidKind::CountValues, .column = kFloat},
                  {.kind = MonoidKind::Min, .column = kWide},
                  {.kind = MonoidKind::Max, .column = kFloat},
                  {.kind = MonoidKind::First, .column = kMany},
                  {.kind = MonoidKind::Last, .column = kText},
                  {.kind = MonoidKind::Any, .column = kFlag}};
  plan.calls = {{.kind = CallKind::Value, .monoid = 0, .storage = Storage::I64},
                {.kind = CallKind::Sum, .monoid = 1, .storage = Storage::U64},
                {.kind = CallKind::Sum, .monoid = 2, .storage = Storage::F64},
                {.kind = CallKind::Mean, .monoid = 2, .count = 3, .storage = Storage::F64},
                {.kind = CallKind::Value, .monoid = 4, .storage = Storage::I64},
                {.kind = CallKind::Value, .monoid = 5, .storage = Storage::F64},
                {.kind = CallKind::Value, .monoid = 6, .storage = Storage::I32},
                {.kind = CallKind::Value, .monoid = 7, .storage = Storage::Dictionary},
                {.kind = CallKind::Value, .monoid = 8, .storage = Storage::Bool}};
  if (!holistic) return plan;
  plan.calls.push_back({.kind = CallKind::Quantile, .column = kFloat, .q = 0.3, .storage = Storage::F64});
  plan.calls.push_back({.kind = CallKind::NUnique, .column = kWide, .storage = Storage::I64});
  plan.calls.push_back({.kind = CallKind::Mode, .column = kMany, .storage = Storage::I32});
  plan.calls.push_back({.kind = CallKind::ArgExtreme, .column = kFloat, .upper = true, .storage = Storage::I64});
  return plan;
}

Query grouped(std::string name, const RowsPtr& rows, const std::vector<int>& keys, bool holistic) {
  return {std::move(name), [rows, plan = planOf(keys, holistic)](Context context) {
            Digest digest;
            addAll(digest, aggregate::aggregate(plan, rows->columns, kRows, context).columns);
            return digest.value();
          }};
}

Query sorted(std::string name, const RowsPtr& rows, const std::vector<sort::SortKey>& keys, int64_t limit) {
  return {std::move(name), [rows, keys, limit](Context context) {
            const BufferPtr order = sort::sortedRows(rows->columns, kRows, keys, limit, context);
            const RowNumbers numbers{order->as<uint32_t>(), static_cast<int64_t>(order->size() / 4), false};
            Digest digest;
            digest.add(*order);
            addAll(digest, gather(rows->columns, numbers, context));
            return digest.value();
          }};
}

Query joined(std::string name, const RowsPtr& left, const RowsPtr& right, const std::vector<int>& keys,
             join::Spec spec) {
  const auto sideOf = [keys](const RowsPtr& rows) {
    join::Side side{{}, rows->columns[0].length};
    for (const int key : keys) side.keys.push_back(rows->columns[static_cast<size_t>(key)]);
    return side;
  };
  return {std::move(name), [left, right, sideOf, spec](Context context) {
            const join::Matches matches = join::match(sideOf(left), sideOf(right), spec, context);
            Digest digest;
            digest.add(static_cast<uint64_t>(matches.count));
            const auto addSide = [&](const BufferPtr& numbers, const RowsPtr& rows, bool mayMiss) {
              if (!numbers) return;
              digest.add(*numbers);
              addAll(digest, gather(rows->columns, {numbers->as<uint32_t>(), matches.count, mayMiss}, context));
            };
            addSide(matches.left, left, matches.leftMayMiss);
            addSide(matches.right, right, matches.rightMayMiss);
            return digest.value();
          }};
}

Query dealt(const RowsPtr& rows) {
  return {"exchange", [rows](Context context) {
            const auto parts = exchange::hashParts(rows->columns, kRows, {{kWide, kText}, 7, true}, 5, context);
            Digest digest;
            for (const exchange::Part& part : exchange::deal(rows->columns, parts, 5, context)) {
              addAll(digest, part.columns);
            }
            return digest.value();
          }};
}

// Slices at unaligned rows: threads join the ends of bitmaps.
Query concatenated(const RowsPtr& rows) {
  return {"concat", [rows](Context context) {
            Digest digest;
            for (const ColumnView& column : rows->columns) {
              const std::vector<ColumnView> parts = {slice(column, 8, 40003), slice(column, 64000, 13),
                                                     slice(column, 80, 70001)};
              digest.add(concat::concat(parts, {}, context));
            }
            return digest.value();
          }};
}

Query firstOfGroups(std::string name, const RowsPtr& rows, int key) {
  return {std::move(name), [rows, key](Context context) {
            group_rows::Request request;
            request.keys = {key};
            request.order = {{kFloat, true, false}};
            request.count = 2;
            request.bounds.resize(kColumns);
            Digest digest;
            digest.add(*group_rows::keptRows(rows->columns, kRows, request, context));
            return digest.value();
          }};
}

}  // namespace

std::vector<Query> rowQueries() {
  const RowsPtr rows = makeRows(1, kRows);
  const RowsPtr others = makeRows(2, 3 * 32768 + 5);
  const RowsPtr few = makeRows(3, 400);
  using join::How;
  return {
      grouped("aggregate of all", rows, {}, true),
      grouped("aggregate by few dense keys", rows, {kFew}, true),
      grouped("aggregate by few hashed keys", rows, {kText, kFew}, false),
      grouped("aggregate by many keys", rows, {kWide}, true),
      grouped("aggregate by many wide keys", rows, {kWide, kMany, kFlag}, false),
      sorted("sort by a narrow key", rows, {{kSmall, false, false}}, -1),
      sorted("sort by a wide key", rows, {{kWide, true, true}}, -1),
      sorted("sort by keys of several words", rows,
             {{kText, false, true}, {kFloat, true, false}, {kWide, false, false}}, -1),
      sorted("the first rows", rows, {{kFloat, false, false}}, 100),
      joined("inner join of dense keys", rows, others, {kMany}, {}),
      joined("full join of hashed keys", rows, others, {kWide}, {.how = How::Full}),
      joined("full join of hashed keys, built left", rows, others, {kWide}, {.how = How::Full, .buildRight = false}),
      joined("left join of two keys", rows, others, {kWide, kText}, {.how = How::Left, .nullEquals = true}),
      joined("right join of a lookup", rows, few, {kFew, kSmall}, {.how = How::Right}),
      joined("semi join", rows, others, {kText, kMany}, {.how = How::Semi}),
      joined("anti join", others, rows, {kFloat}, {.how = How::Anti}),
      dealt(rows),
      concatenated(rows),
      firstOfGroups("first rows of few groups", rows, kFew),
      firstOfGroups("first rows of many groups", rows, kWide),
  };
}

}  // namespace gdf::races

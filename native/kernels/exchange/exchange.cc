#include "kernels/exchange/exchange.h"

#include <memory>

#include "core/morsel.h"
#include "kernels/gather/gather.h"

namespace gdf::exchange {
namespace {

/// Row numbers grouped by part, ascending in each: a stable counting sort, by morsel.
struct GroupedRows {
  std::unique_ptr<uint32_t[]> rows;
  std::vector<int64_t> starts;  // of each part; one more at the end
};

GroupedRows groupRows(const std::vector<uint16_t>& partOf, uint32_t parts, Context context) {
  const auto rowCount = static_cast<int64_t>(partOf.size());
  // Counts are a row a morsel: morsels grow with the rows, so that there are never more counts than rows.
  const int64_t morselRows = std::max<int64_t>(kMorselRows, (parts + 63) / 64 * 64);
  const auto morsels = static_cast<size_t>(morselCount(rowCount, morselRows));
  std::vector<uint32_t> places(morsels * parts, 0);
  forMorsels(
      context, rowCount,
      [&](int64_t begin, int64_t end, int64_t morsel, int) {
        uint32_t* counts = places.data() + static_cast<size_t>(morsel) * parts;
        for (int64_t row = begin; row < end; ++row) counts[partOf[static_cast<size_t>(row)]] += 1;
      },
      morselRows);
  GroupedRows grouped;
  grouped.starts.resize(parts + size_t{1});
  uint32_t place = 0;
  for (uint32_t part = 0; part < parts; ++part) {
    grouped.starts[part] = place;
    for (size_t morsel = 0; morsel < morsels; ++morsel) {
      uint32_t& count = places[morsel * parts + part];
      const uint32_t own = count;
      count = place;
      place += own;
    }
  }
  grouped.starts[parts] = place;
  grouped.rows = std::make_unique_for_overwrite<uint32_t[]>(partOf.size());
  forMorsels(
      context, rowCount,
      [&](int64_t begin, int64_t end, int64_t morsel, int) {
        uint32_t* next = places.data() + static_cast<size_t>(morsel) * parts;
        for (int64_t row = begin; row < end; ++row) {
          grouped.rows[next[partOf[static_cast<size_t>(row)]]++] = static_cast<uint32_t>(row);
        }
      },
      morselRows);
  return grouped;
}

}  // namespace

std::vector<Part> deal(const std::vector<ColumnView>& columns, const std::vector<uint16_t>& partOf, uint32_t parts,
                       Context context) {
  const GroupedRows grouped = groupRows(partOf, parts, context);
  std::vector<Part> dealt(parts);
  for (uint32_t part = 0; part < parts; ++part) {
    dealt[part].rowCount = grouped.starts[part + size_t{1}] - grouped.starts[part];
    dealt[part].columns.resize(columns.size());
  }
  context.parallelFor(parts * columns.size(), [&](size_t task, int) {
    const size_t part = task / columns.size();
    const ColumnView& column = columns[task % columns.size()];
    const int64_t count = dealt[part].rowCount;
    // A part is a small piece: threads take pieces, not parts of pieces.
    OwnedColumn gathered = gather(column, {grouped.rows.get() + grouped.starts[part], count, false}, Context{1});
    if (column.storage == Storage::Dictionary && column.dictionary.size > count) {
      subsetDictionary(column.dictionary, gathered);
    }
    dealt[part].columns[task % columns.size()] = std::move(gathered);
  });
  return dealt;
}

}  // namespace gdf::exchange

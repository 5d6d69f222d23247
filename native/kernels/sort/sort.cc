#include "kernels/sort/sort.h"

#include <bit>
#include <numeric>

#include "core/morsel.h"
#include "kernels/sort/radix.h"
#include "kernels/sort/run_sorter.h"
#include "kernels/sort/top_rows.h"

namespace gdf::sort {
namespace {

// A limit below this share of the rows is worth a pass that finds candidates.
constexpr int64_t kTopShare = 8;
// Above, sorting the candidates with one thread would cost more than it saves.
constexpr int64_t kTopRows = 1 << 16;

template <class Make>
void fillElements(const NormalizedKeys& keys, int64_t count, Context context, const Make& make) {
  forMorsels(context, count, [&](int64_t begin, int64_t end, int64_t, int) {
    uint64_t words[kKeyVector];
    for (int64_t row = begin; row < end; row += kKeyVector) {
      const int64_t stop = std::min(end, row + kKeyVector);
      keys.fill(row, stop, 0, words);
      for (int64_t i = row; i < stop; ++i) make(i, words[i - row]);
    }
  });
}

/// Keys that leave room for the row number in one word.
BufferPtr sortPacked(const NormalizedKeys& keys, int64_t count, int rowBits, Context context) {
  const BufferPtr elements = Buffer::allocate(static_cast<size_t>(count) * sizeof(PackedKey));
  const BufferPtr scratch = Buffer::allocate(static_cast<size_t>(count) * sizeof(PackedKey));
  auto* data = elements->as<PackedKey>();
  fillElements(keys, count, context, [&](int64_t row, uint64_t key) {
    data[row].key = key << rowBits | static_cast<uint64_t>(row);
  });
  sortElements(data, scratch->as<PackedKey>(), count, {rowBits, keys.bits()}, context);
  BufferPtr rows = Buffer::allocate(static_cast<size_t>(count) * 4);
  const uint64_t mask = (uint64_t{1} << rowBits) - 1;
  forMorsels(context, count, [&](int64_t begin, int64_t end, int64_t, int) {
    for (int64_t i = begin; i < end; ++i) rows->as<uint32_t>()[i] = static_cast<uint32_t>(data[i].key & mask);
  });
  return rows;
}

BufferPtr sortWords(const NormalizedKeys& keys, int64_t count, Context context) {
  const BufferPtr elements = Buffer::allocate(static_cast<size_t>(count) * sizeof(KeyRow));
  const BufferPtr scratch = Buffer::allocate(static_cast<size_t>(count) * sizeof(KeyRow));
  auto* data = elements->as<KeyRow>();
  fillElements(keys, count, context, [&](int64_t row, uint64_t key) {
    data[row] = {key, static_cast<uint32_t>(row)};
  });
  sortElements(data, scratch->as<KeyRow>(), count, {0, keys.bitsOfWord(0)}, context);
  RunSorter(keys, data, scratch->as<KeyRow>(), context).sortRuns(0, count, 1, true);
  BufferPtr rows = Buffer::allocate(static_cast<size_t>(count) * 4);
  forMorsels(context, count, [&](int64_t begin, int64_t end, int64_t, int) {
    for (int64_t i = begin; i < end; ++i) rows->as<uint32_t>()[i] = data[i].row;
  });
  return rows;
}

BufferPtr inputOrder(int64_t count) {
  BufferPtr rows = Buffer::allocate(static_cast<size_t>(count) * 4);
  std::iota(rows->as<uint32_t>(), rows->as<uint32_t>() + count, 0u);
  return rows;
}

}  // namespace

BufferPtr sortedRows(const std::vector<ColumnView>& columns, int64_t rowCount, const std::vector<SortKey>& sortKeys,
                     int64_t limit, Context context) {
  const int64_t kept = limit < 0 ? rowCount : std::min(limit, rowCount);
  if (kept == 0) return inputOrder(0);
  const NormalizedKeys keys(columns, sortKeys, context);
  if (keys.bits() == 0) return inputOrder(kept);
  if (kept <= std::min(kTopRows, rowCount / kTopShare)) return topRows(keys, rowCount, kept, context);
  const int rowBits = std::bit_width(static_cast<uint64_t>(rowCount - 1));
  BufferPtr rows = keys.bits() + rowBits <= 64 ? sortPacked(keys, rowCount, rowBits, context)
                                               : sortWords(keys, rowCount, context);
  rows->shrink(static_cast<size_t>(kept) * 4);
  return rows;
}

}  // namespace gdf::sort

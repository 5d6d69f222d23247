#include "kernels/join/partners.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "core/morsel.h"
#include "kernels/gather/gather.h"
#include "kernels/join/key_space.h"

namespace gdf::join {
namespace {

void fillWith(uint32_t* values, int64_t count, int byte, Context context) {
  forMorsels(context, count, [&](int64_t begin, int64_t end, int64_t, int) {
    std::memset(values + begin, byte, static_cast<size_t>(end - begin) * 4);
  });
}

/// counts[g + 1] becomes the sum of the counts up to g.
void prefixSums(uint32_t* counts, int64_t count) {
  uint32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    sum += counts[i];
    counts[i] = sum;
  }
}

}  // namespace

Partners::Partners(const uint32_t* groups, int64_t rowCount, int64_t groupCount, Context context) {
  if (!fillUnique(groups, rowCount, groupCount, context)) fillLists(groups, rowCount, groupCount, context);
}

/// Every row writes itself into its group; the groups are unique if as many are taken as rows were written. Plain
/// stores: which of several rows wins does not matter, because then fillLists runs.
bool Partners::fillUnique(const uint32_t* groups, int64_t rowCount, int64_t groupCount, Context context) {
  rows_ = Buffer::allocate(static_cast<size_t>(groupCount) * 4);
  auto* rows = rows_->as<std::atomic<uint32_t>>();
  fillWith(rows_->as<uint32_t>(), groupCount, 0xff, context);
  std::atomic<int64_t> written{0};
  forMorsels(context, rowCount, [&](int64_t begin, int64_t end, int64_t, int) {
    int64_t count = 0;
    for (int64_t row = begin; row < end; ++row) {
      if (groups[row] == kNoGroup) continue;
      rows[groups[row]].store(static_cast<uint32_t>(row), std::memory_order_relaxed);
      ++count;
    }
    written += count;
  });
  std::atomic<int64_t> taken{0};
  forMorsels(context, groupCount, [&](int64_t begin, int64_t end, int64_t, int) {
    const uint32_t* values = rows_->as<uint32_t>();
    taken += std::count_if(values + begin, values + end, [](uint32_t row) { return row != kNoRow; });
  });
  return taken == written;
}

/// A stable counting sort. Every thread owns a range of groups and reads all rows in order: reading them several times
/// costs less than synchronising their writes would.
void Partners::fillLists(const uint32_t* groups, int64_t rowCount, int64_t groupCount, Context context) {
  BufferPtr starts = Buffer::allocate(static_cast<size_t>(groupCount + 2) * 4);
  auto* next = starts->as<uint32_t>() + 1;  // shifted: when all rows are placed, next[g] is where g + 1 begins
  fillWith(starts->as<uint32_t>(), groupCount + 2, 0, context);
  const int64_t share = (groupCount + context.threads - 1) / context.threads;
  const auto eachOwned = [&](const auto& body) {
    context.parallelFor(static_cast<size_t>(context.threads), [&](size_t owner, int) {
      const auto first = static_cast<uint32_t>(static_cast<int64_t>(owner) * share);
      for (int64_t row = 0; row < rowCount; ++row) {
        if (groups[row] - first < static_cast<uint64_t>(share) && groups[row] != kNoGroup) body(row, groups[row]);
      }
    });
  };
  eachOwned([&](int64_t, uint32_t group) { ++next[group + 1]; });
  prefixSums(next, groupCount + 1);
  const uint32_t total = next[groupCount];
  BufferPtr rows = Buffer::allocate(static_cast<size_t>(total) * 4);
  eachOwned([&](int64_t row, uint32_t group) { rows->as<uint32_t>()[next[group]++] = static_cast<uint32_t>(row); });
  starts_ = std::move(starts);
  rows_ = std::move(rows);
}

}  // namespace gdf::join

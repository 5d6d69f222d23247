// Grouping: which rows belong together, and the folds of each group. Four strategies, one result.
//
//   single   no keys
//   direct   few codes: the code is the index of the accumulator, every thread has its own accumulators
//   table    few groups of many codes: every thread has its own hash table and accumulators
//   radix    many groups: rows are partitioned by code or hash until a partition's groups fit the cache, then each
//            partition is grouped by one thread
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/pooled.h"
#include "core/thread_pool.h"
#include "kernels/aggregate/key_codes.h"
#include "kernels/aggregate/layout.h"

namespace gdf::aggregate {

inline constexpr uint32_t kNoFirstRow = 0xffffffffu;
inline constexpr uint32_t kNoPosition = 0xffffffffu;

/// Groups that no other part has.
struct Part {
  std::vector<std::unique_ptr<Fold>> folds;
  Pooled<uint32_t> firstRows;  // by group, from 1; kNoFirstRow: no row belongs to this group
};

/// By part, by group: the group's row in the result, or kNoPosition.
using Positions = std::vector<Pooled<uint32_t>>;

struct Grouping {
  std::vector<Part> parts;
  /// Writes every row's position; there when `GroupingRequest.keepRows` is set.
  std::function<void(const Positions&, uint32_t* rowPositions)> assignRows;
};

struct GroupingRequest {
  const Layout& layout;
  const KeyCodes& codes;
  int64_t rowCount;
  bool keepRows;
  Context context;
};

/// Chooses a strategy.
Grouping groupRows(const GroupingRequest& request, bool hasKeys);

Grouping groupSingle(const GroupingRequest& request);
Grouping groupDirect(const GroupingRequest& request);
/// Nothing where a thread meets more than `maxGroups` groups.
std::optional<Grouping> groupByTable(const GroupingRequest& request, size_t maxGroups);
Grouping groupByRadix(const GroupingRequest& request);

/// Numbers the distinct codes of all rows from 0, in order of first appearance; returns how many there are.
uint64_t denseIds(const KeyCodes& codes, int64_t rowCount, std::vector<uint32_t>& ids, Context context);

}  // namespace gdf::aggregate

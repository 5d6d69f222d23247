// Deals the rows of a batch out to parts. Contract and algorithm: kernels/exchange/README.md.
#pragma once

#include <cstdint>
#include <vector>

#include "core/buffer.h"
#include "core/column.h"
#include "core/thread_pool.h"
#include "kernels/sort/keys.h"

namespace gdf::exchange {

/// Parts are numbered in 16 bits.
inline constexpr uint32_t kMaxParts = 65536;

struct HashRoute {
  std::vector<int> keys;
  uint32_t seed = 0;
  bool spreadNulls = false;
};

/// The part of every row.
std::vector<uint16_t> hashParts(const std::vector<ColumnView>& columns, int64_t rowCount, const HashRoute& route,
                                uint32_t parts, Context context);
/// `keyColumns`: one a key, of the splitters' values followed by the rows'; the keys name them by position.
std::vector<uint16_t> rangeParts(const std::vector<ColumnView>& keyColumns, int64_t splitters, int64_t rowCount,
                                 const std::vector<sort::SortKey>& keys, Context context);

struct Part {
  std::vector<OwnedColumn> columns;
  int64_t rowCount = 0;
};

/// The rows of every part, in their order. A dictionary column gives codes alone where the part keeps its dictionary.
std::vector<Part> deal(const std::vector<ColumnView>& columns, const std::vector<uint16_t>& partOf, uint32_t parts,
                       Context context);

/// Rewrites `codes` (of valid rows below `size` entries) to a dictionary of only the entries that occur.
void subsetDictionary(const DictionaryView& dictionary, OwnedColumn& codes);

}  // namespace gdf::exchange

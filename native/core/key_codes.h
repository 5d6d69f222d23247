// The values of a key column, of any storage, as ordered codes (ordered.h): what sort and join compare.
#pragma once

#include <cstdint>

#include "core/column.h"
#include "core/thread_pool.h"

namespace gdf {

/// A column of any storage but Words and Plain, or one half of the values of a 128-bit one. The codes of a dictionary
/// column are dictionary codes, or, with `remap`, remap[code]: ranks for an order, the codes of another dictionary for
/// equality.
struct KeyCodes {
  ColumnView view;
  const uint32_t* remap = nullptr;
  /// Of a 128-bit column: its values have two codes, the high half in the order of signed numbers and the low half.
  bool isHighHalf = false;

  /// Codes of the rows [begin, begin + count); under a null, any number.
  void load(int64_t begin, int64_t count, uint64_t* out) const;
  /// The code of a row that is not null.
  uint64_t at(int64_t row) const;
};

/// Bounds of the codes of the rows that are not null; `empty` if there is none.
struct CodeRange {
  uint64_t min = ~uint64_t{0};
  uint64_t max = 0;
  bool empty() const { return min > max; }
};
CodeRange rangeOf(const KeyCodes& codes, Context context);

}  // namespace gdf

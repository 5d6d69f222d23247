// Normalized keys: all sort keys of a row as one unsigned number of `bits` bits whose order is the order of rows.
//
//   key 0 (most significant)        key 1                        ...
//   [value - min, or null's place]  [value - min, or ...]        each as wide as its range needs
//
// Keys wider than 64 bits become several words, most significant first; the last word holds what is left, in its low
// bits.
#pragma once

#include <cstdint>
#include <vector>

#include "core/column.h"
#include "core/key_codes.h"
#include "core/thread_pool.h"

namespace gdf::sort {

struct SortKey {
  int column;
  bool descending;
  bool nullsFirst;
};

/// One part of the normalized key.
struct Field {
  KeyCodes codes;
  uint64_t min;
  uint64_t range;  // max - min
  bool descending;
  bool nullsFirst;
  /// Beside: null has a place beside the values. Flag: nothing but whether the row is null, for the rare key whose
  /// range fills 64 bits; its value is the next field, Masked: whatever lies under a null counts as the least value.
  enum class Nulls : uint8_t { None, Beside, Flag, Masked } nulls;
  int bits;
};

class NormalizedKeys {
 public:
  NormalizedKeys(const std::vector<ColumnView>& columns, const std::vector<SortKey>& keys, Context context);

  int bits() const { return bits_; }
  int words() const { return (bits_ + 63) / 64; }
  int bitsOfWord(int word) const { return word + 1 < words() ? 64 : bits_ - 64 * word; }
  /// Word `word` of the rows [begin, end), at most kKeyVector of them.
  void fill(int64_t begin, int64_t end, int word, uint64_t* out) const;
  /// The same of any one row.
  uint64_t wordOf(uint32_t row, int word) const;
  /// Whether row a comes before row b by the words from `word` on; false for equal keys.
  bool isBefore(uint32_t a, uint32_t b, int word) const;

 private:
  void addFields(const KeyCodes& codes, const SortKey& key, Context context);

  std::vector<std::vector<uint32_t>> ranks_;
  std::vector<Field> fields_;
  int bits_ = 0;
};

inline constexpr int64_t kKeyVector = 1024;

}  // namespace gdf::sort

// Columns of random values that kernels read, and digests of what they give.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "core/column.h"

namespace gdf::races {

/// Numbers, by which two results are compared. Values under nulls do not count.
class Digest {
 public:
  void add(uint64_t word) { value_ = (value_ ^ word) * 0x9e3779b97f4a7c15u + (value_ >> 29); }
  void add(const void* bytes, size_t size);
  void add(const OwnedColumn& column);
  void add(const Buffer& buffer) { add(buffer.data(), buffer.size()); }
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0;
};

/// Owns the memory of its columns, whose lengths may differ.
class Table {
 public:
  /// Every `nulls`-th value or so is null; 0: none.
  template <class T, class Value>
  ColumnView add(Storage storage, int64_t rows, int nulls, const Value& valueOf) {
    ColumnView view = withNulls(storage, rows, nulls);
    auto* values = reinterpret_cast<T*>(take(static_cast<size_t>(rows) * sizeof(T)));
    for (int64_t row = 0; row < rows; ++row) values[row] = valueOf(row);
    view.values = values;
    return view;
  }
  ColumnView addBits(int64_t rows, int nulls, uint64_t seed);
  /// Entries "e0", "e1", ...; codes from valueOf.
  template <class Value>
  ColumnView addDictionary(int64_t rows, int nulls, int64_t entries, const Value& valueOf) {
    ColumnView view = add<uint32_t>(Storage::Dictionary, rows, nulls, valueOf);
    view.dictionary = dictionary(entries);
    return view;
  }
  DictionaryView dictionary(int64_t entries, int64_t first = 0);
  /// The texts of valueOf, one a row.
  template <class Value>
  ColumnView addPlain(int64_t rows, int nulls, const Value& valueOf) {
    ColumnView view = withNulls(Storage::Plain, rows, nulls);
    std::string text;
    auto* offsets = reinterpret_cast<int32_t*>(take(static_cast<size_t>(rows + 1) * 4));
    for (int64_t row = 0; row < rows; ++row) {
      text += valueOf(row);
      offsets[row + 1] = static_cast<int32_t>(text.size());
    }
    view.values = offsets;
    view.bytes = copy(text);
    return view;
  }
  const uint8_t* copy(const std::string& text);

 private:
  ColumnView withNulls(Storage storage, int64_t rows, int nulls);
  uint8_t* take(size_t bytes);

  std::deque<std::vector<uint64_t>> memory_;
};

/// Rows [begin, begin + rows) of a column, at any place in its bitmaps if it is a multiple of 8.
ColumnView slice(ColumnView view, int64_t begin, int64_t rows);

}  // namespace gdf::races

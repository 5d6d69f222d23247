#include "test/races/table.h"

#include <cstring>

#include "core/bitmap.h"
#include "test/races/race.h"

namespace gdf::races {

void Digest::add(const void* bytes, size_t size) {
  const auto* at = static_cast<const uint8_t*>(bytes);
  for (; size >= 8; at += 8, size -= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    add(word);
  }
  uint64_t rest = size;
  for (size_t i = 0; i < size; ++i) rest = rest << 8 | at[i];
  add(rest);
}

void Digest::add(const OwnedColumn& column) {
  add(static_cast<uint64_t>(column.storage));
  add(static_cast<uint64_t>(column.length));
  add(static_cast<uint64_t>(column.nullCount));
  const auto width = static_cast<size_t>(column.width > 0 ? column.width * 4 : storageBytes(column.storage));
  const auto bitOf = [](const BufferPtr& bits, int64_t row) { return (bits->data()[row >> 3] >> (row & 7)) & 1; };
  for (int64_t row = 0; row < column.length; ++row) {
    if (column.validity && bitOf(column.validity, row) == 0) {
      add(0x6e756c6cu);
    } else if (column.storage == Storage::Bool) {
      add(static_cast<uint64_t>(bitOf(column.values, row)));
    } else if (column.storage == Storage::Plain) {
      const auto* offsets = column.values->as<int32_t>() + row;
      add(column.bytes->data() + offsets[0], static_cast<size_t>(offsets[1] - offsets[0]));
    } else {
      add(column.values->data() + static_cast<size_t>(row) * width, width);
    }
  }
  if (column.dictionaryOffsets) add(*column.dictionaryOffsets);
  if (column.dictionaryBytes) add(*column.dictionaryBytes);
}

ColumnView Table::withNulls(Storage storage, int64_t rows, int nulls) {
  ColumnView view;
  view.storage = storage;
  view.length = rows;
  if (nulls == 0) return view;
  uint8_t* bits = take(static_cast<size_t>(bitmapBytes(rows)));
  Random random(static_cast<uint64_t>(rows + nulls));
  for (int64_t row = 0; row < rows; ++row) {
    const bool valid = random.below(static_cast<uint64_t>(nulls)) != 0;
    bits[row >> 3] |= static_cast<uint8_t>(valid ? 1 << (row & 7) : 0);
    view.nullCount += valid ? 0 : 1;
  }
  view.validity = bits;
  return view;
}

ColumnView Table::addBits(int64_t rows, int nulls, uint64_t seed) {
  ColumnView view = withNulls(Storage::Bool, rows, nulls);
  uint8_t* bits = take(static_cast<size_t>(bitmapBytes(rows)));
  Random random(seed);
  for (int64_t i = 0; i < bitmapBytes(rows); ++i) bits[i] = static_cast<uint8_t>(random.next());
  view.values = bits;
  return view;
}

DictionaryView Table::dictionary(int64_t entries, int64_t first) {
  const ColumnView texts = addPlain(entries, 0, [&](int64_t entry) { return "e" + std::to_string(first + entry); });
  return {texts.as<int32_t>(), texts.bytes, entries};
}

const uint8_t* Table::copy(const std::string& text) {
  uint8_t* bytes = take(text.size());
  std::memcpy(bytes, text.data(), text.size());
  return bytes;
}

uint8_t* Table::take(size_t bytes) {
  return reinterpret_cast<uint8_t*>(memory_.emplace_back(bytes / 8 + 1).data());
}

ColumnView slice(ColumnView view, int64_t begin, int64_t rows) {
  const auto* values = static_cast<const uint8_t*>(view.values);
  const int width = storageBytes(view.storage);
  view.values = view.storage == Storage::Bool ? values + begin / 8 : values + begin * width;
  if (view.validity != nullptr) {
    view.validity += begin / 8;
    view.nullCount = rows - countBits(view.validity, 0, rows);
  }
  view.length = rows;
  return view;
}

}  // namespace gdf::races

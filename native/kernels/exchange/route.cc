// The part of every row: by a hash of its keys, or by its place among splitters.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "core/morsel.h"
#include "kernels/exchange/exchange.h"

namespace gdf::exchange {
namespace {

constexpr uint64_t kNullBits = 0x9e3779b97f4a7c15u;
constexpr uint64_t kNanBits = 0x7ff8000000000000u;

constexpr uint32_t scrambled(uint32_t word) {
  return std::rotl(word * 0xcc9e2d51u, 15) * 0x1b873593u;
}

constexpr uint32_t mixed(uint32_t hash, uint32_t word) {
  return std::rotl(hash ^ scrambled(word), 13) * 5 + 0xe6546b64u;
}

constexpr uint32_t finished(uint32_t hash, uint32_t length) {
  hash ^= length;
  hash = (hash ^ (hash >> 16)) * 0x85ebca6bu;
  hash = (hash ^ (hash >> 13)) * 0xc2b2ae35u;
  return hash ^ (hash >> 16);
}

/// MurmurHash3_x86_32 with seed 0.
uint32_t textHash(const uint8_t* bytes, uint32_t length) {
  uint32_t hash = 0;
  uint32_t offset = 0;
  for (; offset + 4 <= length; offset += 4) {
    const uint32_t word = static_cast<uint32_t>(bytes[offset]) | static_cast<uint32_t>(bytes[offset + 1]) << 8 |
                          static_cast<uint32_t>(bytes[offset + 2]) << 16 |
                          static_cast<uint32_t>(bytes[offset + 3]) << 24;
    hash = mixed(hash, word);
  }
  uint32_t tail = 0;
  for (uint32_t i = length; i > offset; --i) tail = tail << 8 | bytes[i - 1];
  return finished(hash ^ scrambled(tail), length);
}

uint64_t textBits(const uint8_t* bytes, int32_t start, int32_t end) {
  const auto length = static_cast<uint32_t>(end - start);
  return static_cast<uint64_t>(length) << 32 | textHash(bytes + start, length);
}

uint64_t floatBits(double value) {
  if (std::isnan(value)) return kNanBits;
  return std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
}

/// The 64 bits of a key's valid values; a dictionary's entries are hashed once, ahead of the rows.
class KeyBits {
 public:
  KeyBits(const ColumnView& column, Context context) : column_(column) {
    if (column.storage != Storage::Dictionary) return;
    const DictionaryView& texts = column.dictionary;
    entries_.resize(static_cast<size_t>(texts.size));
    forMorsels(context, texts.size, [&](int64_t begin, int64_t end, int64_t, int) {
      for (int64_t i = begin; i < end; ++i) {
        entries_[static_cast<size_t>(i)] = textBits(texts.bytes, texts.offsets[i], texts.offsets[i + 1]);
      }
    });
  }

  /// Mixes the key of rows [begin, end) into their hashes, and notes where it is null.
  void mix(int64_t begin, int64_t end, uint32_t* hashes, uint8_t* nulls) const {
    switch (column_.storage) {
      case Storage::Bool:
        return mixWith(begin, end, hashes, nulls, [&](int64_t row) -> uint64_t {
          return (static_cast<const uint8_t*>(column_.values)[row >> 3] >> (row & 7)) & 1;
        });
      case Storage::I8:
        return mixIntegers<int8_t>(begin, end, hashes, nulls);
      case Storage::U8:
        return mixIntegers<uint8_t>(begin, end, hashes, nulls);
      case Storage::I16:
        return mixIntegers<int16_t>(begin, end, hashes, nulls);
      case Storage::U16:
        return mixIntegers<uint16_t>(begin, end, hashes, nulls);
      case Storage::I32:
        return mixIntegers<int32_t>(begin, end, hashes, nulls);
      case Storage::U32:
        return mixIntegers<uint32_t>(begin, end, hashes, nulls);
      case Storage::I64:
      case Storage::U64:
        return mixIntegers<int64_t>(begin, end, hashes, nulls);
      case Storage::F32:
        return mixWith(begin, end, hashes, nulls, [&](int64_t row) { return floatBits(column_.as<float>()[row]); });
      case Storage::F64:
        return mixWith(begin, end, hashes, nulls, [&](int64_t row) { return floatBits(column_.as<double>()[row]); });
      case Storage::Dictionary:
        return mixWith(begin, end, hashes, nulls, [&](int64_t row) { return entries_[column_.as<uint32_t>()[row]]; });
      case Storage::Plain:
        return mixWith(begin, end, hashes, nulls, [&](int64_t row) {
          const auto* offsets = column_.as<int32_t>();
          return textBits(column_.bytes, offsets[row], offsets[row + 1]);
        });
      case Storage::I128:
      case Storage::Words:
        return mixWith(begin, end, hashes, nulls, [&](int64_t row) {
          uint64_t words[2];
          std::memcpy(words, column_.as<uint32_t>() + 4 * row, sizeof words);
          return words[0] ^ words[1];
        });
    }
  }

 private:
  template <class T>
  void mixIntegers(int64_t begin, int64_t end, uint32_t* hashes, uint8_t* nulls) const {
    mixWith(begin, end, hashes, nulls,
            [&](int64_t row) { return static_cast<uint64_t>(static_cast<int64_t>(column_.as<T>()[row])); });
  }

  template <class BitsOf>
  void mixWith(int64_t begin, int64_t end, uint32_t* hashes, uint8_t* nulls, const BitsOf& bitsOf) const {
    for (int64_t row = begin; row < end; ++row) {
      const bool valid = column_.isValid(row);
      const uint64_t bits = valid ? bitsOf(row) : kNullBits;
      uint32_t& hash = hashes[row - begin];
      hash = mixed(mixed(hash, static_cast<uint32_t>(bits)), static_cast<uint32_t>(bits >> 32));
      if (!valid) nulls[row - begin] = 1;
    }
  }

  const ColumnView& column_;
  std::vector<uint64_t> entries_;
};

constexpr int64_t kVector = 1024;

}  // namespace

std::vector<uint16_t> hashParts(const std::vector<ColumnView>& columns, int64_t rowCount, const HashRoute& route,
                                uint32_t parts, Context context) {
  std::vector<KeyBits> keys;
  keys.reserve(route.keys.size());
  for (const int key : route.keys) keys.emplace_back(columns[static_cast<size_t>(key)], context);
  const auto length = static_cast<uint32_t>(8 * keys.size());
  std::vector<uint16_t> partOf(static_cast<size_t>(rowCount));
  forMorsels(context, rowCount, [&](int64_t begin, int64_t end, int64_t, int) {
    uint32_t hashes[kVector];
    uint8_t nulls[kVector];
    for (int64_t base = begin; base < end; base += kVector) {
      const int64_t stop = std::min(end, base + kVector);
      std::fill_n(hashes, stop - base, route.seed);
      std::fill_n(nulls, stop - base, uint8_t{0});
      for (const KeyBits& key : keys) key.mix(base, stop, hashes, nulls);
      for (int64_t row = base; row < stop; ++row) {
        const uint64_t hash = finished(hashes[row - base], length);
        const bool spread = route.spreadNulls && nulls[row - base] != 0;
        const uint64_t part = spread ? static_cast<uint64_t>(row) % parts : hash * parts >> 32;
        partOf[static_cast<size_t>(row)] = static_cast<uint16_t>(part);
      }
    }
  });
  return partOf;
}

std::vector<uint16_t> rangeParts(const std::vector<ColumnView>& keyColumns, int64_t splitters, int64_t rowCount,
                                 const std::vector<sort::SortKey>& keys, Context context) {
  const sort::NormalizedKeys normalized(keyColumns, keys, context);
  std::vector<uint16_t> partOf(static_cast<size_t>(rowCount), 0);
  if (splitters == 0 || normalized.words() == 0) {
    // Without a bit of difference every splitter equals every row, and does not come after it.
    std::fill(partOf.begin(), partOf.end(), static_cast<uint16_t>(splitters));
    return partOf;
  }
  std::vector<uint64_t> firsts(static_cast<size_t>(splitters));
  for (int64_t i = 0; i < splitters; ++i) {
    firsts[static_cast<size_t>(i)] = normalized.wordOf(static_cast<uint32_t>(i), 0);
  }
  const bool oneWord = normalized.words() == 1;
  forMorsels(context, rowCount, [&](int64_t begin, int64_t end, int64_t, int) {
    uint64_t words[sort::kKeyVector];
    for (int64_t base = begin; base < end; base += sort::kKeyVector) {
      const int64_t stop = std::min(end, base + sort::kKeyVector);
      normalized.fill(splitters + base, splitters + stop, 0, words);
      for (int64_t row = base; row < stop; ++row) {
        const uint64_t word = words[row - base];
        auto place = static_cast<int64_t>(std::upper_bound(firsts.begin(), firsts.end(), word) - firsts.begin());
        // Of the splitters with the same first word, those that come after the row by the others.
        while (!oneWord && place > 0 && firsts[static_cast<size_t>(place) - 1] == word &&
               normalized.isBefore(static_cast<uint32_t>(splitters + row), static_cast<uint32_t>(place - 1), 1)) {
          --place;
        }
        partOf[static_cast<size_t>(row)] = static_cast<uint16_t>(place);
      }
    }
  });
  return partOf;
}

}  // namespace gdf::exchange

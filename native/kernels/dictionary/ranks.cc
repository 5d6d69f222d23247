#include "kernels/dictionary/ranks.h"

#include <algorithm>
#include <cstring>

#include "core/buffer.h"
#include "core/morsel.h"
#include "kernels/sort/radix.h"
#include "kernels/sort/run_sorter.h"

namespace gdf::dictionary {
namespace {

/// Entries as keys of 8 bytes a word, big-endian, padded with zeros; after the longest entry's last word comes the
/// length, which tells "a" from "a\0".
class EntryWords {
 public:
  explicit EntryWords(const DictionaryView& dictionary) : dictionary_(dictionary) {
    int32_t longest = 0;
    for (int64_t k = 0; k < dictionary.size; ++k) {
      longest = std::max(longest, dictionary.offsets[k + 1] - dictionary.offsets[k]);
    }
    textWords_ = (longest + 7) / 8;
  }
  int words() const { return textWords_ + 1; }
  int bitsOfWord(int) const { return 64; }

  uint64_t wordOf(uint32_t entry, int word) const {
    const int32_t start = dictionary_.offsets[entry];
    const int32_t length = dictionary_.offsets[entry + 1] - start;
    if (word == textWords_) return static_cast<uint64_t>(length);
    const int32_t left = length - 8 * word;
    if (left <= 0) return 0;
    const uint8_t* bytes = dictionary_.bytes + start + 8 * word;
    uint64_t value = 0;
    for (int32_t i = 0; i < 8; ++i) value = value << 8 | (i < left ? bytes[i] : 0);
    return value;
  }

  bool isBefore(uint32_t a, uint32_t b, int) const {
    const int32_t lengthA = dictionary_.offsets[a + 1] - dictionary_.offsets[a];
    const int32_t lengthB = dictionary_.offsets[b + 1] - dictionary_.offsets[b];
    const int order =
        std::memcmp(dictionary_.bytes + dictionary_.offsets[a], dictionary_.bytes + dictionary_.offsets[b],
                    static_cast<size_t>(std::min(lengthA, lengthB)));
    return order != 0 ? order < 0 : lengthA < lengthB;
  }

 private:
  const DictionaryView& dictionary_;
  int textWords_ = 0;
};

}  // namespace

std::vector<uint32_t> ranks(const DictionaryView& dictionary, Context context) {
  const int64_t size = dictionary.size;
  const EntryWords entries(dictionary);
  const BufferPtr elements = Buffer::allocate(static_cast<size_t>(size) * sizeof(sort::KeyRow));
  const BufferPtr scratch = Buffer::allocate(static_cast<size_t>(size) * sizeof(sort::KeyRow));
  auto* data = elements->as<sort::KeyRow>();
  forMorsels(context, size, [&](int64_t begin, int64_t end, int64_t, int) {
    for (int64_t k = begin; k < end; ++k) {
      data[k] = {entries.wordOf(static_cast<uint32_t>(k), 0), static_cast<uint32_t>(k)};
    }
  });
  sort::sortElements(data, scratch->as<sort::KeyRow>(), size, {0, 64}, context);
  sort::RunSorter(entries, data, scratch->as<sort::KeyRow>(), context).sortRuns(0, size, 1, true);
  std::vector<uint32_t> result(static_cast<size_t>(size));
  forMorsels(context, size, [&](int64_t begin, int64_t end, int64_t, int) {
    for (int64_t i = begin; i < end; ++i) result[data[i].row] = static_cast<uint32_t>(i);
  });
  return result;
}

}  // namespace gdf::dictionary

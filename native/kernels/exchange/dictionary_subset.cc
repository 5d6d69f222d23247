// Of a dictionary only what a part uses, in the order of the old codes.
#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/exchange/exchange.h"

namespace gdf::exchange {

void subsetDictionary(const DictionaryView& dictionary, OwnedColumn& codes) {
  auto* own = codes.values->as<uint32_t>();
  const auto isValid = [&](int64_t row) {
    return codes.validity == nullptr || ((codes.validity->data()[row >> 3] >> (row & 7)) & 1) != 0;
  };
  // Sorted and unique: there are fewer rows than entries, so this is less than a bit an entry would be to scan.
  std::vector<uint32_t> used;
  used.reserve(static_cast<size_t>(codes.length));
  for (int64_t row = 0; row < codes.length; ++row) {
    if (isValid(row)) used.push_back(own[row]);
  }
  std::sort(used.begin(), used.end());
  used.erase(std::unique(used.begin(), used.end()), used.end());
  int64_t bytes = 0;
  for (const uint32_t code : used) bytes += dictionary.offsets[code + size_t{1}] - dictionary.offsets[code];
  codes.storage = Storage::Dictionary;
  codes.dictionaryOffsets = Buffer::allocate((used.size() + 1) * sizeof(int32_t));
  codes.dictionaryBytes = Buffer::allocate(static_cast<size_t>(bytes));
  auto* offsets = codes.dictionaryOffsets->as<int32_t>();
  int32_t end = 0;
  offsets[0] = 0;
  for (size_t i = 0; i < used.size(); ++i) {
    const int32_t start = dictionary.offsets[used[i]];
    const int32_t length = dictionary.offsets[used[i] + size_t{1}] - start;
    if (length > 0) {
      std::memcpy(codes.dictionaryBytes->data() + end, dictionary.bytes + start, static_cast<size_t>(length));
    }
    end += length;
    offsets[i + 1] = end;
  }
  for (int64_t row = 0; row < codes.length; ++row) {
    // The code under a null stays below the size of any dictionary that it may meet.
    own[row] =
        isValid(row) ? static_cast<uint32_t>(std::lower_bound(used.begin(), used.end(), own[row]) - used.begin()) : 0;
  }
}

}  // namespace gdf::exchange

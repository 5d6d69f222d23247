// Which of two rows of a group comes first: the first word of the normalized sort key, then its other words, then the
// row number. Counted from the end, everything is the other way round.
#pragma once

#include "kernels/sort/keys.h"

namespace gdf::group_rows {

struct Candidate {
  uint64_t key;  // first word, inverted where rows are counted from the end
  uint32_t row;
};

class Rank {
 public:
  Rank(const sort::NormalizedKeys& keys, bool last) : keys_(keys), last_(last) {}

  /// The first words of rows [begin, end), at most kKeyVector of them.
  void fill(int64_t begin, int64_t end, uint64_t* words) const {
    const uint64_t invert = last_ ? ~uint64_t{0} : 0;
    if (keys_.words() == 0) {
      std::fill_n(words, end - begin, uint64_t{0});
      return;
    }
    keys_.fill(begin, end, 0, words);
    for (int64_t i = 0; i < end - begin; ++i) words[i] ^= invert;
  }

  bool isBefore(const Candidate& a, const Candidate& b) const {
    if (a.key != b.key) return a.key < b.key;
    return last_ ? isLower(b.row, a.row) : isLower(a.row, b.row);
  }

 private:
  bool isLower(uint32_t a, uint32_t b) const {
    if (keys_.words() > 1) {
      if (keys_.isBefore(a, b, 1)) return true;
      if (keys_.isBefore(b, a, 1)) return false;
    }
    return a < b;
  }

  const sort::NormalizedKeys& keys_;
  const bool last_;
};

}  // namespace gdf::group_rows

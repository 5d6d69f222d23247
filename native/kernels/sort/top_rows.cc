// Every thread keeps at most 2k candidates. When they are full, a selection (nth_element) halves them, and the k-th
// best becomes a threshold: later rows above it are dropped after one comparison of their first key word. The
// candidates of all threads together hold the result; they are sorted at the end.
#include "kernels/sort/top_rows.h"

#include <algorithm>
#include <vector>

#include "core/morsel.h"

namespace gdf::sort {
namespace {

struct Candidate {
  uint64_t key;  // first word
  uint32_t row;
};

class Candidates {
 public:
  Candidates(const NormalizedKeys& keys, int64_t limit) : keys_(keys), limit_(static_cast<size_t>(limit)) {
    kept_.reserve(2 * limit_ + kKeyVector);
  }

  void add(int64_t begin, int64_t end) {
    uint64_t words[kKeyVector];
    keys_.fill(begin, end, 0, words);
    for (int64_t row = begin; row < end; ++row) {
      const uint64_t key = words[row - begin];
      if (key <= threshold_) kept_.push_back({key, static_cast<uint32_t>(row)});
    }
    if (kept_.size() > 2 * limit_) prune();
  }
  void append(const Candidates& other) { kept_.insert(kept_.end(), other.kept_.begin(), other.kept_.end()); }

  BufferPtr sorted() {
    std::sort(kept_.begin(), kept_.end(), [this](const Candidate& a, const Candidate& b) { return isBefore(a, b); });
    BufferPtr rows = Buffer::allocate(limit_ * 4);
    for (size_t i = 0; i < limit_; ++i) rows->as<uint32_t>()[i] = kept_[i].row;
    return rows;
  }
  void prune() {
    if (kept_.size() <= limit_) return;
    const auto last = kept_.begin() + static_cast<std::ptrdiff_t>(limit_) - 1;
    std::nth_element(kept_.begin(), last, kept_.end(),
                     [this](const Candidate& a, const Candidate& b) { return isBefore(a, b); });
    kept_.resize(limit_);
    threshold_ = kept_.back().key;
  }

 private:
  /// The whole order: later words of the key where the first ones are equal, then the row.
  bool isBefore(const Candidate& a, const Candidate& b) const {
    if (a.key != b.key) return a.key < b.key;
    if (keys_.isBefore(a.row, b.row, 1)) return true;
    if (keys_.isBefore(b.row, a.row, 1)) return false;
    return a.row < b.row;
  }

  const NormalizedKeys& keys_;
  size_t limit_;
  uint64_t threshold_ = ~uint64_t{0};
  std::vector<Candidate> kept_;
};

}  // namespace

BufferPtr topRows(const NormalizedKeys& keys, int64_t rowCount, int64_t limit, Context context) {
  const auto lanes = static_cast<size_t>(std::min<int64_t>(context.threads, morselCount(rowCount)));
  std::vector<Candidates> candidates(lanes, Candidates(keys, limit));
  forMorsels(context, rowCount, [&](int64_t begin, int64_t end, int64_t, int lane) {
    for (int64_t row = begin; row < end; row += kKeyVector) {
      candidates[static_cast<size_t>(lane)].add(row, std::min(end, row + kKeyVector));
    }
  });
  for (size_t lane = 1; lane < lanes; ++lane) candidates[0].append(candidates[lane]);
  candidates[0].prune();
  return candidates[0].sorted();
}

}  // namespace gdf::sort

// Sorts by keys of several words: after the first word has been sorted, every run of equal words is sorted by the next
// one, and so on. A Source tells the words of a row:
//
//   int words() const                                      how many there are
//   int bitsOfWord(int word) const                         significant low bits
//   uint64_t wordOf(uint32_t row, int word) const
//   bool isBefore(uint32_t a, uint32_t b, int word) const  by the words from `word` on; false for equals
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "kernels/sort/radix.h"

namespace gdf::sort {

template <class Source>
class RunSorter {
 public:
  RunSorter(const Source& source, KeyRow* data, KeyRow* scratch, Context context)
      : source_(source), data_(data), scratch_(scratch), context_(context) {}

  /// The elements of [begin, end) hold word - 1 as key and are sorted by it.
  void sortRuns(int64_t begin, int64_t end, int word, bool isParallel) {
    if (word >= source_.words()) return;
    if (!isParallel) return eachRun(begin, end, [&](int64_t a, int64_t b) { sortRun(a, b, word, false); });
    // Tasks begin and end where runs do, so that none reads what another one changes. Long runs take all threads, one
    // after the other.
    const std::vector<int64_t> starts = taskStarts(begin, end);
    std::vector<std::pair<int64_t, int64_t>> longRuns;
    std::mutex mutex;
    context_.parallelFor(starts.size() - 1, [&](size_t task, int) {
      eachRun(starts[task], starts[task + 1], [&](int64_t a, int64_t b) {
        if (b - a <= kMorselRows) return sortRun(a, b, word, false);
        std::lock_guard lock(mutex);
        longRuns.emplace_back(a, b);
      });
    });
    for (const auto& [a, b] : longRuns) sortRun(a, b, word, true);
  }

 private:
  static constexpr int64_t kSmallRun = 16;

  /// body(a, b) for all runs of two and more in [begin, end). The body may change the run's elements.
  template <class Body>
  void eachRun(int64_t begin, int64_t end, const Body& body) {
    while (begin < end) {
      int64_t next = begin + 1;
      while (next < end && data_[next].key == data_[begin].key) ++next;
      if (next - begin > 1) body(begin, next);
      begin = next;
    }
  }

  std::vector<int64_t> taskStarts(int64_t begin, int64_t end) const {
    std::vector<int64_t> starts{begin};
    for (int64_t target = begin + kMorselRows; target < end; target += kMorselRows) {
      int64_t start = std::max(target, starts.back());
      while (start < end && data_[start].key == data_[start - 1].key) ++start;
      if (start > starts.back()) starts.push_back(start);
    }
    if (starts.back() < end) starts.push_back(end);
    return starts;
  }

  void sortRun(int64_t begin, int64_t end, int word, bool isParallel) {
    if (end - begin <= kSmallRun) return sortSmallRun(begin, end, word);
    for (int64_t i = begin; i < end; ++i) data_[i].key = source_.wordOf(data_[i].row, word);
    const BitRange bits{0, source_.bitsOfWord(word)};
    if (isParallel) {
      sortElements(data_ + begin, scratch_ + begin, end - begin, bits, context_);
    } else {
      sortBucket(data_ + begin, scratch_ + begin, end - begin, bits, false);
    }
    sortRuns(begin, end, word + 1, isParallel);
  }

  void sortSmallRun(int64_t begin, int64_t end, int word) {
    for (int64_t i = begin + 1; i < end; ++i) {
      const uint32_t row = data_[i].row;
      int64_t at = i;
      for (; at > begin && source_.isBefore(row, data_[at - 1].row, word); --at) data_[at].row = data_[at - 1].row;
      data_[at].row = row;
    }
  }

  const Source& source_;
  KeyRow* data_;
  KeyRow* scratch_;
  Context context_;
};

}  // namespace gdf::sort

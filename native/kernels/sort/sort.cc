// keys -> buckets by the top digit -> every bucket sorted in the cache of one core -> row numbers
//
// The unsorted elements are never stored: they are made twice, once to count the digits and once to be scattered, which
// costs less than writing and reading them.
#include "kernels/sort/sort.h"

#include <bit>
#include <memory>
#include <numeric>

#include "core/morsel.h"
#include "kernels/sort/radix.h"
#include "kernels/sort/run_sorter.h"
#include "kernels/sort/scatter.h"
#include "kernels/sort/top_rows.h"

namespace gdf::sort {
namespace {

// A limit below this share of the rows is worth a pass that finds candidates.
constexpr int64_t kTopShare = 8;
// Above, sorting the candidates with one thread would cost more than it saves.
constexpr int64_t kTopRows = 1 << 16;
// Buckets of this many elements and their scratch stay in a core's L2 cache.
constexpr int64_t kBucketRows = 8192;
constexpr int kMaxTopDigit = 11;

uint32_t* rowsOf(const BufferPtr& rows) {
  return rows->as<uint32_t>();
}

/// The key and the row number in one word.
struct PackedMaker {
  int rowBits;
  PackedKey make(uint64_t key, int64_t row) const { return {key << rowBits | static_cast<uint64_t>(row)}; }
  uint32_t rowOf(PackedKey element) const {
    return static_cast<uint32_t>(element.key & ((uint64_t{1} << rowBits) - 1));
  }
};
struct KeyRowMaker {
  static constexpr int rowBits = 0;
  KeyRow make(uint64_t key, int64_t row) const { return {key, static_cast<uint32_t>(row)}; }
  uint32_t rowOf(const KeyRow& element) const { return element.row; }
};

template <class Element, class Maker>
class BucketSort {
 public:
  BucketSort(const NormalizedKeys& keys, int64_t count, Maker maker, Context context)
      : keys_(keys),
        count_(count),
        maker_(maker),
        context_(context),
        bits_{maker.rowBits, keys.bitsOfWord(0)},
        digit_(topDigit()),
        chunks_(std::min<int64_t>(int64_t{4} * context.threads, morselCount(count))),
        chunkRows_((morselCount(count) + chunks_ - 1) / chunks_ * kMorselRows) {}

  BufferPtr run() {
    std::vector<uint32_t> positions = countDigits();
    const std::vector<int64_t> ends = bucketEnds(positions);
    elements_ = Buffer::allocate(static_cast<size_t>(count_) * sizeof(Element));
    scatter(positions);
    BufferPtr rows = Buffer::allocate(static_cast<size_t>(count_) * 4);
    sortBuckets(ends, rowsOf(rows));
    return rows;
  }

 private:
  Element* data() { return elements_->template as<Element>(); }
  size_t buckets() const { return size_t{1} << digit_.count; }

  BitRange topDigit() const {
    const auto wanted = static_cast<int>(std::bit_width(static_cast<uint64_t>(count_ / kBucketRows)));
    const int width = std::min({wanted, bits_.count, kMaxTopDigit});
    if (width == 0) return {0, 0};
    return {bits_.low + bits_.count - width, width};
  }

  /// body(chunk, element) for the elements of every chunk, in row order; chunks run in parallel.
  template <class Begin, class Body, class End>
  void eachChunk(const Begin& begin, const Body& body, const End& end) const {
    context_.parallelFor(static_cast<size_t>(chunks_), [&](size_t chunk, int) {
      auto state = begin(chunk);
      uint64_t words[kKeyVector];
      const int64_t first = static_cast<int64_t>(chunk) * chunkRows_;
      const int64_t last = std::min(count_, first + chunkRows_);
      for (int64_t row = first; row < last; row += kKeyVector) {
        const int64_t stop = std::min(last, row + kKeyVector);
        keys_.fill(row, stop, 0, words);
        for (int64_t i = row; i < stop; ++i) body(*state, maker_.make(words[i - row], i));
      }
      end(*state);
    });
  }

  std::vector<uint32_t> countDigits() const {
    std::vector<uint32_t> counts(static_cast<size_t>(chunks_) * buckets(), 0);
    eachChunk([&](size_t chunk) { return std::make_unique<uint32_t*>(&counts[chunk * buckets()]); },
              [&](uint32_t* chunkCounts, const Element& element) { ++chunkCounts[digitOf(element)]; },
              [](uint32_t*) {});
    return counts;
  }

  size_t digitOf(const Element& element) const { return (element.key >> digit_.low) & (buckets() - 1); }

  /// Turns the counts of every chunk and digit into where they go.
  std::vector<int64_t> bucketEnds(std::vector<uint32_t>& counts) const {
    std::vector<int64_t> ends(buckets());
    uint32_t start = 0;
    for (size_t bucket = 0; bucket < buckets(); ++bucket) {
      for (size_t chunk = 0; chunk < static_cast<size_t>(chunks_); ++chunk) {
        uint32_t& position = counts[chunk * buckets() + bucket];
        const uint32_t size = position;
        position = start;
        start += size;
      }
      ends[bucket] = start;
    }
    return ends;
  }

  void scatter(const std::vector<uint32_t>& positions) {
    using Lines = LineScatter<Element>;
    eachChunk([&](size_t chunk) { return std::make_unique<Lines>(data(), &positions[chunk * buckets()], buckets()); },
              [&](Lines& lines, const Element& element) { lines.put(digitOf(element), element); },
              [](Lines& lines) { lines.finish(); });
  }

  void sortBuckets(const std::vector<int64_t>& ends, uint32_t* rows) {
    const BitRange rest{bits_.low, bits_.count - digit_.count};
    // A bucket that would keep one thread busy for longer than its share is sorted by all of them.
    const int64_t share = std::max(int64_t{4} * kMorselRows, count_ / (int64_t{2} * context_.threads));
    const auto each = [&](size_t bucket, const auto& body) {
      const int64_t begin = bucket == 0 ? 0 : ends[bucket - 1];
      const int64_t size = ends[bucket] - begin;
      if (size > 0) body(begin, size);
    };
    for (size_t bucket = 0; bucket < ends.size(); ++bucket) {
      each(bucket, [&](int64_t begin, int64_t size) {
        if (size > share) sortLarge(begin, size, rest, rows);
      });
    }
    std::vector<std::vector<Element>> scratch(static_cast<size_t>(context_.threads));
    context_.parallelFor(ends.size(), [&](size_t bucket, int lane) {
      each(bucket, [&](int64_t begin, int64_t size) {
        if (size <= share) sortSmall(begin, size, rest, scratch[static_cast<size_t>(lane)], rows);
      });
    });
  }

  void sortLarge(int64_t begin, int64_t size, BitRange rest, uint32_t* rows) {
    const BufferPtr scratch = Buffer::allocate(static_cast<size_t>(size) * sizeof(Element));
    auto* temporary = scratch->template as<Element>();
    sortElements(data() + begin, temporary, size, rest, context_);
    breakTies(begin, size, temporary, true);
    forMorsels(context_, size, [&](int64_t from, int64_t to, int64_t, int) {
      for (int64_t i = begin + from; i < begin + to; ++i) rows[i] = maker_.rowOf(data()[i]);
    });
  }

  void sortSmall(int64_t begin, int64_t size, BitRange rest, std::vector<Element>& scratch, uint32_t* rows) {
    if (scratch.size() < static_cast<size_t>(size)) scratch.resize(static_cast<size_t>(size) * 5 / 4);
    sortBucket(data() + begin, scratch.data(), size, rest, false);
    breakTies(begin, size, scratch.data(), false);
    for (int64_t i = begin; i < begin + size; ++i) rows[i] = maker_.rowOf(data()[i]);
  }

  void breakTies(int64_t begin, int64_t size, Element* scratch, bool isParallel) {
    if constexpr (std::is_same_v<Element, KeyRow>) {
      RunSorter(keys_, data() + begin, scratch, context_).sortRuns(0, size, 1, isParallel);
    }
  }

  const NormalizedKeys& keys_;
  int64_t count_;
  Maker maker_;
  Context context_;
  BitRange bits_;   // of an element's key
  BitRange digit_;  // their top
  int64_t chunks_;
  int64_t chunkRows_;
  BufferPtr elements_;
};

BufferPtr inputOrder(int64_t count) {
  BufferPtr rows = Buffer::allocate(static_cast<size_t>(count) * 4);
  std::iota(rowsOf(rows), rowsOf(rows) + count, 0u);
  return rows;
}

}  // namespace

BufferPtr sortedRows(const std::vector<ColumnView>& columns, int64_t rowCount, const std::vector<SortKey>& sortKeys,
                     int64_t limit, Context context) {
  const int64_t kept = limit < 0 ? rowCount : std::min(limit, rowCount);
  if (kept == 0) return inputOrder(0);
  const NormalizedKeys keys(columns, sortKeys, context);
  if (keys.bits() == 0) return inputOrder(kept);
  if (kept <= std::min(kTopRows, rowCount / kTopShare)) return topRows(keys, rowCount, kept, context);
  const int rowBits = std::bit_width(static_cast<uint64_t>(rowCount - 1));
  BufferPtr rows = keys.bits() + rowBits <= 64
                       ? BucketSort<PackedKey, PackedMaker>(keys, rowCount, {rowBits}, context).run()
                       : BucketSort<KeyRow, KeyRowMaker>(keys, rowCount, {}, context).run();
  rows->shrink(static_cast<size_t>(kept) * 4);
  return rows;
}

}  // namespace gdf::sort

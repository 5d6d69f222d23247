// Stable radix sort of (key, row) elements by a range of key bits. Algorithm: README.md of this folder.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "core/morsel.h"
#include "core/thread_pool.h"

namespace gdf::sort {

/// A key of up to 64 bits beside its row.
struct KeyRow {
  uint64_t key;
  uint32_t row;
};
/// Key and row in one word, the row in the low bits: half the memory to move.
struct PackedKey {
  uint64_t key;
};

/// The bits [low, low + count) of a key.
struct BitRange {
  int low;
  int count;
};

constexpr uint64_t maskOf(BitRange bits) {
  return (bits.count >= 64 ? ~uint64_t{0} : (uint64_t{1} << bits.count) - 1) << bits.low;
}

// Where a bucket is too small for counting digits to pay.
inline constexpr int64_t kInsertionRows = 24;
// LSD needs a pass for each 8 bits, however few the rows; MSD stops as soon as buckets are small.
inline constexpr int kLsdPasses = 2;

template <class Element>
void insertionSort(Element* data, int64_t count) {
  for (int64_t i = 1; i < count; ++i) {
    const Element element = data[i];
    int64_t at = i;
    for (; at > 0 && data[at - 1].key > element.key; --at) data[at] = data[at - 1];
    data[at] = element;
  }
}

/// Moves the elements to `to` in the order of one digit. `ends` has 2^digit.count counters; afterwards ends[d] is the
/// end of digit d's bucket.
template <class Element>
void scatterDigit(const Element* from, Element* to, int64_t count, BitRange digit, uint32_t* ends) {
  const size_t buckets = size_t{1} << digit.count;
  const uint64_t mask = buckets - 1;
  std::memset(ends, 0, buckets * sizeof(uint32_t));
  for (int64_t i = 0; i < count; ++i) ++ends[(from[i].key >> digit.low) & mask];
  uint32_t start = 0;
  for (size_t bucket = 0; bucket < buckets; ++bucket) {
    const uint32_t size = ends[bucket];
    ends[bucket] = start;
    start += size;
  }
  for (int64_t i = 0; i < count; ++i) to[ends[(from[i].key >> digit.low) & mask]++] = from[i];
}

template <class Element>
uint64_t differingBits(const Element* data, int64_t count) {
  uint64_t different = 0;
  for (int64_t i = 1; i < count; ++i) different |= data[i].key ^ data[0].key;
  return different;
}

/// Sorts `data` by the bits, single-threaded. `scratch` is as large; the result is in `scratch` if `intoScratch`.
/// Elements agree in all key bits above the range.
template <class Element>
void sortBucket(Element* data, Element* scratch, int64_t count, BitRange bits, bool intoScratch) {
  const auto finish = [&](bool isInScratch) {
    if (isInScratch == intoScratch) return;
    Element* from = isInScratch ? scratch : data;
    Element* to = isInScratch ? data : scratch;
    std::copy(from, from + count, to);
  };
  if (count <= kInsertionRows) {
    insertionSort(data, count);
    return finish(false);
  }
  const uint64_t different = differingBits(data, count) & maskOf(bits);
  if (different == 0) return finish(false);
  // Digits that are constant at either end are skipped.
  bits.count = std::bit_width(different) - bits.low;
  const int passes = (bits.count + 7) / 8;
  if (passes <= kLsdPasses) {
    uint32_t ends[256];
    Element* from = data;
    Element* to = scratch;
    for (int pass = 0; pass < passes; ++pass) {
      const int low = bits.low + 8 * pass;
      scatterDigit(from, to, count, {low, std::min(8, bits.low + bits.count - low)}, ends);
      std::swap(from, to);
    }
    return finish(from == scratch);
  }
  // A digit as wide as leaves a few elements a bucket, which insertion then sorts.
  const int width = std::clamp(static_cast<int>(std::bit_width(static_cast<uint64_t>(count))) - 3, 3, 11);
  const BitRange digit{bits.low + bits.count - width, width};
  std::vector<uint32_t> heap(width > 8 ? size_t{1} << width : 0);
  uint32_t stack[256];
  uint32_t* ends = width > 8 ? heap.data() : stack;
  scatterDigit(data, scratch, count, digit, ends);
  const BitRange rest{bits.low, bits.count - width};
  int64_t begin = 0;
  for (size_t bucket = 0; bucket < size_t{1} << width; ++bucket) {
    const int64_t end = ends[bucket];
    if (end > begin) sortBucket(scratch + begin, data + begin, end - begin, rest, !intoScratch);
    begin = end;
  }
}

/// Sorts `data` by the bits on all threads of the context; `scratch` is as large. The result is in `data`.
template <class Element>
void sortElements(Element* data, Element* scratch, int64_t count, BitRange bits, Context context);

extern template void sortElements(KeyRow*, KeyRow*, int64_t, BitRange, Context);
extern template void sortElements(PackedKey*, PackedKey*, int64_t, BitRange, Context);

}  // namespace gdf::sort

#include "kernels/sort/radix.h"

#include <atomic>

namespace gdf::sort {
namespace {

// Below this one thread is done before others have woken up.
constexpr int64_t kParallelRows = 1 << 16;
// Wide enough that buckets of 10^7 elements fit into the L2 cache, narrow enough that their write positions do.
constexpr int kTopDigit = 11;

struct Chunks {
  int64_t count;
  int64_t rows;
};

Chunks chunksOf(int64_t count, int threads) {
  const int64_t chunks = std::min<int64_t>(int64_t{4} * threads, morselCount(count));
  return {chunks, (count + chunks - 1) / chunks};
}

/// Moves all elements to `to` in the order of the digit, in parallel: every chunk counts its digits, then every chunk
/// knows where each of its digits goes. Returns the buckets' ends.
template <class Element>
std::vector<int64_t> partition(const Element* from, Element* to, int64_t count, BitRange digit, Context context) {
  const Chunks chunks = chunksOf(count, context.threads);
  const size_t buckets = size_t{1} << digit.count;
  const uint64_t mask = buckets - 1;
  std::vector<uint32_t> positions(static_cast<size_t>(chunks.count) * buckets, 0);
  const auto eachChunk = [&](const auto& body) {
    context.parallelFor(static_cast<size_t>(chunks.count), [&](size_t chunk, int) {
      const auto begin = static_cast<int64_t>(chunk) * chunks.rows;
      body(begin, std::min(count, begin + chunks.rows), &positions[chunk * buckets]);
    });
  };
  eachChunk([&](int64_t begin, int64_t end, uint32_t* counts) {
    for (int64_t i = begin; i < end; ++i) ++counts[(from[i].key >> digit.low) & mask];
  });
  std::vector<int64_t> ends(buckets);
  uint32_t start = 0;
  for (size_t bucket = 0; bucket < buckets; ++bucket) {
    for (int64_t chunk = 0; chunk < chunks.count; ++chunk) {
      uint32_t& position = positions[static_cast<size_t>(chunk) * buckets + bucket];
      const uint32_t size = position;
      position = start;
      start += size;
    }
    ends[bucket] = start;
  }
  eachChunk([&](int64_t begin, int64_t end, uint32_t* next) {
    for (int64_t i = begin; i < end; ++i) to[next[(from[i].key >> digit.low) & mask]++] = from[i];
  });
  return ends;
}

template <class Element>
uint64_t differingBitsOf(const Element* data, int64_t count, Context context) {
  std::atomic<uint64_t> different{0};
  forMorsels(context, count, [&](int64_t begin, int64_t end, int64_t, int) {
    different |= differingBits(data + begin, end - begin) | (data[begin].key ^ data[0].key);
  });
  return different;
}

template <class Element>
void sortParallel(Element* data, Element* scratch, int64_t count, BitRange bits, bool intoScratch, Context context) {
  if (count <= kParallelRows || context.threads <= 1) return sortBucket(data, scratch, count, bits, intoScratch);
  const uint64_t different = differingBitsOf(data, count, context) & maskOf(bits);
  if (different == 0) {
    if (intoScratch) std::copy(data, data + count, scratch);
    return;
  }
  bits.count = std::bit_width(different) - bits.low;
  const int width = std::min(bits.count, kTopDigit);
  const std::vector<int64_t> ends = partition(data, scratch, count, {bits.low + bits.count - width, width}, context);
  const BitRange rest{bits.low, bits.count - width};
  // A bucket that would keep one thread busy for longer than its share is split by all of them.
  const int64_t share = std::max(kParallelRows, count / context.threads);
  const auto bucketAt = [&](size_t bucket, const auto& body) {
    const int64_t begin = bucket == 0 ? 0 : ends[bucket - 1];
    if (ends[bucket] > begin) body(begin, ends[bucket] - begin);
  };
  for (size_t bucket = 0; bucket < ends.size(); ++bucket) {
    bucketAt(bucket, [&](int64_t begin, int64_t size) {
      if (size > share) sortParallel(scratch + begin, data + begin, size, rest, !intoScratch, context);
    });
  }
  context.parallelFor(ends.size(), [&](size_t bucket, int) {
    bucketAt(bucket, [&](int64_t begin, int64_t size) {
      if (size <= share) sortBucket(scratch + begin, data + begin, size, rest, !intoScratch);
    });
  });
}

}  // namespace

template <class Element>
void sortElements(Element* data, Element* scratch, int64_t count, BitRange bits, Context context) {
  sortParallel(data, scratch, count, bits, false, context);
}

template void sortElements(KeyRow*, KeyRow*, int64_t, BitRange, Context);
template void sortElements(PackedKey*, PackedKey*, int64_t, BitRange, Context);

}  // namespace gdf::sort

// Scatters elements to many buckets through one cache line a bucket (software write combining): a line goes to memory
// when it is full, past the caches. Plain stores to 2048 places would miss the L1 cache and the TLB nearly every time,
// and read every line before writing it: measured 2.5 times slower at 10^7 elements.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#if defined(__SSE2__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace gdf::sort {

template <class Element>
class LineScatter {
 public:
  /// `starts[b]` is where bucket b of this scatter begins in `target`, which is 64-byte aligned.
  LineScatter(Element* target, const uint32_t* starts, size_t buckets)
      : target_(target), buckets_(buckets), positions_(starts, starts + buckets), starts_(positions_) {
    lines_.resize(buckets + 1);
    first_ = reinterpret_cast<Line*>((reinterpret_cast<uintptr_t>(lines_.data()) + 63) & ~uintptr_t{63});
  }
  LineScatter(const LineScatter&) = delete;

  void put(size_t bucket, const Element& element) {
    const uint32_t position = positions_[bucket]++;
    Line& line = first_[bucket];
    line.elements[position % kPerLine] = element;
    if ((position + 1) % kPerLine == 0) flush(bucket, line, position + 1);
  }

  /// Writes what is left in the lines.
  void finish() {
    for (size_t bucket = 0; bucket < buckets_; ++bucket) {
      const uint32_t end = positions_[bucket];
      const uint32_t begin = std::max(starts_[bucket], end - end % kPerLine);
      for (uint32_t i = begin; i < end; ++i) target_[i] = first_[bucket].elements[i % kPerLine];
    }
#if defined(__SSE2__) || defined(_M_X64)
    _mm_sfence();
#endif
  }

 private:
  static constexpr uint32_t kPerLine = 64 / sizeof(Element);
  struct Line {
    Element elements[kPerLine];
  };
  static_assert(sizeof(Line) == 64);

  void flush(size_t bucket, const Line& line, uint32_t end) {
    const uint32_t begin = end - kPerLine;
    if (begin >= starts_[bucket]) return stream(line, target_ + begin);
    for (uint32_t i = starts_[bucket]; i < end; ++i) target_[i] = line.elements[i % kPerLine];
  }

  static void stream(const Line& line, Element* target) {
#if defined(__AVX512F__)
    _mm512_stream_si512(reinterpret_cast<__m512i*>(target), _mm512_load_si512(&line));
#elif defined(__SSE2__) || defined(_M_X64)
    for (int i = 0; i < 4; ++i) {
      _mm_stream_si128(reinterpret_cast<__m128i*>(target) + i,
                       _mm_load_si128(reinterpret_cast<const __m128i*>(&line) + i));
    }
#else
    std::memcpy(target, &line, 64);
#endif
  }

  Element* target_;
  size_t buckets_;
  std::vector<uint32_t> positions_;
  std::vector<uint32_t> starts_;
  std::vector<Line> lines_;
  Line* first_;
};

}  // namespace gdf::sort

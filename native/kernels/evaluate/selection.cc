#include "kernels/evaluate/selection.h"

#include <bit>
#include <cstring>

#include "core/bitmap.h"

#ifdef __AVX512F__
#include <immintrin.h>
#endif

namespace gdf::evaluate {
namespace {

/// Returns how many of the vector's rows are kept. `begin` is a multiple of 64.
int64_t selectVector(const Program& program, Frame& frame, int64_t begin, int64_t end, uint8_t* bits) {
  frame.base = begin;
  frame.count = end - begin;
  frame.run(program.predicate);
  const auto* keep = frame.in<uint8_t>(program.predicateSlot);
  int64_t kept = 0;
  for (int64_t i = 0; i < frame.count; i += 64) {
    const uint64_t word = packWord(keep + i) & lowBits(frame.count - i);
    kept += std::popcount(word);
    std::memcpy(bits + ((begin + i) >> 3), &word, 8);
  }
  return kept;
}

std::vector<int64_t> prefixSums(const std::vector<int64_t>& counts) {
  std::vector<int64_t> starts(counts.size() + 1, 0);
  for (size_t i = 0; i < counts.size(); ++i) starts[i + 1] = starts[i] + counts[i];
  return starts;
}

}  // namespace

Selection selectRows(const Program& program, std::vector<Frame>& frames, int64_t rowCount, Context context) {
  Selection selection;
  selection.bits = Buffer::allocate(static_cast<size_t>(bitmapBytes(rowCount) + 8));
  std::vector<int64_t> counts(static_cast<size_t>(morselCount(rowCount)), 0);
  forMorsels(context, rowCount, [&](int64_t begin, int64_t end, int64_t morsel, int lane) {
    Frame& frame = frames[static_cast<size_t>(lane)];
    int64_t kept = 0;
    for (int64_t row = begin; row < end; row += kVectorRows) {
      kept += selectVector(program, frame, row, std::min(end, row + kVectorRows), selection.bits->data());
    }
    counts[static_cast<size_t>(morsel)] = kept;
  });
  selection.starts = prefixSums(counts);
  return selection;
}

Selection allRows(int64_t rowCount) {
  Selection selection;
  for (int64_t row = 0; row < rowCount; row += kMorselRows) selection.starts.push_back(row);
  selection.starts.push_back(rowCount);
  return selection;
}

uint32_t* appendRows(uint64_t bits, uint32_t base, uint32_t* rows) {
#ifdef __AVX512F__
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (uint32_t part = 0; part < 64; part += 16) {
    const auto mask = static_cast<__mmask16>(bits >> part);
    const __m512i numbers = _mm512_add_epi32(lanes, _mm512_set1_epi32(static_cast<int>(base + part)));
    // Compress into a register, then store: a compressing store is microcode on some processors.
    _mm512_storeu_si512(rows, _mm512_maskz_compress_epi32(mask, numbers));
    rows += std::popcount(static_cast<uint32_t>(mask));
  }
#else
  for (; bits != 0; bits &= bits - 1) *rows++ = base + static_cast<uint32_t>(std::countr_zero(bits));
#endif
  return rows;
}

}  // namespace gdf::evaluate

// The exact sum of doubles of any exponents: a bin for every sign and exponent, into which mantissas are added as
// integers. Neal's large superaccumulator (arXiv 1505.05571), with bins so wide that they never carry:
//
//   bin | low: sum of the lower 32 bits of mantissas, 64 bits | high: sum of the upper 21 bits, 64 bits |
//
// 4096 bins of 16 bytes, of which data touches those of its exponents; 2^32 values fit. A value costs a load, a
// widening, a masking and an addition of 128 bits in memory, whatever its neighbours are; the bins are added up once,
// at the end.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/aggregate/fixed_point.h"

namespace gdf::aggregate {

class ExponentBins {
 public:
  /// Adds finite values; gives whether there were others, which it leaves out.
  bool add(const double* values, size_t count) {
    if (bins_.empty()) bins_.resize(kBins);
    for (size_t i = 0; i < count; ++i) addValue(values + i);
    countSubnormals(values, count);
    const bool special = (bins_[kSpecial].high | bins_[kSign + kSpecial].high) != 0;
    bins_[kSpecial] = {};
    bins_[kSign + kSpecial] = {};
    return special;
  }

  /// limbs += the sum / 2^lowExponent, and begins anew.
  void flush(uint64_t* limbs, int count, int lowExponent) {
    if (bins_.empty()) return;
    for (size_t sign = 0; sign < 2; ++sign) {
      // The leading bit that every value was given is none of a subnormal's, nor of a zero's.
      bins_[sign * kSign].high -= subnormals_[sign] << 20;
      for (size_t field = 0; field < kSpecial; ++field) {
        const Bin& bin = bins_[sign * kSign + field];
        const unsigned __int128 sum = bin.low + (static_cast<unsigned __int128>(bin.high) << 32);
        if (sum == 0) continue;
        const int unit = static_cast<int>(field == 0 ? 1 : field) - kUnitBias;
        addShifted(limbs, count, sum, int64_t{unit} - lowExponent, sign == 1);
      }
      subnormals_[sign] = 0;
    }
    bins_.clear();
  }

 private:
  struct alignas(16) Bin {
    uint64_t low = 0;
    uint64_t high = 0;
  };
  static constexpr size_t kBins = 4096;
  static constexpr size_t kSign = 2048;
  static constexpr size_t kSpecial = 2047;
  static constexpr uint64_t kLowMask = 0xffffffff;
  static constexpr uint64_t kHighMask = 0xfffff;
  static constexpr uint64_t kLeading = 0x100000;

  void addValue(const double* value) {
    const auto bits = std::bit_cast<uint64_t>(*value);
    Bin& bin = bins_[bits >> 52];
#ifdef __SSE4_1__
    auto* sums = reinterpret_cast<__m128i*>(&bin);
    const __m128i words = _mm_cvtepu32_epi64(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(value)));
    const __m128i mask = _mm_set_epi64x(static_cast<int64_t>(kHighMask), static_cast<int64_t>(kLowMask));
    const __m128i leading = _mm_set_epi64x(static_cast<int64_t>(kLeading), 0);
    const __m128i mantissa = _mm_or_si128(_mm_and_si128(words, mask), leading);
    _mm_store_si128(sums, _mm_add_epi64(_mm_load_si128(sums), mantissa));
#else
    bin.low += bits & kLowMask;
    bin.high += (bits >> 32 & kHighMask) | kLeading;
#endif
  }

  void countSubnormals(const double* values, size_t count) {
    uint64_t found[2] = {0, 0};
    for (size_t i = 0; i < count; ++i) {
      const uint64_t field = std::bit_cast<uint64_t>(values[i]) >> 52;
      found[0] += field == 0;
      found[1] += field == kSign;
    }
    subnormals_[0] += found[0];
    subnormals_[1] += found[1];
  }

  std::vector<Bin> bins_;
  uint64_t subnormals_[2] = {0, 0};
};

}  // namespace gdf::aggregate

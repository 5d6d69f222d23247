// The exact sum of a block of doubles of similar size, without looking for their bounds: every addition is exact, and
// the processor says whether it was.
//
//   by bits   x = upper (its sign, exponent and first 26 bits) + lower (the other 27 bits)
//   by grid   x * 2^shift = upper (an integer) + lower (at most 1/2)
//
// Both are cut without rounding: a masking and a subtraction, 4 operations a vector with the additions; or a product
// with a power of two, an instruction that rounds to integers, and a subtraction, 6 operations (window_sum.h has 8 or
// more). 64 uppers add up in a lane's 53 bits, and so do 64 lowers; by bits where the smallest value is 2^-20 of the
// greatest or more; by grid from the greatest value's power of two, which is guessed, 94 bits down. Then lanes are cut
// by their bits, and their parts added. The flag "inexact" of the floating-point unit, which stays set until it is
// cleared, tells of any bit that was lost:
//
//   flag set            the values span too many bits, or the guess was wrong: their sum is to be had in another way
//   sum is not finite   there is a NaN or an infinity, or the sum is too large for a double
//
// With `SkipNaNs` a comparison that signals NaNs (the flag "invalid") masks them away: 2 operations, or 1.
//
// Only x86 yet, whose flags are read in a few cycles.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "core/vector.h"
#include "kernels/aggregate/block_sum.h"

#if defined(__SSE4_1__) && defined(__GNUC__)
#define GDF_HAS_SPLIT_SUM
#include "kernels/aggregate/intrinsics.h"
#endif

namespace gdf::aggregate {

struct SplitSum {
  double parts[4] = {};  // the sum is theirs, exactly, times 2^exponent
  int exponent = 0;
  bool exact = false;   // false: the parts say nothing
  bool finite = false;  // false: inexact for a NaN, an infinity or a sum that is too large, as far as is known
  bool sawNaN = false;  // NaNs were left out
};

#ifdef GDF_HAS_SPLIT_SUM
namespace split {

/// Independent sums: an addition takes 4 cycles, and two can begin in each.
inline constexpr size_t kVectors = 4;
inline constexpr size_t kStep = kVectors * kVectorLanes;
/// Values that a lane adds before it is cut.
inline constexpr size_t kRun = 64;
/// Bits of a value above and below the units of the grid: 64 such parts add up in 53 bits, the lower ones are signed.
inline constexpr int kBitsAbove = 47;
inline constexpr int kBitsBelow = 47;

/// Round to nearest, nothing flushed to zero, no traps, no flags.
inline constexpr uint32_t kCleanState = 0x1f80;
inline constexpr uint32_t kFlags = 0x3f;
inline constexpr uint32_t kInvalid = 1;
inline constexpr uint32_t kInexact = 1 << 5;

/// x, or zero for a NaN, of which the flag "invalid" tells.
inline Doubles withoutNaN(const Doubles& x) {
#if defined(__AVX512F__)
  return (Doubles)_mm512_maskz_mov_pd(_mm512_cmp_pd_mask((__m512d)x, (__m512d)x, _CMP_ORD_S), (__m512d)x);
#elif defined(__AVX2__)
  return (Doubles)_mm256_and_pd((__m256d)x, _mm256_cmp_pd((__m256d)x, (__m256d)x, _CMP_ORD_S));
#else
  // Less or equal signals; "ordered" does not.
  return (Doubles)_mm_and_pd((__m128d)x, _mm_cmple_pd((__m128d)x, (__m128d)x));
#endif
}

/// To the nearest integers; the only such operation that leaves the flag "inexact" alone.
inline Doubles roundedOf(const Doubles& x) {
  constexpr int kMode = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
#if defined(__AVX512F__)
  return (Doubles)_mm512_roundscale_pd((__m512d)x, kMode);
#elif defined(__AVX2__)
  return (Doubles)_mm256_round_pd((__m256d)x, kMode);
#else
  return (Doubles)_mm_round_pd((__m128d)x, kMode);
#endif
}

/// Sums of the two parts of what is added.
struct Parts {
  Doubles upper{};
  Doubles lower{};

  void add(const Doubles& x, const Doubles& top) {
    upper += top;
    lower += x - top;
  }
};

struct ByBits {
  void add(Parts& parts, const Doubles& x) const { parts.add(x, (Doubles)((Words)x & ~((int64_t{1} << 27) - 1))); }
};

struct ByGrid {
  Doubles scale;
  void add(Parts& parts, const Doubles& x) const {
    const Doubles scaled = x * scale;
    parts.add(scaled, roundedOf(scaled));
  }
};

template <bool SkipNaNs, class Cut>
inline void addBlock(const double* values, size_t count, const Cut& cut, double* parts) {
  Parts uppers;
  Parts lowers;
  size_t i = 0;
  while (i < count) {
    Parts run[kVectors];
    const auto add = [&](const double* from) {
      for (size_t j = 0; j < kVectors; ++j) {
        Doubles x;
        std::memcpy(&x, from + j * kVectorLanes, sizeof(x));
        cut.add(run[j], SkipNaNs ? withoutNaN(x) : x);
      }
    };
    const size_t whole = (count - i) / kStep;
    const size_t steps = std::min(whole, kRun);
    for (size_t step = 0; step < steps; ++step, i += kStep) add(values + i);
    if (whole < kRun) {
      double padded[kStep] = {};
      std::memcpy(padded, values + i, (count - i) * sizeof(double));
      add(padded);
      i = count;
    }
    for (const Parts& one : run) {
      ByBits{}.add(uppers, one.upper);
      ByBits{}.add(lowers, one.lower);
    }
  }
  const Doubles all[4] = {uppers.upper, uppers.lower, lowers.upper, lowers.lower};
  for (size_t part = 0; part < 4; ++part) {
    double sum = 0;
    for (size_t lane = 0; lane < kVectorLanes; ++lane) sum += all[part][lane];
    parts[part] = sum;
  }
}

template <bool SkipNaNs, class Cut>
SplitSum sumParts(const double* values, size_t count, const Cut& cut) {
  SplitSum sum;
  uint32_t before = 0;
  uint32_t after = 0;
  // Writing the state takes longer than reading it. Nobody counts on the flags, so that they may stay as they are.
  asm volatile("stmxcsr %0" : "=m"(before));
  if (before != kCleanState) asm volatile("ldmxcsr %0" : : "m"(kCleanState));
  // The data hold the sum between these two: the first gives the address of the values, and the second takes the parts.
  asm volatile("" : "+r"(values));
  addBlock<SkipNaNs>(values, count, cut, sum.parts);
  asm volatile("stmxcsr %0" : "=m"(after), "+m"(sum.parts));
  if ((before & ~kFlags) != kCleanState) asm volatile("ldmxcsr %0" : : "m"(before));
  bool finite = true;
  for (const double part : sum.parts) finite &= std::isfinite(part);
  const bool inexact = (after & kInexact) != 0;
  sum.exact = finite && !inexact;
  sum.finite = finite || inexact;
  sum.sawNaN = SkipNaNs && (after & kInvalid) != 0;
  return sum;
}

}  // namespace split

template <bool SkipNaNs>
SplitSum sumByBits(const double* values, size_t count) {
  return split::sumParts<SkipNaNs>(values, count, split::ByBits{});
}

/// From the highest value's power of two down to the last bit that is kept.
inline constexpr int kGridReach = split::kBitsAbove + split::kBitsBelow;

/// Of values below 2^high, where that has a grid.
template <bool SkipNaNs>
SplitSum sumByGrid(const double* values, size_t count, int high) {
  const int shift = split::kBitsAbove - high;
  const split::ByGrid cut{std::bit_cast<double>(static_cast<uint64_t>(shift + 1023) << 52) - Doubles{}};
  SplitSum sum = split::sumParts<SkipNaNs>(values, count, cut);
  sum.exponent = -shift;
  return sum;
}

/// Grids whose scale and its inverse are normal numbers.
inline bool hasGrid(int high) {
  return high > -900 && high < 1000;
}

/// Whether the flags tell: emulators of processors may leave them out.
inline bool hasWorkingFlags() {
  static const bool works = [] {
    const double tooWide[] = {1, 0x1p-100};
    const double withNaN[] = {1, std::numeric_limits<double>::quiet_NaN()};
    const SplitSum wide = sumByBits<false>(tooWide, 2);
    const SplitSum special = sumByBits<true>(withNaN, 2);
    return !wide.exact && special.exact && special.sawNaN;
  }();
  return works;
}

/// Sums blocks in the ways that did for the last ones.
class SplitTrial {
 public:
  /// Not exact: the block is to be summed in another way, and learn() told of its range.
  SplitSum sum(const double* values, size_t count) {
    SplitSum sum;
    if (!works_) return sum;
    if (byBits_.mayTry()) {
      sum = attempt([&](auto skip) { return sumByBits<skip.value>(values, count); });
      byBits_.learn(sum.exact);
    }
    if (sum.exact || !byGrid_.mayTry()) return sum;
    if (!knowsHigh_) learn(rangeOfBlock(values, std::min(count, kSample)));
    if (!knowsHigh_) return sum;
    sum = attempt([&](auto skip) { return sumByGrid<skip.value>(values, count, high_); });
    byGrid_.learn(sum.exact);
    return sum;
  }

  /// What a block was, for which the guess was wrong. Its bits become the middle of the next grid.
  void learn(const BlockRange& range) {
    const int unused = kGridReach - (range.high - range.low);
    if (range.allZero || unused < 0) return;
    const int high = range.high + unused / 2;
    if (!hasGrid(high)) return;
    knowsHigh_ = true;
    high_ = high;
  }

 private:
  static constexpr int kPatience = 16;
  static constexpr size_t kSample = 64;

  /// After a miss three blocks are not tried, after the next one more.
  class Patience {
   public:
    bool mayTry() {
      if (pause_ == 0) return true;
      pause_ -= 1;
      return false;
    }
    void learn(bool hit) {
      misses_ = hit ? 0 : std::min(4 * misses_ + 3, kPatience);
      pause_ = misses_;
    }

   private:
    int misses_ = 0;
    int pause_ = 0;
  };

  /// `sumOf`: with or without NaNs. Where there were some, there are likely to be more.
  template <class Sum>
  SplitSum attempt(const Sum& sumOf) {
    SplitSum sum;
    if (nans_ == 0) sum = sumOf(std::false_type{});
    if (!sum.finite) sum = sumOf(std::true_type{});
    if (nans_ > 0) nans_ -= 1;
    if (sum.sawNaN) nans_ = kPatience;
    return sum;
  }

  const bool works_ = hasWorkingFlags();
  Patience byBits_;
  Patience byGrid_;
  int nans_ = 0;
  bool knowsHigh_ = false;
  int high_ = 0;  // every |x| < 2^high_ is likely
};

#else

class SplitTrial {
 public:
  SplitSum sum(const double*, size_t) { return {}; }
  void learn(const BlockRange&) {}
};

#endif

}  // namespace gdf::aggregate

// The exact sum of a block of doubles of similar size, without looking for their bounds: every addition is exact, and
// the processor says whether it was.
//
//   x = upper (its sign, exponent and first 26 bits) + lower (the other 27 bits)
//
// A masking and a subtraction without rounding give both. 64 uppers add up in a lane's 53 bits as long as the least of
// them is 2^-21 of the greatest or more; so do the lowers. Lanes are cut in the same way, and their parts added. The
// flag "inexact" of the floating-point unit, which stays set until it is cleared, tells of any bit that was lost:
//
//   flag set            the values span too many bits: their sum is to be had in another way
//   sum is not finite   there is a NaN or an infinity, or the sum is too large for a double
//
// 4 operations a vector, where window_sum.h has 8 or more for a span of 89 bits. With `SkipNaNs` a comparison that
// signals NaNs (the flag "invalid") masks them away: 6 operations, or 5.
//
// Only x86 yet, whose flags are read in a few cycles.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "core/vector.h"

#if defined(__SSE2__) && defined(__GNUC__)
#define GDF_HAS_SPLIT_SUM
#include "kernels/aggregate/intrinsics.h"
#endif

namespace gdf::aggregate {

struct SplitSum {
  double parts[4] = {};  // the sum is theirs, exactly
  bool exact = false;    // false: the parts say nothing
  bool finite = false;   // false: a NaN, an infinity or a sum that is too large is the only thing known to be wrong
  bool sawNaN = false;   // NaNs were left out
};

#ifdef GDF_HAS_SPLIT_SUM
namespace split {

/// Independent sums: an addition takes 4 cycles, and two can begin in each.
inline constexpr size_t kVectors = 4;
inline constexpr size_t kStep = kVectors * kVectorLanes;
/// Values that a lane adds before it is cut.
inline constexpr size_t kRun = 64;

/// Round to nearest, nothing flushed to zero, no traps, no flags.
inline constexpr uint32_t kCleanState = 0x1f80;
inline constexpr uint32_t kInvalid = 1;
inline constexpr uint32_t kInexact = 1 << 5;

inline Doubles upperOf(const Doubles& x) {
  return (Doubles)((Words)x & ~((int64_t{1} << 27) - 1));
}

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

/// Sums of the two parts of what is added.
struct Parts {
  Doubles upper{};
  Doubles lower{};

  void add(const Doubles& x) {
    const Doubles top = upperOf(x);
    upper += top;
    lower += x - top;
  }
};

template <bool SkipNaNs>
inline void addBlock(const double* values, size_t count, double* parts) {
  Parts uppers;
  Parts lowers;
  size_t i = 0;
  while (i < count) {
    Parts run[kVectors];
    const auto add = [&](const double* from) {
      for (size_t j = 0; j < kVectors; ++j) {
        Doubles x;
        std::memcpy(&x, from + j * kVectorLanes, sizeof(x));
        run[j].add(SkipNaNs ? withoutNaN(x) : x);
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
      uppers.add(one.upper);
      lowers.add(one.lower);
    }
  }
  const Doubles all[4] = {uppers.upper, uppers.lower, lowers.upper, lowers.lower};
  for (size_t part = 0; part < 4; ++part) {
    double sum = 0;
    for (size_t lane = 0; lane < kVectorLanes; ++lane) sum += all[part][lane];
    parts[part] = sum;
  }
}

}  // namespace split

template <bool SkipNaNs>
SplitSum sumBySplit(const double* values, size_t count) {
  using namespace split;
  SplitSum sum;
  uint32_t before = 0;
  uint32_t after = 0;
  // The data hold the sum between these two: the first gives the address of the values, and the second takes the parts.
  asm volatile("stmxcsr %0\n\tldmxcsr %2" : "=m"(before), "+r"(values) : "m"(kCleanState));
  addBlock<SkipNaNs>(values, count, sum.parts);
  asm volatile("stmxcsr %0\n\tldmxcsr %2" : "=m"(after), "+m"(sum.parts) : "m"(before));
  bool finite = true;
  for (const double part : sum.parts) finite &= std::isfinite(part);
  const bool inexact = (after & kInexact) != 0;
  sum.exact = finite && !inexact;
  sum.finite = finite || inexact;
  sum.sawNaN = SkipNaNs && (after & kInvalid) != 0;
  return sum;
}

/// Whether the flags tell: emulators of processors may leave them out.
inline bool hasWorkingFlags() {
  static const bool works = [] {
    const double tooWide[] = {1, 0x1p-100};
    const double withNaN[] = {1, std::numeric_limits<double>::quiet_NaN()};
    const SplitSum wide = sumBySplit<false>(tooWide, 2);
    const SplitSum special = sumBySplit<true>(withNaN, 2);
    return !wide.exact && special.exact && special.sawNaN;
  }();
  return works;
}

/// Sums blocks as long as their values are alike.
class SplitTrial {
 public:
  /// Not exact: the block is to be summed in another way.
  SplitSum sum(const double* values, size_t count) {
    if (!works_) return {};
    if (pause_ > 0) {
      pause_ -= 1;
      return {};
    }
    SplitSum sum;
    if (nans_ == 0) sum = sumBySplit<false>(values, count);
    if (nans_ > 0 || (!sum.exact && !sum.finite)) sum = sumBySplit<true>(values, count);
    if (nans_ > 0) nans_ -= 1;
    if (sum.sawNaN) nans_ = kPatience;
    misses_ = sum.exact ? 0 : std::min(2 * misses_ + 1, kPatience);
    pause_ = misses_;
    return sum;
  }

 private:
  static constexpr int kPatience = 16;

  const bool works_ = hasWorkingFlags();
  int nans_ = 0;    // so many blocks are likely to have some
  int misses_ = 0;  // one after the other, doubled
  int pause_ = 0;
};

#else

class SplitTrial {
 public:
  SplitSum sum(const double*, size_t) { return {}; }
};

#endif

}  // namespace gdf::aggregate

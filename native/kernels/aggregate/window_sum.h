// The exact sum of a block of doubles in one pass, in a window of bits that is guessed beforehand and checked on the
// way.
//
//   bits of the window:   2^k ............ 2^(k-52) | 2^(k-53) ............ 2^(l-52)
//                         high: a lane of doubles   | low: a lane of doubles, l = k - 53 + headroom
//
// high starts at 1.5 * 2^k. While it stays in [2^k, 2^(k+1)), high + x is rounded to a multiple of 2^(k-52), and what
// the rounding took is a double again (Dekker's fast two-sum: |high| >= |x|), at most 2^(k-53). It goes to low in the
// same way; low starts at 1.5 * 2^l, which the addends of a lane cannot leave. Checked, by bits that are ORed over the
// block:
//
//   the exponent of high never changed     otherwise x was too large, or no number
//   what low's rounding took is zero       otherwise x has bits below the window
//
// So a wrong guess costs a pass and never a bit. A lane's bits minus those it started with are its sum in units of its
// last place, as an integer: lanes add up without rounding. 8 operations a vector where ORs of XORs are one (AVX-512).
//
// As in Rump, Ogita, Oishi, "Accurate floating-point summation" (2008) and Demmel and Nguyen's indexed sums (2013),
// with the check in place of their bounds.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/vector.h"
#include "kernels/aggregate/block_sum.h"

namespace gdf::aggregate {

/// Values of a block.
inline constexpr size_t kWindowRows = 4096;

namespace window {

/// Independent sums: an addition takes 4 cycles, and two can begin in each. AVX2 has registers for two of each kind.
inline constexpr size_t kVectors = kVectorBytes == 64 ? 4 : 2;
inline constexpr size_t kStep = kVectors * kVectorLanes;
/// A lane's addends, each below 2^b, stay below 2^(b + kHeadroom - 1).
inline constexpr int kHeadroom = std::bit_width(kWindowRows / kStep);
inline constexpr int kLowBelowHigh = 53 - kHeadroom;
inline constexpr int64_t kExponentBits = int64_t{0x7ff} << 52;
inline constexpr int64_t kFractionBits = (int64_t{1} << 52) - 1;

}  // namespace window

inline constexpr int kHighUnit = 52;
inline constexpr int kLowUnit = kHighUnit + window::kLowBelowHigh;
/// From the highest value's power of two down to the last bit that is kept: 89 with AVX-512.
inline constexpr int kWindowReach = kLowUnit - window::kHeadroom;

struct WindowSum {
  int k = 0;
  int64_t high = 0;      // in units of 2^(k - kHighUnit)
  int64_t low = 0;       // in units of 2^(k - kLowUnit)
  bool exact = false;    // false: the guess was wrong, and the sums say nothing
  bool special = false;  // NaN or infinities were left out
};

/// The window for values below 2^high: its k, as far down as doubles reach.
inline int windowFor(int high) {
  return std::max(high + window::kHeadroom, kLowUnit - 1074);
}

/// Whether values below 2^high have a window.
inline bool hasWindow(int high) {
  return high + window::kHeadroom <= 1022;
}

namespace window {

struct Lane {
  Doubles sum;
  Words start;

  void startAt(int exponent) {
    start = Words{} + (static_cast<int64_t>(exponent + 1023) << 52 | int64_t{1} << 51);
    sum = (Doubles)start;
  }

  /// Adds x, and makes it what is below the last place of the sum.
  void take(Doubles& x) {
    const Doubles next = sum + x;
    x -= next - sum;
    sum = next;
  }

  /// Unsigned: where the guess was wrong it says nothing, and may be of any size.
  uint64_t total() const {
    uint64_t total = 0;
    for (size_t lane = 0; lane < kVectorLanes; ++lane) {
      total += static_cast<uint64_t>(((Words)sum)[lane]) - static_cast<uint64_t>(start[lane]);
    }
    return total;
  }
};

}  // namespace window

/// The sum of up to kWindowRows values, if all their bits lie in the window of `k`. `Specials`: NaN and infinities
/// count as zero and are reported; otherwise they make the sum inexact.
template <bool Specials>
WindowSum sumInWindow(const double* values, size_t count, int k) {
  using namespace window;
  Lane high[kVectors];
  Lane low[kVectors];
  for (size_t i = 0; i < kVectors; ++i) {
    high[i].startAt(k);
    low[i].startAt(k - kLowBelowHigh);
  }
  const Words start = high[0].start;
  Words moved{};
  Words lost{};
  Words special{};
  const auto add = [&](const double* from) {
    for (size_t i = 0; i < kVectors; ++i) {
      Words bits;
      std::memcpy(&bits, from + i * kVectorLanes, sizeof(bits));
      if constexpr (Specials) {
        const Words isSpecial = (bits & kExponentBits) == kExponentBits;
        special |= isSpecial;
        bits &= ~isSpecial;
      }
      Doubles x = (Doubles)bits;
      high[i].take(x);
      moved |= (Words)high[i].sum ^ start;
      low[i].take(x);
      lost |= (Words)x;
    }
  };
  size_t i = 0;
  for (; i + kStep <= count; i += kStep) add(values + i);
  if (i < count) {
    double padded[kStep] = {};
    std::memcpy(padded, values + i, (count - i) * sizeof(double));
    add(padded);
  }
  WindowSum sum;
  sum.k = k;
  uint64_t highTotal = 0;
  uint64_t lowTotal = 0;
  for (size_t j = 0; j < kVectors; ++j) {
    highTotal += high[j].total();
    lowTotal += low[j].total();
  }
  sum.high = static_cast<int64_t>(highTotal);
  sum.low = static_cast<int64_t>(lowTotal);
  int64_t wrong = 0;
  int64_t found = 0;
  for (size_t lane = 0; lane < kVectorLanes; ++lane) {
    // The fraction of `moved` is the sums themselves, and a rest of -0 is none.
    wrong |= (moved[lane] & ~kFractionBits) | (lost[lane] & (kExponentBits | kFractionBits));
    found |= special[lane];
  }
  sum.exact = wrong == 0;
  sum.special = found != 0;
  return sum;
}

/// Sums blocks in the window that held the last one.
class WindowGuess {
 public:
  /// Not exact: the block is to be summed in another way, and learn() told of its range.
  WindowSum sum(const double* values, size_t count) {
    if (!began_) begin(values, count);
    if (pause_ > 0 || !hasWindow(high_)) {
      if (pause_ > 0) pause_ -= 1;
      return {};
    }
    const bool withSpecials = specials_ > 0;
    if (withSpecials) specials_ -= 1;
    const int k = windowFor(high_);
    const WindowSum sum = withSpecials ? sumInWindow<true>(values, count, k) : sumInWindow<false>(values, count, k);
    if (sum.special) specials_ = kPatience;
    if (sum.exact) misses_ = 0;
    return sum;
  }

  /// What the block was, for which the guess was wrong.
  void learn(const BlockRange& range) {
    if (range.allZero) return;
    high_ = range.high;
    // Blocks that no window holds, or each another one: trying costs more than it gains.
    if (range.high - range.low > kWindowReach || ++misses_ > 2) pause_ = kPatience;
  }

  /// The next blocks are likely to have NaN or infinities.
  void expectSpecials() { specials_ = kPatience; }

 private:
  static constexpr int kPatience = 16;

  void begin(const double* values, size_t count) {
    constexpr size_t kSample = 64;
    began_ = true;
    const BlockRange range = rangeOfBlock(values, std::min(count, kSample));
    if (hasWindow(range.high)) high_ = range.high;
  }

  bool began_ = false;
  int high_ = 0;  // every |x| < 2^high_ is likely
  int misses_ = 0;
  int pause_ = 0;
  int specials_ = 0;
};

}  // namespace gdf::aggregate

// Exact sums of floats in a fixed-point window. One limb: the value times a power of two is an int64. Two limbs: vector
// shifts, then one add-with-carry a row. More: addShifted. Without keys: sums of blocks in vectors, by parts whose
// additions are exact (split_sum.h), or in a guessed window (window_sum.h), else in one that the block's range gives
// (block_sum.h), else in bins by exponent (exponent_bins.h).
#include <cmath>
#include <limits>

#include "kernels/aggregate/block_sum.h"
#include "kernels/aggregate/exponent_bins.h"
#include "kernels/aggregate/fetch_ahead.h"
#include "kernels/aggregate/fixed_point.h"
#include "kernels/aggregate/fold.h"
#include "kernels/aggregate/split_sum.h"
#include "kernels/aggregate/storage_type.h"
#include "kernels/aggregate/window_sum.h"

namespace gdf::aggregate {
namespace {

template <class T>
class FloatSum : public SumFold {
 public:
  FloatSum(int slot, int power, const SumFormat& format) : SumFold(format), slot_(slot), power_(power) {}

  void add(const Chunk& chunk) final {
    const ChunkColumn& column = chunk.columns[slot_];
    const auto* values = static_cast<const T*>(column.values);
    if (column.groups == nullptr) {
      addAll(values, column.count);
      return;
    }
    if (mayHaveSpecials() && anySpecial(values, column.count))
      values = takeSpecials(values, column.groups, column.count);
    addFinite(values, column.groups, column.count);
  }

  void settle() final {
    if (state_.words() != nullptr) bins_.flush(state_.limbsOf(1), state_.limbs(), state_.format().lowExponent);
  }

 protected:
  /// Values of groups; they are finite where the format knows of specials, and where they count.
  virtual void addFinite(const T* values, const uint32_t* groups, size_t count) = 0;

  /// All values into group 1.
  void addAll(const T* values, size_t count) {
    const double* doubles = asDoubles(values, count);
    if (wideBlocks_ > 0) {
      wideBlocks_ -= 1;
      addToBins(values, doubles, count);
      return;
    }
    if (power_ == 1) {
      const SplitSum sum = trial_.sum(doubles, count);
      if (addSplit(sum)) return;
      // Windows hold no more bits than grids, but leave out infinities.
      if (!sum.finite && addInWindow(values, doubles, count)) return;
    }
    BlockRange range = boundsOf(doubles, count);
    if (range.high > 1024 && mayHaveSpecials()) {
      guess_.expectSpecials();
      values = takeSpecials(values, nullptr, count);
      doubles = asDoubles(values, count);
      range = rangeOfBlock(doubles, count);
    }
    trial_.learn(range);
    guess_.learn(range);
    BlockSum sums[2];
    if (power_ == 1) sums[0] = sumBlock(doubles, count, range);
    const bool exact = power_ == 1 ? sums[0].exact : sumSquares(doubles, count, range, sums[0], sums[1]);
    if (!exact && power_ == 1) {
      wideBlocks_ = kWideBlocks;
      addToBins(values, doubles, count);
      return;
    }
    if (!exact) {
      for (size_t i = 0; i < count; ++i) addOne(1, static_cast<double>(values[i]));
      return;
    }
    for (int i = 0; i < power_; ++i) {
      for (const double part : sums[i].parts) addPart(part);
    }
  }

  void addToBins(const T* values, const double* doubles, size_t count) {
    const bool special = bins_.add(doubles, count);
    if (special && mayHaveSpecials()) state_.addFlags(1, flagsOf(values, count));
  }

  /// False: nothing was added.
  bool addSplit(const SplitSum& sum) {
    if (!sum.exact || (sum.sawNaN && !mayHaveSpecials())) return false;
    if (sum.sawNaN) state_.addFlags(1, kNaNFlag);
    for (const double part : sum.parts) addPart(part, sum.exponent);
    return true;
  }

  /// False: the window does not hold them, and nothing was added.
  bool addInWindow(const T* values, const double* doubles, size_t count) {
    const WindowSum sum = guess_.sum(doubles, count);
    if (!sum.exact || (sum.special && !mayHaveSpecials())) return false;
    if (sum.special) state_.addFlags(1, flagsOf(values, count));
    addUnits(sum.high, sum.k - kHighUnit);
    addUnits(sum.low, sum.k - kLowUnit);
    return true;
  }

  /// The column's bounds save a pass over the block, where they are narrow enough and promise that there are no
  /// specials.
  BlockRange boundsOf(const double* values, size_t count) const {
    const SumFormat& format = state_.format();
    const BlockRange bounds{format.highOfValues, format.lowOfValues, false};
    const bool enough = power_ == 1 && format.bounded && !format.mayHaveSpecials && isCuttable(bounds);
    return enough ? bounds : rangeOfBlock(values, count);
  }

  /// value^power, of any finite value.
  void addOne(uint32_t group, double finite) {
    const Decoded value = decode(finite);
    if (value.magnitude == 0) return;
    unsigned __int128 magnitude = value.magnitude;
    if (power_ == 2) magnitude *= value.magnitude;
    addShifted(state_.limbsOf(group), state_.limbs(), magnitude, power_ * value.exponent - state_.format().lowExponent,
               power_ == 1 && value.negative);
  }

 private:
  static bool anySpecial(const T* values, size_t count) {
    using Bits = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
    constexpr Bits kField = sizeof(T) == 8 ? static_cast<Bits>(0x7ff0000000000000u) : static_cast<Bits>(0x7f800000u);
    bool any = false;
    for (size_t i = 0; i < count; ++i) any |= (std::bit_cast<Bits>(values[i]) & kField) == kField;
    return any;
  }

  bool mayHaveSpecials() const { return state_.format().mayHaveSpecials; }

  const T* takeSpecials(const T* values, const uint32_t* groups, size_t count) {
    finite_.resize(count);
    for (size_t i = 0; i < count; ++i) {
      const T value = values[i];
      finite_[i] = std::isfinite(value) ? value : T{0};
      if (std::isfinite(value)) continue;
      const bool positive = value > 0 || power_ == 2;
      const uint8_t infinity = positive ? kPositiveInfinityFlag : kNegativeInfinityFlag;
      state_.addFlags(groups == nullptr ? 1 : groups[i], std::isnan(value) ? kNaNFlag : infinity);
    }
    return finite_.data();
  }

  /// The flags of all values together: a highest magnitude above infinity's is a NaN's.
  static uint8_t flagsOf(const T* values, size_t count) {
    using Bits = std::conditional_t<sizeof(T) == 8, int64_t, int32_t>;
    constexpr Bits kInfinity = std::bit_cast<Bits>(std::numeric_limits<T>::infinity());
    constexpr Bits kMagnitude = std::numeric_limits<Bits>::max();
    Bits highest = 0;
    Bits positive = 0;
    Bits negative = 0;
    for (size_t i = 0; i < count; ++i) {
      const auto bits = std::bit_cast<Bits>(values[i]);
      highest = std::max<Bits>(highest, bits & kMagnitude);
      positive |= bits == kInfinity ? Bits{1} : Bits{0};
      negative |= bits == (kInfinity | ~kMagnitude) ? Bits{1} : Bits{0};
    }
    return static_cast<uint8_t>((highest > kInfinity ? kNaNFlag : 0) | (positive != 0 ? kPositiveInfinityFlag : 0) |
                                (negative != 0 ? kNegativeInfinityFlag : 0));
  }

  void addUnits(int64_t count, int exponent) {
    const uint64_t magnitude = count < 0 ? uint64_t{0} - static_cast<uint64_t>(count) : static_cast<uint64_t>(count);
    addShifted(state_.limbsOf(1), state_.limbs(), magnitude, exponent - state_.format().lowExponent, count < 0);
  }

  /// part * 2^exponent.
  void addPart(double part, int exponent = 0) {
    const Decoded value = decode(part);
    if (value.magnitude == 0) return;
    addShifted(state_.limbsOf(1), state_.limbs(), value.magnitude,
               value.exponent + exponent - state_.format().lowExponent, value.negative);
  }

  const double* asDoubles(const T* values, size_t count) {
    if constexpr (sizeof(T) == 8) {
      return values;
    } else {
      doubles_.assign(values, values + count);
      return doubles_.data();
    }
  }

  /// So many blocks after one of too many bits go to bins without another look at their range.
  static constexpr int kWideBlocks = 16;

  int slot_;
  int power_;
  int wideBlocks_ = 0;
  SplitTrial trial_;
  WindowGuess guess_;
  ExponentBins bins_;
  std::vector<T> finite_;
  std::vector<double> doubles_;
};

/// Windows of up to 63 bits.
template <class T>
class ScaledSum final : public FloatSum<T> {
 public:
  ScaledSum(int slot, const SumFormat& format)
      : FloatSum<T>(slot, 1, format), scale_(std::ldexp(1.0, -format.lowExponent)) {}

 protected:
  void addFinite(const T* values, const uint32_t* groups, size_t count) override {
    uint64_t* words = this->state_.words();
    int64_t fixed[kBlock];
    for (size_t start = 0; start < count; start += kBlock) {
      const size_t rows = std::min(kBlock, count - start);
      for (size_t i = 0; i < rows; ++i)
        fixed[i] = static_cast<int64_t>(static_cast<double>(values[start + i]) * scale_);
      const uint32_t* into = groups + start;
      addRows(this->state_.pooled(), into, rows, count - start,
              [&](size_t i) { words[into[i]] += static_cast<uint64_t>(fixed[i]); });
    }
  }

 private:
  static constexpr size_t kBlock = 256;
  double scale_;
};

/// Windows of up to 127 bits.
template <class T>
class TwoLimbSum final : public FloatSum<T> {
 public:
  TwoLimbSum(int slot, const SumFormat& format) : FloatSum<T>(slot, 1, format) {}

 protected:
  void addFinite(const T* values, const uint32_t* groups, size_t count) override {
    uint64_t lows[kBlock];
    uint64_t highs[kBlock];
    auto* words = this->state_.words();
    for (size_t start = 0; start < count; start += kBlock) {
      const size_t rows = std::min(kBlock, count - start);
      toFixed128(values + start, rows, this->state_.format().lowExponent, lows, highs);
      const uint32_t* into = groups + start;
      addRows<2>(this->state_.pooled(), into, rows, count - start, [&](size_t i) {
        uint64_t* limbs = words + 2 * static_cast<size_t>(into[i]);
        const auto sum = (static_cast<unsigned __int128>(limbs[1]) << 64 | limbs[0]) +
                         (static_cast<unsigned __int128>(highs[i]) << 64 | lows[i]);
        limbs[0] = static_cast<uint64_t>(sum);
        limbs[1] = static_cast<uint64_t>(sum >> 64);
      });
    }
  }

 private:
  static constexpr size_t kBlock = 256;
};

/// Sums of squares in a window of three limbs: 106 bits, moved by up to 86.
template <class T, int Limbs>
class SquareSum final : public FloatSum<T> {
 public:
  SquareSum(int slot, const SumFormat& format) : FloatSum<T>(slot, 2, format) {}

 protected:
  void addFinite(const T* values, const uint32_t* groups, size_t count) override {
    uint64_t* words = this->state_.words();
    const int low = this->state_.format().lowExponent;
    addRows<Limbs>(this->state_.pooled(), groups, count, count, [&](size_t i) {
      const Decoded value = decode(static_cast<double>(values[i]));
      const unsigned __int128 square = static_cast<unsigned __int128>(value.magnitude) * value.magnitude;
      addSquare(words + groups[i] * size_t{Limbs}, square, 2 * value.exponent - low);
    });
  }

 private:
  // The addend is laid out in memory at its place, so that the carry chain below is the same for every value. Garbage
  // under nulls may have any exponent: the place is masked.
  static void addSquare(uint64_t* limbs, unsigned __int128 square, int shift) {
    if (shift < 0) {
      square = shift > -128 ? square >> -shift : 0;
      shift = 0;
    }
    uint64_t addend[8] = {};
    const int word = (shift >> 6) & 3;
    const int bit = shift & 63;
    const auto low = static_cast<uint64_t>(square);
    const auto high = static_cast<uint64_t>(square >> 64);
    addend[word] = low << bit;
    addend[word + 1] = high << bit | (low >> 1) >> (63 - bit);
    addend[word + 2] = (high >> 1) >> (63 - bit);
    SumState::addLimbs(limbs, addend, Limbs);
  }
};

/// Any window, either power.
template <class T>
class WideSum final : public FloatSum<T> {
 public:
  using FloatSum<T>::FloatSum;

 protected:
  void addFinite(const T* values, const uint32_t* groups, size_t count) override {
    for (size_t i = 0; i < count; ++i) this->addOne(groups[i], static_cast<double>(values[i]));
  }
};

template <class T>
std::unique_ptr<SumFold> makeSum(int slot, int power, const SumFormat& format) {
  const bool scalable = format.lowExponent >= -1023 && format.lowExponent <= 1022;
  if (power == 1 && format.limbs == 1 && scalable) return std::make_unique<ScaledSum<T>>(slot, format);
  if (power == 1 && format.limbs == 2) return std::make_unique<TwoLimbSum<T>>(slot, format);
  if (power == 2 && format.limbs == 2) return std::make_unique<SquareSum<T, 2>>(slot, format);
  if (power == 2 && format.limbs == 3) return std::make_unique<SquareSum<T, 3>>(slot, format);
  if (power == 2 && format.limbs == 4) return std::make_unique<SquareSum<T, 4>>(slot, format);
  return std::make_unique<WideSum<T>>(slot, power, format);
}

}  // namespace

std::unique_ptr<SumFold> makeFloatSum(Storage storage, int slot, int power, const SumFormat& format) {
  if (storage == Storage::F32) return makeSum<float>(slot, power, format);
  return makeSum<double>(slot, power, format);
}

}  // namespace gdf::aggregate

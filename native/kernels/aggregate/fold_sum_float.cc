// Exact sums of floats in a fixed-point window. One limb: the value times a power of two is an int64. Two limbs: vector
// shifts, then one add-with-carry a row. More: addShifted.
#include <cmath>

#include "kernels/aggregate/fixed_point.h"
#include "kernels/aggregate/fold.h"
#include "kernels/aggregate/storage_type.h"

namespace gdf::aggregate {
namespace {

template <class T>
class FloatSum : public SumFold {
 public:
  FloatSum(int slot, int power, const SumFormat& format) : SumFold(format), slot_(slot), power_(power) {
    if (format.mayHaveSpecials) finite_.resize(kChunkRows);
  }

  void add(const Chunk& chunk) final {
    const auto* values = static_cast<const T*>(chunk.columns[slot_].values);
    const uint32_t* groups = chunk.columns[slot_].groups;
    if (!finite_.empty() && anySpecial(values, chunk.count)) values = takeSpecials(values, groups, chunk.count);
    addFinite(values, groups, chunk.count);
  }

 protected:
  virtual void addFinite(const T* values, const uint32_t* groups, size_t count) = 0;

 private:
  static bool anySpecial(const T* values, size_t count) {
    using Bits = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
    constexpr Bits kField = sizeof(T) == 8 ? static_cast<Bits>(0x7ff0000000000000u) : static_cast<Bits>(0x7f800000u);
    bool any = false;
    for (size_t i = 0; i < count; ++i) any |= (std::bit_cast<Bits>(values[i]) & kField) == kField;
    return any;
  }

  const T* takeSpecials(const T* values, const uint32_t* groups, size_t count) {
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

  int slot_;
  int power_;
  std::vector<T> finite_;
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
    if (groups == nullptr) {
      int64_t sum = 0;
      for (size_t i = 0; i < count; ++i) sum += static_cast<int64_t>(static_cast<double>(values[i]) * scale_);
      words[1] += static_cast<uint64_t>(sum);
      return;
    }
    int64_t fixed[kBlock];
    for (size_t start = 0; start < count; start += kBlock) {
      const size_t rows = std::min(kBlock, count - start);
      for (size_t i = 0; i < rows; ++i)
        fixed[i] = static_cast<int64_t>(static_cast<double>(values[start + i]) * scale_);
      for (size_t i = 0; i < rows; ++i) words[groups[start + i]] += static_cast<uint64_t>(fixed[i]);
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
      for (size_t i = 0; i < rows; ++i) {
        uint64_t* limbs = words + 2 * static_cast<size_t>(groups == nullptr ? 1 : groups[start + i]);
        const auto sum = (static_cast<unsigned __int128>(limbs[1]) << 64 | limbs[0]) +
                         (static_cast<unsigned __int128>(highs[i]) << 64 | lows[i]);
        limbs[0] = static_cast<uint64_t>(sum);
        limbs[1] = static_cast<uint64_t>(sum >> 64);
      }
    }
  }

 private:
  static constexpr size_t kBlock = 256;
};

/// Any window, either power. A square has 106 bits and twice the exponent.
template <class T, int Power>
class WideSum final : public FloatSum<T> {
 public:
  WideSum(int slot, const SumFormat& format) : FloatSum<T>(slot, Power, format) {}

 protected:
  void addFinite(const T* values, const uint32_t* groups, size_t count) override {
    const int limbs = this->state_.limbs();
    const int low = this->state_.format().lowExponent;
    for (size_t i = 0; i < count; ++i) {
      const Decoded value = decode(static_cast<double>(values[i]));
      if (value.magnitude == 0) continue;
      unsigned __int128 magnitude = value.magnitude;
      if constexpr (Power == 2) magnitude *= value.magnitude;
      addShifted(this->state_.limbsOf(groups == nullptr ? 1 : groups[i]), limbs, magnitude,
                 Power * value.exponent - low, Power == 1 && value.negative);
    }
  }
};

template <class T>
std::unique_ptr<SumFold> makeSum(int slot, int power, const SumFormat& format) {
  if (power == 2) return std::make_unique<WideSum<T, 2>>(slot, format);
  const bool scalable = format.lowExponent >= -1023 && format.lowExponent <= 1022;
  if (format.limbs == 1 && scalable) return std::make_unique<ScaledSum<T>>(slot, format);
  if (format.limbs == 2) return std::make_unique<TwoLimbSum<T>>(slot, format);
  return std::make_unique<WideSum<T, 1>>(slot, format);
}

}  // namespace

std::unique_ptr<SumFold> makeFloatSum(Storage storage, int slot, int power, const SumFormat& format) {
  if (storage == Storage::F32) return makeSum<float>(slot, power, format);
  return makeSum<double>(slot, power, format);
}

}  // namespace gdf::aggregate

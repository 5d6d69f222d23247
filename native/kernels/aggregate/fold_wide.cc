// Sums and extremes of 128-bit values.
#include <algorithm>

#include "core/int128.h"
#include "core/pooled.h"
#include "kernels/aggregate/fold.h"

namespace gdf::aggregate {
namespace {

class WideSum final : public SumFold {
 public:
  WideSum(int slot, int power, const SumFormat& format)
      : SumFold(format), slot_(slot), power_(power), addend_(std::max<size_t>(4, static_cast<size_t>(format.limbs))) {}

  void add(const Chunk& chunk) override {
    const void* values = chunk.columns[slot_].values;
    const uint32_t* groups = chunk.columns[slot_].groups;
    for (size_t i = 0; i < chunk.columns[slot_].count; ++i) {
      const int128 value = loadInt128(values, static_cast<int64_t>(i));
      if (power_ == 1) {
        setTerm(value);
      } else {
        setSquare(magnitude(value));
      }
      SumState::addLimbs(state_.limbsOf(groups == nullptr ? 1 : groups[i]), addend_.data(), state_.limbs());
    }
  }

 private:
  void setTerm(int128 value) {
    std::fill(addend_.begin(), addend_.end(), value < 0 ? ~uint64_t{0} : 0);
    addend_[0] = lowHalf(value);
    addend_[1] = static_cast<uint64_t>(highHalf(value));
  }
  /// The four limbs of a square; those above stay zero.
  void setSquare(uint128 value) {
    const auto low = static_cast<uint64_t>(value);
    const auto high = static_cast<uint64_t>(value >> 64);
    const uint128 lows = static_cast<uint128>(low) * low;
    const uint128 cross = static_cast<uint128>(low) * high;
    const uint128 highs = static_cast<uint128>(high) * high;
    // The cross product counts twice; its top bit may leave 128 bits, so it is added in two steps.
    const uint128 middle = (lows >> 64) + static_cast<uint64_t>(cross);
    const uint128 again = middle + static_cast<uint64_t>(cross);
    const uint128 top = highs + (cross >> 64) + (cross >> 64) + (again >> 64);
    addend_[0] = static_cast<uint64_t>(lows);
    addend_[1] = static_cast<uint64_t>(again);
    addend_[2] = static_cast<uint64_t>(top);
    addend_[3] = static_cast<uint64_t>(top >> 64);
  }

  int slot_;
  int power_;
  std::vector<uint64_t> addend_;
};

class WideExtremes final : public ExtremeFold {
 public:
  WideExtremes(int slot, bool max) : slot_(slot), max_(max) {}

  void resize(size_t groups) override { keys_.resize(groups, max_ ? kMin128 : static_cast<int128>(kMax128)); }

  void add(const Chunk& chunk) override {
    const void* values = chunk.columns[slot_].values;
    const uint32_t* groups = chunk.columns[slot_].groups;
    for (size_t i = 0; i < chunk.columns[slot_].count; ++i) {
      int128& key = keys_[groups == nullptr ? 1 : groups[i]];
      key = better(key, loadInt128(values, static_cast<int64_t>(i)));
    }
  }

  void merge(const Fold& other, const uint32_t* map, size_t groups) override {
    const auto& from = static_cast<const WideExtremes&>(other).keys_;
    for (size_t group = 1; group < groups; ++group) keys_[map[group]] = better(keys_[map[group]], from[group]);
  }

  uint64_t bitsOf(size_t group) const override { return lowHalf(keys_[group]); }
  uint64_t highBitsOf(size_t group) const override { return static_cast<uint64_t>(highHalf(keys_[group])); }

 private:
  int128 better(int128 a, int128 b) const { return max_ ? std::max(a, b) : std::min(a, b); }

  int slot_;
  bool max_;
  Pooled<int128> keys_;
};

}  // namespace

std::unique_ptr<SumFold> makeWideSum(int slot, int power, const SumFormat& format) {
  return std::make_unique<WideSum>(slot, power, format);
}

std::unique_ptr<ExtremeFold> makeWideExtreme(int slot, bool max) {
  return std::make_unique<WideExtremes>(slot, max);
}

}  // namespace gdf::aggregate

// Sums of x^3, x^4 and x * y where a factor has 128 bits: magnitudes of up to 512 bits, added limb by limb. Decimals
// have no special values, but floats beside them do.
#include "core/int128.h"
#include "kernels/aggregate/fixed_point.h"
#include "kernels/aggregate/fold.h"
#include "kernels/aggregate/storage_type.h"

namespace gdf::aggregate {
namespace {

struct WideTerm {
  uint128 magnitude = 0;
  int exponent = 0;
  bool negative = false;
  uint8_t special = 0;  // flags of the value
};

WideTerm termOf(Storage storage, const void* values, size_t row) {
  if (storage == Storage::I128) {
    const int128 value = loadInt128(values, static_cast<int64_t>(row));
    return {magnitude(value), 0, value < 0, 0};
  }
  return visitStorage(storage, [&]<class T>(std::type_identity<T>) -> WideTerm {
    const T value = static_cast<const T*>(values)[row];
    if constexpr (std::is_floating_point_v<T>) {
      const auto wide = static_cast<double>(value);
      if (wide != wide) return {0, 0, false, kNaNFlag};
      const Decoded decoded = decode(wide);
      if (isSpecial(wide)) {
        return {0, 0, decoded.negative, decoded.negative ? kNegativeInfinityFlag : kPositiveInfinityFlag};
      }
      if (decoded.magnitude == 0) return {};
      const int zeros = std::countr_zero(decoded.magnitude);
      return {decoded.magnitude >> zeros, decoded.exponent + zeros, decoded.negative, 0};
    } else {
      const auto wide = static_cast<int128>(value);
      return {magnitude(wide), 0, wide < 0, 0};
    }
  });
}

class WideProduct final : public SumFold {
 public:
  WideProduct(const Factor& first, const Factor& second, const SumFormat& format)
      : SumFold(format), first_(first), second_(second) {}

  void add(const Chunk& chunk) override {
    const ChunkColumn& column = chunk.columns[first_.slot];
    const void* others = second_.slot < 0 ? nullptr : chunk.columns[second_.slot].values;
    for (size_t i = 0; i < column.count; ++i) {
      const uint32_t group = column.groups == nullptr ? 1 : column.groups[i];
      const WideTerm x = termOf(first_.storage, column.values, i);
      if (others == nullptr) {
        addPower(group, x);
      } else {
        addProduct(group, x, termOf(second_.storage, others, i));
      }
    }
  }

 private:
  static constexpr int kLimbs = 8;

  void addProduct(uint32_t group, const WideTerm& x, const WideTerm& y) {
    const bool negative = x.negative != y.negative;
    if ((x.special | y.special) != 0) {
      const bool hasZero = (x.special == 0 && x.magnitude == 0) || (y.special == 0 && y.magnitude == 0);
      const bool isNaN = ((x.special | y.special) & kNaNFlag) != 0 || hasZero;
      // Under nulls there may be specials that the format does not know of.
      if (!state_.format().mayHaveSpecials) return;
      return state_.addFlags(group, isNaN ? kNaNFlag : negative ? kNegativeInfinityFlag : kPositiveInfinityFlag);
    }
    uint64_t limbs[kLimbs] = {1};
    multiply(limbs, x.magnitude);
    multiply(limbs, y.magnitude);
    addLimbs(group, limbs, x.exponent + y.exponent, negative);
  }

  void addPower(uint32_t group, const WideTerm& x) {
    uint64_t limbs[kLimbs] = {1};
    for (int i = 0; i < first_.power; ++i) multiply(limbs, x.magnitude);
    addLimbs(group, limbs, first_.power * x.exponent, x.negative && first_.power == 3);
  }

  static void multiply(uint64_t* limbs, uint128 factor) {
    uint64_t product[kLimbs] = {};
    const uint64_t parts[2] = {static_cast<uint64_t>(factor), static_cast<uint64_t>(factor >> 64)};
    for (int part = 0; part < 2; ++part) {
      uint64_t carry = 0;
      for (int i = 0; i + part < kLimbs; ++i) {
        const uint128 sum = static_cast<uint128>(limbs[i]) * parts[part] + product[i + part] + carry;
        product[i + part] = static_cast<uint64_t>(sum);
        carry = static_cast<uint64_t>(sum >> 64);
      }
    }
    std::memcpy(limbs, product, sizeof product);
  }

  void addLimbs(uint32_t group, const uint64_t* limbs, int exponent, bool negative) {
    const int shift = exponent - state_.format().lowExponent;
    for (int i = 0; i < kLimbs; ++i) {
      if (limbs[i] != 0 && shift >= 0) {
        addShifted(state_.limbsOf(group), state_.limbs(), limbs[i], shift + 64 * i, negative);
      }
    }
  }

  const Factor first_;
  const Factor second_;
};

}  // namespace

std::unique_ptr<SumFold> makeWideProduct(const Factor& first, const Factor& second, const SumFormat& format) {
  return std::make_unique<WideProduct>(first, second, format);
}

}  // namespace gdf::aggregate

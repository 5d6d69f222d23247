// Sums of x^3, x^4 and x * y. Integers whose sum fits 128 bits are multiplied modulo 2^64 or 2^128, which is exact
// there; everything else as magnitudes and exponents, into any number of limbs.
#include "kernels/aggregate/fixed_point.h"
#include "kernels/aggregate/fold.h"
#include "kernels/aggregate/storage_type.h"

namespace gdf::aggregate {
namespace {

using Wide = unsigned __int128;
constexpr size_t kBlock = 256;

/// The rows of a block, of up to two factors. Without groups all rows belong to group 1.
struct Block {
  const uint32_t* groups;
  size_t count;
  uint32_t groupOf(size_t i) const { return groups == nullptr ? 1 : groups[i]; }
};

class ProductSum : public SumFold {
 public:
  ProductSum(const Factor& first, const Factor& second, const SumFormat& format)
      : SumFold(format), first_(first), second_(second) {}

  void add(const Chunk& chunk) final {
    const ChunkColumn& column = chunk.columns[first_.slot];
    for (size_t start = 0; start < column.count; start += kBlock) {
      const size_t count = std::min(kBlock, column.count - start);
      const uint32_t* groups = column.groups == nullptr ? nullptr : column.groups + start;
      addBlock({groups, count}, valuesOf(chunk, first_, start), valuesOf(chunk, second_, start));
    }
  }

 protected:
  /// `second` is null where there is one factor.
  virtual void addBlock(const Block& block, const void* first, const void* second) = 0;

  const Factor first_;
  const Factor second_;

 private:
  static const void* valuesOf(const Chunk& chunk, const Factor& factor, size_t start) {
    if (factor.slot < 0) return nullptr;
    const auto* bytes = static_cast<const uint8_t*>(chunk.columns[factor.slot].values);
    return bytes + start * static_cast<size_t>(storageBytes(factor.storage));
  }
};

/// Products modulo 2^64 or 2^128.
template <class Word>
class IntegerProduct final : public ProductSum {
 public:
  using ProductSum::ProductSum;

 protected:
  void addBlock(const Block& block, const void* first, const void* second) override {
    Word x[kBlock];
    widen(first_.storage, first, block.count, x);
    if (second != nullptr) {
      Word y[kBlock];
      widen(second_.storage, second, block.count, y);
      for (size_t i = 0; i < block.count; ++i) x[i] *= y[i];
    } else {
      for (size_t i = 0; i < block.count; ++i) x[i] *= first_.power == 4 ? x[i] * x[i] * x[i] : x[i] * x[i];
    }
    uint64_t* words = state_.words();
    for (size_t i = 0; i < block.count; ++i) addTo(words, block.groupOf(i), x[i]);
  }

 private:
  static void widen(Storage storage, const void* values, size_t count, Word* words) {
    visitStorage(storage, [&]<class T>(std::type_identity<T>) {
      if constexpr (std::is_integral_v<T>) {
        using Signed = std::conditional_t<sizeof(Word) == 8, int64_t, __int128>;
        const T* from = static_cast<const T*>(values);
        for (size_t i = 0; i < count; ++i) {
          words[i] = std::is_signed_v<T> ? static_cast<Word>(static_cast<Signed>(from[i])) : static_cast<Word>(from[i]);
        }
      }
    });
  }

  static void addTo(uint64_t* words, uint32_t group, Word product) {
    if constexpr (sizeof(Word) == 8) {
      words[group] += product;
    } else {
      uint64_t* limbs = words + 2 * static_cast<size_t>(group);
      const Wide sum = (static_cast<Wide>(limbs[1]) << 64 | limbs[0]) + product;
      limbs[0] = static_cast<uint64_t>(sum);
      limbs[1] = static_cast<uint64_t>(sum >> 64);
    }
  }
};

/// A value as magnitude and exponent, without zeros below: what is under a null may have any.
struct Term {
  uint64_t magnitude;
  int exponent;
  bool negative;
  uint8_t special;  // flags of the value
};

template <class T>
Term termOf(T value) {
  Term term{};
  if constexpr (std::is_floating_point_v<T>) {
    const auto wide = static_cast<double>(value);
    const Decoded decoded = decode(wide);
    term = {decoded.magnitude, decoded.exponent, decoded.negative, 0};
    if (isSpecial(wide)) {
      term.special = wide != wide ? kNaNFlag : decoded.negative ? kNegativeInfinityFlag : kPositiveInfinityFlag;
    }
  } else {
    term.negative = value < T{0};
    term.magnitude = term.negative ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  }
  if (term.magnitude == 0) return term;
  const int zeros = std::countr_zero(term.magnitude);
  term.magnitude >>= zeros;
  term.exponent += zeros;
  return term;
}

/// Any values, any window.
class TermProduct final : public ProductSum {
 public:
  using ProductSum::ProductSum;

 protected:
  void addBlock(const Block& block, const void* first, const void* second) override {
    Term x[kBlock];
    Term y[kBlock];
    decodeAll(first_.storage, first, block.count, x);
    if (second != nullptr) decodeAll(second_.storage, second, block.count, y);
    for (size_t i = 0; i < block.count; ++i) {
      if (second != nullptr) {
        addProduct(block.groupOf(i), x[i], y[i]);
      } else {
        addPower(block.groupOf(i), x[i]);
      }
    }
  }

 private:
  static void decodeAll(Storage storage, const void* values, size_t count, Term* terms) {
    visitStorage(storage, [&]<class T>(std::type_identity<T>) {
      const T* from = static_cast<const T*>(values);
      for (size_t i = 0; i < count; ++i) terms[i] = termOf(from[i]);
    });
  }

  void addProduct(uint32_t group, const Term& x, const Term& y) {
    const bool negative = x.negative != y.negative;
    if ((x.special | y.special) != 0) {
      const bool isNaN = ((x.special | y.special) & kNaNFlag) != 0 || isZero(x) || isZero(y);
      return addSpecial(group, isNaN, negative);
    }
    const int shift = x.exponent + y.exponent - state_.format().lowExponent;
    const Wide product = static_cast<Wide>(x.magnitude) * y.magnitude;
    if (product == 0 || shift < 0) return;
    addShifted(state_.limbsOf(group), state_.limbs(), product, shift, negative);
  }

  /// x^3 or x^4, of up to 256 bits: the upper half is added apart.
  void addPower(uint32_t group, const Term& x) {
    const bool negative = x.negative && first_.power == 3;
    if (x.special != 0) return addSpecial(group, (x.special & kNaNFlag) != 0, negative);
    const int shift = first_.power * x.exponent - state_.format().lowExponent;
    if (x.magnitude == 0 || shift < 0) return;
    const Wide square = static_cast<Wide>(x.magnitude) * x.magnitude;
    const Wide factor = first_.power == 4 ? square : x.magnitude;
    const Wide low = static_cast<Wide>(static_cast<uint64_t>(square)) * static_cast<uint64_t>(factor);
    addAt(group, low, shift, negative);
    addAt(group, static_cast<Wide>(static_cast<uint64_t>(square >> 64)) * static_cast<uint64_t>(factor), shift + 64,
          negative);
    const auto high = static_cast<uint64_t>(factor >> 64);
    if (high == 0) return;
    addAt(group, static_cast<Wide>(static_cast<uint64_t>(square)) * high, shift + 64, negative);
    addAt(group, static_cast<Wide>(static_cast<uint64_t>(square >> 64)) * high, shift + 128, negative);
  }

  void addAt(uint32_t group, Wide magnitude, int shift, bool negative) {
    if (magnitude != 0) addShifted(state_.limbsOf(group), state_.limbs(), magnitude, shift, negative);
  }

  void addSpecial(uint32_t group, bool isNaN, bool negative) {
    // Under nulls there may be specials that the format does not know of.
    if (!state_.format().mayHaveSpecials) return;
    state_.addFlags(group, isNaN ? kNaNFlag : negative ? kNegativeInfinityFlag : kPositiveInfinityFlag);
  }

  static bool isZero(const Term& term) { return term.special == 0 && term.magnitude == 0; }
};

}  // namespace

std::unique_ptr<SumFold> makeProductSum(const Factor& first, const Factor& second, const SumFormat& format) {
  if (first.storage == Storage::I128 || (second.slot >= 0 && second.storage == Storage::I128)) {
    return makeWideProduct(first, second, format);
  }
  const bool integers = !isFloatStorage(first.storage) && (second.slot < 0 || !isFloatStorage(second.storage));
  if (integers && format.limbs == 1) return std::make_unique<IntegerProduct<uint64_t>>(first, second, format);
  if (integers && format.limbs == 2) return std::make_unique<IntegerProduct<Wide>>(first, second, format);
  return std::make_unique<TermProduct>(first, second, format);
}

}  // namespace gdf::aggregate

// Sums of integers, in as few limbs as the column's bounds and the row count allow.
#include "kernels/aggregate/fetch_ahead.h"
#include "kernels/aggregate/fixed_point.h"
#include "kernels/aggregate/fold.h"
#include "kernels/aggregate/storage_type.h"

namespace gdf::aggregate {
namespace {

using Wide = unsigned __int128;

/// x^Power modulo 2^128, sign-extended: for 64-bit x^2 the value is below 2^128 and not negative.
template <class T, int Power>
inline Wide term(T value) {
  if constexpr (Power == 1) {
    return static_cast<Wide>(static_cast<__int128>(value));
  } else {
    const Wide magnitude = value < T{0} ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
    return magnitude * magnitude;
  }
}

template <class T, int Power, int Limbs>
class IntegerSum final : public SumFold {
 public:
  IntegerSum(int slot, const SumFormat& format) : SumFold(format), slot_(slot) {}

  void add(const Chunk& chunk) override {
    const auto* values = static_cast<const T*>(chunk.columns[slot_].values);
    const uint32_t* groups = chunk.columns[slot_].groups;
    const size_t count = chunk.columns[slot_].count;
    if (groups == nullptr) {
      addAll(values, count);
      return;
    }
    uint64_t* words = state_.words();
    addRows<Limbs>(state_.pooled(), groups, count, count,
                   [&](size_t i) { addTerm(words + groups[i] * size_t{Limbs}, values[i]); });
  }

 private:
  static void addTerm(uint64_t* limbs, T value) {
    if constexpr (Limbs == 1) {
      limbs[0] += static_cast<uint64_t>(term<T, Power>(value));
    } else {
      // Only 64-bit squares need a third limb, and they are not negative: nothing to sign-extend.
      const Wide addend = term<T, Power>(value);
      const Wide low = (static_cast<Wide>(limbs[1]) << 64 | limbs[0]);
      const Wide sum = low + addend;
      limbs[0] = static_cast<uint64_t>(sum);
      limbs[1] = static_cast<uint64_t>(sum >> 64);
      if constexpr (Limbs > 2) limbs[2] += sum < low ? 1 : 0;
    }
  }

  void addAll(const T* values, size_t count) {
    uint64_t* limbs = state_.limbsOf(1);
    if constexpr (Limbs == 1) {
      uint64_t sum = 0;
      for (size_t i = 0; i < count; ++i) sum += static_cast<uint64_t>(term<T, Power>(values[i]));
      limbs[0] += sum;
    } else if constexpr (Limbs == 2 && Power == 1) {
      // Halves, so that the loop has no carries: a chunk's 4096 halves cannot overflow 64 bits.
      uint64_t low = 0;
      int64_t high = 0;
      for (size_t i = 0; i < count; ++i) {
        const auto bits = static_cast<uint64_t>(values[i]);
        low += bits & 0xffffffffu;
        high += std::is_signed_v<T> ? static_cast<int64_t>(bits) >> 32 : static_cast<int64_t>(bits >> 32);
      }
      const Wide sum = (static_cast<Wide>(static_cast<__int128>(high)) << 32) + low;
      const uint64_t addend[2] = {static_cast<uint64_t>(sum), static_cast<uint64_t>(sum >> 64)};
      SumState::addLimbs(limbs, addend, 2);
    } else {
      for (size_t i = 0; i < count; ++i) addTerm(limbs, values[i]);
    }
  }

  int slot_;
};

template <class T, int Power>
std::unique_ptr<SumFold> withLimbs(int slot, const SumFormat& format) {
  if (format.limbs == 1) return std::make_unique<IntegerSum<T, Power, 1>>(slot, format);
  if (format.limbs == 2) return std::make_unique<IntegerSum<T, Power, 2>>(slot, format);
  if constexpr (Power == 2) {
    if (format.limbs == 3) return std::make_unique<IntegerSum<T, Power, 3>>(slot, format);
  }
  throw KernelError("NOT_SUPPORTED", "aggregate: no integer sum needs this many limbs");
}

}  // namespace

std::unique_ptr<SumFold> makeIntegerSum(Storage storage, int slot, int power, const SumFormat& format) {
  return visitStorage(storage, [&]<class T>(std::type_identity<T>) -> std::unique_ptr<SumFold> {
    if constexpr (std::is_integral_v<T>) {
      return power == 1 ? withLimbs<T, 1>(slot, format) : withLimbs<T, 2>(slot, format);
    } else {
      throw KernelError("NOT_SUPPORTED", "aggregate: not an integer column");
    }
  });
}

}  // namespace gdf::aggregate

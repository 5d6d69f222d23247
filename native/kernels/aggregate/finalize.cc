#include "kernels/aggregate/finalize.h"

namespace gdf::aggregate {
namespace {

constexpr uint64_t kExactInDouble = uint64_t{1} << 53;

}  // namespace

double Finalizer::mean(const SumState& state, size_t group, uint64_t count) {
  if (state.flagsOf(group) != 0) return valueOfFlags(state.flagsOf(group));
  const bool negative = sum_.setMagnitude(state.limbsOf(group), state.limbs());
  if (sum_.isZero()) return 0.0;
  const int low = state.format().lowExponent;
  if (low == 0 && sum_.bitLength() <= 53 && count <= kExactInDouble) {
    // Both are exact doubles, and the division rounds once.
    const double quotient = static_cast<double>(sum_.low()) / static_cast<double>(count);
    return negative ? -quotient : quotient;
  }
  // A quotient of at least 64 bits: what the remainder adds is below its last bit.
  const int extend = std::max(0, 65 + static_cast<int>(std::bit_width(count)) - sum_.bitLength());
  sum_.shiftLeft(extend);
  const bool sticky = sum_.divide(count);
  return roundNatural<double>(sum_, low - extend, sticky, negative);
}

}  // namespace gdf::aggregate

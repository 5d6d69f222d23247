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

double Finalizer::variance(const SumState& sum, const SumState& squares, size_t group, uint64_t count, uint64_t ddof,
                           bool squareRoot) {
  if (sum.flagsOf(group) != 0 || squares.flagsOf(group) != 0) return kQuietNaN;
  sum_.setMagnitude(sum.limbsOf(group), sum.limbs());
  squares_.setMagnitude(squares.limbsOf(group), squares.limbs());
  squares_.multiply(count);
  square_.setSquareOf(sum_);
  // Both in the smaller of the two units.
  const int unitOfSquare = 2 * sum.format().lowExponent;
  const int unitOfSquares = squares.format().lowExponent;
  int exponent = std::min(unitOfSquare, unitOfSquares);
  square_.shiftLeft(unitOfSquare - exponent);
  squares_.shiftLeft(unitOfSquares - exponent);
  squares_.subtract(square_);
  if (squares_.isZero()) return 0.0;
  // Enough bits for the quotient (64) or for that of which the root has 62 (124), and an even exponent for the root.
  const int wanted = (squareRoot ? 125 : 65) + 2 * static_cast<int>(std::bit_width(count));
  int extend = std::max(0, wanted - squares_.bitLength());
  if (squareRoot && ((exponent - extend) & 1) != 0) extend += 1;
  squares_.shiftLeft(extend);
  exponent -= extend;
  // floor(floor(a / b) / c) = floor(a / (b * c)), and the quotient is exact where both are.
  bool sticky = squares_.divide(count);
  sticky |= squares_.divide(count - ddof);
  return squareRoot ? rootOf(exponent, sticky) : roundNatural<double>(squares_, exponent, sticky, false);
}

/// The root of (squares_ + fraction) * 2^exponent, for an even exponent.
double Finalizer::rootOf(int exponent, bool sticky) {
  int drop = std::max(0, squares_.bitLength() - 125);
  drop += drop & 1;
  sticky |= squares_.anyBelow(drop);
  const unsigned __int128 square =
      static_cast<unsigned __int128>(squares_.bitsFrom(drop + 64)) << 64 | squares_.bitsFrom(drop);
  const uint64_t root = gdf::aggregate::squareRoot(square);
  sticky |= static_cast<unsigned __int128>(root) * root != square;
  const int zeros = std::countl_zero(root);
  return roundTop<double>(root << zeros, (exponent + drop) / 2 - zeros, sticky, false);
}

}  // namespace gdf::aggregate

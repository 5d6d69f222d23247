#include "kernels/aggregate/exact_ratio.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "kernels/aggregate/rounding.h"

namespace gdf::aggregate {

void ExactRatio::setSum(size_t step, const SumState& state, size_t group) {
  ExactNumber& number = numbers_[step];
  number.negative = number.magnitude.setMagnitude(state.limbsOf(group), state.limbs());
  // A window of all doubles is mostly empty below.
  number.exponent = state.format().lowExponent + 64 * number.magnitude.dropLowZeros();
}

double ExactRatio::finish(const Call& call) {
  for (size_t i = 0; i < call.steps.size(); ++i) compute(call.steps[i], numbers_[i]);
  const ExactNumber& numerator = numbers_[static_cast<size_t>(call.numerator)];
  const ExactNumber& denominator = numbers_[static_cast<size_t>(call.denominator)];
  if (denominator.magnitude.isZero()) return std::numeric_limits<double>::quiet_NaN();
  if (numerator.magnitude.isZero()) return 0.0;
  const bool isRoot = call.sign >= 0;
  // Bits of the quotient: enough for the rounding (64), or for a root of 62 (124).
  const int wanted = isRoot ? 126 : 66;
  quotient_ = numerator.magnitude;
  int exponent = numerator.exponent - denominator.exponent;
  int extend = std::max(0, wanted + denominator.magnitude.bitLength() - quotient_.bitLength());
  if (isRoot && ((exponent - extend) & 1) != 0) extend += 1;
  quotient_.shiftLeft(extend);
  exponent -= extend;
  const bool sticky = quotient_.divideBy(denominator.magnitude);
  if (isRoot) return rootOf(exponent, sticky, numbers_[static_cast<size_t>(call.sign)].negative);
  return roundNatural<double>(quotient_, exponent, sticky, numerator.negative);
}

void ExactRatio::compute(const Step& step, ExactNumber& result) {
  switch (step.op) {
    case StepOp::State:
      return;
    case StepOp::Constant:
      result.negative = step.left < 0;
      result.magnitude.setWord(static_cast<uint64_t>(std::abs(static_cast<int64_t>(step.left))));
      result.exponent = 0;
      return;
    default:
      break;
  }
  const ExactNumber& left = numbers_[static_cast<size_t>(step.left)];
  const ExactNumber& right = numbers_[static_cast<size_t>(step.right)];
  if (step.op != StepOp::Multiply) return add(left, right, step.op == StepOp::Subtract, result);
  result.magnitude.setProduct(left.magnitude, right.magnitude);
  result.exponent = left.exponent + right.exponent;
  result.negative = left.negative != right.negative;
}

void ExactRatio::add(const ExactNumber& left, const ExactNumber& right, bool subtract, ExactNumber& result) {
  result.exponent = std::min(left.exponent, right.exponent);
  result.magnitude = left.magnitude;
  result.magnitude.shiftLeft(left.exponent - result.exponent);
  result.negative = left.negative;
  addend_ = right.magnitude;
  addend_.shiftLeft(right.exponent - result.exponent);
  const bool addsNegative = right.negative != subtract;
  if (result.negative == addsNegative) {
    result.magnitude.add(addend_);
  } else if (result.magnitude.isLessThan(addend_)) {
    addend_.subtract(result.magnitude);
    result.magnitude = addend_;
    result.negative = addsNegative;
  } else {
    result.magnitude.subtract(addend_);
  }
}

/// The root of (quotient_ + fraction) * 2^exponent, for an even exponent.
double ExactRatio::rootOf(int exponent, bool sticky, bool negative) {
  int drop = std::max(0, quotient_.bitLength() - 125);
  drop += drop & 1;
  sticky |= quotient_.anyBelow(drop);
  const unsigned __int128 square =
      static_cast<unsigned __int128>(quotient_.bitsFrom(drop + 64)) << 64 | quotient_.bitsFrom(drop);
  const uint64_t root = gdf::aggregate::squareRoot(square);
  sticky |= static_cast<unsigned __int128>(root) * root != square;
  const int zeros = std::countl_zero(root);
  return roundTop<double>(root << zeros, (exponent + drop) / 2 - zeros, sticky, negative);
}

}  // namespace gdf::aggregate

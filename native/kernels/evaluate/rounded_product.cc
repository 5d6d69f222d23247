// The product of a double and a 128-bit integer as an integer, rounded once.
#include <bit>

#include "core/int128.h"
#include "kernels/evaluate/kernels.h"

namespace gdf::evaluate {
namespace {

/// high * 2^64 + low: of 53 and 128 bits.
struct Wide {
  uint128 high;
  uint64_t low;

  /// The low 128 bits.
  uint128 bits() const { return high << 64 | low; }

  uint128 shiftedRight(int count) const {
    if (count >= 192) return 0;
    if (count >= 64) return high >> (count - 64);
    return count == 0 ? bits() : high << (64 - count) | low >> count;
  }
};

Wide multiply(uint64_t a, uint128 b) {
  const uint128 low = static_cast<uint128>(a) * static_cast<uint64_t>(b);
  return {static_cast<uint128>(a) * static_cast<uint64_t>(b >> 64) + (low >> 64), static_cast<uint64_t>(low)};
}

/// Of a NaN or an infinity: anything, but nothing undefined.
int128 roundedProduct(double a, int128 b) {
  const auto bits = std::bit_cast<uint64_t>(a);
  const auto field = static_cast<int>(bits >> 52 & 0x7ff);
  const uint64_t fraction = bits & ((uint64_t{1} << 52) - 1);
  const Wide product = multiply(field == 0 ? fraction : fraction | uint64_t{1} << 52, magnitude(b));
  const int exponent = (field == 0 ? 1 : field) - 1075;
  uint128 rounded = 0;
  if (exponent < 0) {
    // With one bit more than it gets: the half.
    const uint128 doubled = product.shiftedRight(-exponent - 1);
    rounded = (doubled >> 1) + (doubled & 1);
  } else if (exponent < 128) {
    rounded = product.bits() << exponent;
  }
  const bool isNegative = (bits >> 63 != 0) != (b < 0);
  return static_cast<int128>(isNegative ? uint128{0} - rounded : rounded);
}

void roundedProducts(const Instruction& instruction, Frame& frame) {
  const double* GDF_RESTRICT a = frame.in<double>(instruction.a);
  const int128* GDF_RESTRICT b = frame.in<int128>(instruction.b);
  int128* GDF_RESTRICT out = frame.out<int128>(instruction.target);
  for (int64_t i = 0; i < frame.count; ++i) out[i] = roundedProduct(a[i], b[i]);
}

}  // namespace

Kernel selectRoundedProduct(const Instruction& instruction) {
  return instruction.op == Op::RoundedProduct && instruction.lane == Lane::F64 ? roundedProducts : nullptr;
}

}  // namespace gdf::evaluate

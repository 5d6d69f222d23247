// Long division: Knuth, "The Art of Computer Programming", volume 2, algorithm D, with digits of 64 bits.
#include "kernels/aggregate/natural.h"

namespace gdf::aggregate {
namespace {

using Wide = unsigned __int128;

/// A digit of the quotient, at most one too large. `top` points at the highest of three digits of the dividend.
uint64_t estimateDigit(const uint64_t* top, uint64_t high, uint64_t next) {
  uint64_t digit = ~uint64_t{0};
  uint64_t remainder = 0;
  if (top[0] < high) {
    digit = divideWide(top[0], top[-1], high, remainder);
  } else {
    // The digit would not fit: top[0] is `high`.
    remainder = top[-1] + high;
    if (remainder < high) return digit;
  }
  while (static_cast<Wide>(digit) * next > (static_cast<Wide>(remainder) << 64 | top[-2])) {
    digit -= 1;
    remainder += high;
    if (remainder < high) break;
  }
  return digit;
}

/// part -= digit * divisor; returns whether the result wrapped below zero.
bool subtractProduct(uint64_t* part, const uint64_t* divisor, size_t size, uint64_t digit) {
  uint64_t carry = 0;
  uint64_t borrow = 0;
  for (size_t i = 0; i <= size; ++i) {
    const Wide product = static_cast<Wide>(digit) * (i < size ? divisor[i] : 0) + carry;
    carry = static_cast<uint64_t>(product >> 64);
    const Wide difference = static_cast<Wide>(part[i]) - static_cast<uint64_t>(product) - borrow;
    part[i] = static_cast<uint64_t>(difference);
    borrow = (difference >> 64) != 0 ? 1 : 0;
  }
  return borrow != 0;
}

void addBack(uint64_t* part, const uint64_t* divisor, size_t size) {
  Wide carry = 0;
  for (size_t i = 0; i <= size; ++i) {
    carry += static_cast<Wide>(part[i]) + (i < size ? divisor[i] : 0);
    part[i] = static_cast<uint64_t>(carry);
    carry >>= 64;
  }
}

}  // namespace

bool Natural::divideBy(const Natural& divisor) {
  const size_t size = divisor.limbs_.size();
  if (size == 1) return divide(divisor.limbs_[0]);
  if (isLessThan(divisor)) {
    const bool rest = !isZero();
    limbs_.clear();
    return rest;
  }
  const int shift = std::countl_zero(divisor.limbs_.back());
  Natural scaled = divisor;
  scaled.shiftLeft(shift);
  const size_t digits = limbs_.size() - size + 1;
  shiftLeft(shift);
  limbs_.resize(digits + size, 0);
  std::vector<uint64_t> quotient(digits);
  for (size_t place = digits; place-- > 0;) {
    uint64_t* part = limbs_.data() + place;
    uint64_t digit = estimateDigit(part + size, scaled.limbs_[size - 1], scaled.limbs_[size - 2]);
    if (subtractProduct(part, scaled.limbs_.data(), size, digit)) {
      digit -= 1;
      addBack(part, scaled.limbs_.data(), size);
    }
    quotient[place] = digit;
  }
  trim();
  const bool rest = !isZero();
  limbs_ = std::move(quotient);
  trim();
  return rest;
}

}  // namespace gdf::aggregate

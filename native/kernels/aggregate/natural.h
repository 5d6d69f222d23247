// Natural numbers of any size, for the exact quotients and roots of finalizers. Little-endian 64-bit limbs.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace gdf::aggregate {

/// (high * 2^64 + low) / divisor, with high < divisor: the quotient fits 64 bits.
inline uint64_t divideWide(uint64_t high, uint64_t low, uint64_t divisor, uint64_t& remainder) {
#if defined(__x86_64__) && defined(__GNUC__)
  // The compiler would call a 128-bit division routine; the instruction does exactly this case.
  uint64_t quotient;
  asm("divq %4" : "=a"(quotient), "=d"(remainder) : "a"(low), "d"(high), "r"(divisor) : "cc");
  return quotient;
#else
  const unsigned __int128 dividend = static_cast<unsigned __int128>(high) << 64 | low;
  remainder = static_cast<uint64_t>(dividend % divisor);
  return static_cast<uint64_t>(dividend / divisor);
#endif
}

class Natural {
 public:
  /// |S| of a two's complement integer; returns whether S is negative.
  bool setMagnitude(const uint64_t* limbs, int count) {
    limbs_.assign(limbs, limbs + count);
    const bool negative = count > 0 && (limbs[count - 1] >> 63) != 0;
    if (negative) {
      uint64_t carry = 1;
      for (uint64_t& limb : limbs_) {
        limb = ~limb + carry;
        carry = carry != 0 && limb == 0 ? 1 : 0;
      }
    }
    trim();
    return negative;
  }

  bool isZero() const { return limbs_.empty(); }
  int bitLength() const {
    return limbs_.empty() ? 0 : static_cast<int>(limbs_.size()) * 64 - std::countl_zero(limbs_.back());
  }

  /// Bits [from, from + 64); bits below 0 and above the top are zero.
  uint64_t bitsFrom(int from) const {
    if (from <= -64) return 0;
    if (from < 0) return limbAt(0) << -from;
    const auto word = static_cast<size_t>(from) / 64;
    const int bit = from % 64;
    return bit == 0 ? limbAt(word) : limbAt(word) >> bit | limbAt(word + 1) << (64 - bit);
  }

  /// Whether any of the bits below `end` is set.
  bool anyBelow(int end) const {
    if (end <= 0) return false;
    const auto whole = static_cast<size_t>(end) / 64;
    for (size_t i = 0; i < std::min(whole, limbs_.size()); ++i) {
      if (limbs_[i] != 0) return true;
    }
    return end % 64 != 0 && (limbAt(whole) & ((uint64_t{1} << end % 64) - 1)) != 0;
  }

  void shiftLeft(int bits) {
    if (isZero() || bits == 0) return;
    limbs_.insert(limbs_.begin(), static_cast<size_t>(bits / 64), 0);
    const int rest = bits % 64;
    if (rest == 0) return;
    uint64_t carry = 0;
    for (uint64_t& limb : limbs_) {
      const uint64_t next = limb >> (64 - rest);
      limb = limb << rest | carry;
      carry = next;
    }
    if (carry != 0) limbs_.push_back(carry);
  }

  void setWord(uint64_t value) {
    limbs_.clear();
    if (value != 0) limbs_.push_back(value);
  }

  /// Divides, rounding down; returns whether there was a remainder.
  bool divide(uint64_t divisor) { return takeRemainder(divisor) != 0; }

  /// Divides, rounding down; returns the remainder.
  uint64_t takeRemainder(uint64_t divisor) {
    uint64_t remainder = 0;
    for (size_t i = limbs_.size(); i-- > 0;) limbs_[i] = divideWide(remainder, limbs_[i], divisor, remainder);
    trim();
    return remainder;
  }

  /// Neither factor is this number.
  void setProduct(const Natural& a, const Natural& b) {
    limbs_.assign(a.limbs_.size() + b.limbs_.size(), 0);
    for (size_t i = 0; i < a.limbs_.size(); ++i) {
      uint64_t carry = 0;
      for (size_t j = 0; j < b.limbs_.size(); ++j) {
        const unsigned __int128 sum = static_cast<unsigned __int128>(a.limbs_[i]) * b.limbs_[j] + limbs_[i + j] + carry;
        limbs_[i + j] = static_cast<uint64_t>(sum);
        carry = static_cast<uint64_t>(sum >> 64);
      }
      limbs_[i + b.limbs_.size()] = carry;
    }
    trim();
  }

  void add(const Natural& other) {
    if (limbs_.size() < other.limbs_.size()) limbs_.resize(other.limbs_.size(), 0);
    unsigned __int128 carry = 0;
    for (size_t i = 0; i < limbs_.size(); ++i) {
      carry += static_cast<unsigned __int128>(limbs_[i]) + other.limbAt(i);
      limbs_[i] = static_cast<uint64_t>(carry);
      carry >>= 64;
    }
    if (carry != 0) limbs_.push_back(static_cast<uint64_t>(carry));
  }

  bool isLessThan(const Natural& other) const {
    if (limbs_.size() != other.limbs_.size()) return limbs_.size() < other.limbs_.size();
    for (size_t i = limbs_.size(); i-- > 0;) {
      if (limbs_[i] != other.limbs_[i]) return limbs_[i] < other.limbs_[i];
    }
    return false;
  }

  /// Removes whole limbs of zeros below; returns how many.
  int dropLowZeros() {
    size_t zeros = 0;
    while (zeros < limbs_.size() && limbs_[zeros] == 0) zeros += 1;
    limbs_.erase(limbs_.begin(), limbs_.begin() + static_cast<std::ptrdiff_t>(zeros));
    return static_cast<int>(zeros);
  }

  /// Divides by a number that is not zero, rounding down; returns whether there was a remainder (natural.cc).
  bool divideBy(const Natural& divisor);

  /// Subtracts a number that is not greater.
  void subtract(const Natural& other) {
    uint64_t borrow = 0;
    for (size_t i = 0; i < limbs_.size(); ++i) {
      const unsigned __int128 difference = static_cast<unsigned __int128>(limbs_[i]) - other.limbAt(i) - borrow;
      limbs_[i] = static_cast<uint64_t>(difference);
      borrow = (difference >> 64) != 0 ? 1 : 0;
    }
    trim();
  }

  /// The number, where it fits 64 bits.
  uint64_t low() const { return limbAt(0); }

 private:
  uint64_t limbAt(size_t i) const { return i < limbs_.size() ? limbs_[i] : 0; }
  void trim() {
    while (!limbs_.empty() && limbs_.back() == 0) limbs_.pop_back();
  }

  std::vector<uint64_t> limbs_;  // no leading zeros; empty: 0
};

}  // namespace gdf::aggregate

// Floats as fixed-point integers: a finite double is m * 2^(e - 1075) with 53-bit m, so in units of 2^low it is m
// shifted.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "kernels/aggregate/intrinsics.h"

namespace gdf::aggregate {

inline constexpr uint64_t kFraction = (uint64_t{1} << 52) - 1;
inline constexpr uint64_t kExponentField = 0x7ff;
/// A double's unit is 2^(field - kUnitBias); subnormals have the unit of field 1.
inline constexpr int kUnitBias = 1075;

struct Decoded {
  uint64_t magnitude;
  int exponent;  // of the unit
  bool negative;
};

/// Of a finite value.
inline Decoded decode(double value) {
  const uint64_t bits = std::bit_cast<uint64_t>(value);
  const auto field = static_cast<int>((bits >> 52) & kExponentField);
  const uint64_t fraction = bits & kFraction;
  if (field == 0) return {fraction, 1 - kUnitBias, (bits >> 63) != 0};
  return {fraction | (kFraction + 1), field - kUnitBias, (bits >> 63) != 0};
}

inline bool isSpecial(double value) {
  return ((std::bit_cast<uint64_t>(value) >> 52) & kExponentField) == kExponentField;
}

/// limbs += (negative ? -1 : 1) * magnitude * 2^shift, modulo 2^(64 * count). A negative shift drops zero bits.
inline void addShifted(uint64_t* limbs, int count, unsigned __int128 magnitude, int64_t shift, bool negative) {
  if (shift < 0) {
    magnitude = shift <= -128 ? 0 : magnitude >> -shift;
    shift = 0;
  }
  const auto bit = static_cast<int>(shift & 63);
  const unsigned __int128 low = static_cast<unsigned __int128>(static_cast<uint64_t>(magnitude)) << bit;
  const unsigned __int128 high = static_cast<unsigned __int128>(static_cast<uint64_t>(magnitude >> 64)) << bit;
  const uint64_t addend[3] = {static_cast<uint64_t>(low),
                              static_cast<uint64_t>(low >> 64) | static_cast<uint64_t>(high),
                              static_cast<uint64_t>(high >> 64)};
  // Subtraction is the addition of the complement: both are one add-with-carry chain.
  const uint64_t invert = negative ? ~uint64_t{0} : 0;
  auto carry = static_cast<uint64_t>(negative);
  const auto word = static_cast<int>(shift >> 6);
  for (int i = word; i < count; ++i) {
    const uint64_t part = (i - word < 3 ? addend[i - word] : 0) ^ invert;
    if (i - word >= 3 && part + carry == 0) return;  // adding 0, or ~0 and a carry, changes nothing above
    const unsigned __int128 sum = static_cast<unsigned __int128>(limbs[i]) + part + carry;
    limbs[i] = static_cast<uint64_t>(sum);
    carry = static_cast<uint64_t>(sum >> 64);
  }
}

/// Finite values as 128-bit two's complement integers in units of 2^low; they must fit.
template <class Float>
inline void toFixed128(const Float* values, size_t count, int low, uint64_t* lows, uint64_t* highs) {
  size_t i = 0;
#ifdef __AVX512F__
  const __m512i fractionMask = _mm512_set1_epi64(static_cast<int64_t>(kFraction));
  const __m512i implicitBit = _mm512_set1_epi64(static_cast<int64_t>(kFraction + 1));
  const __m512i fieldMask = _mm512_set1_epi64(kExponentField);
  const __m512i one = _mm512_set1_epi64(1);
  const __m512i bias = _mm512_set1_epi64(kUnitBias + low);
  const __m512i limb = _mm512_set1_epi64(64);
  for (; i + 8 <= count; i += 8) {
    __m512d wide;
    if constexpr (sizeof(Float) == 8) {
      wide = _mm512_loadu_pd(values + i);
    } else {
      wide = _mm512_cvtps_pd(_mm256_loadu_ps(values + i));
    }
    const __m512i bits = _mm512_castpd_si512(wide);
    const __m512i field = _mm512_and_si512(_mm512_srli_epi64(bits, 52), fieldMask);
    const __mmask8 normal = _mm512_test_epi64_mask(field, field);
    const __m512i fraction = _mm512_and_si512(bits, fractionMask);
    const __m512i magnitude = _mm512_mask_or_epi64(fraction, normal, fraction, implicitBit);
    // Shift counts of 64 and more, and negative ones, give zero: of each pair below at most one side is not zero.
    const __m512i shift = _mm512_sub_epi64(_mm512_max_epi64(field, one), bias);
    const __m512i zero = _mm512_setzero_si512();
    __m512i lo = _mm512_or_si512(_mm512_sllv_epi64(magnitude, shift),
                                 _mm512_srlv_epi64(magnitude, _mm512_sub_epi64(zero, shift)));
    __m512i hi = _mm512_or_si512(_mm512_srlv_epi64(magnitude, _mm512_sub_epi64(limb, shift)),
                                 _mm512_sllv_epi64(magnitude, _mm512_sub_epi64(shift, limb)));
    const __m512i sign = _mm512_srai_epi64(bits, 63);
    lo = _mm512_sub_epi64(_mm512_xor_si512(lo, sign), sign);
    const __mmask8 carry = _mm512_mask_testn_epi64_mask(_mm512_movepi64_mask(bits), lo, lo);
    hi = _mm512_xor_si512(hi, sign);
    hi = _mm512_mask_add_epi64(hi, carry, hi, one);
    _mm512_storeu_si512(lows + i, lo);
    _mm512_storeu_si512(highs + i, hi);
  }
#endif
  for (; i < count; ++i) {
    const Decoded value = decode(static_cast<double>(values[i]));
    const int shift = value.exponent - low;
    const unsigned __int128 magnitude = value.magnitude;
    unsigned __int128 fixed = 0;
    if (shift >= 0 && shift < 128) fixed = magnitude << shift;
    if (shift < 0 && shift > -64) fixed = magnitude >> -shift;
    if (value.negative) fixed = -fixed;
    lows[i] = static_cast<uint64_t>(fixed);
    highs[i] = static_cast<uint64_t>(fixed >> 64);
  }
}

}  // namespace gdf::aggregate

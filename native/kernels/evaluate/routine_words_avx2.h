// What generated routines are made of, for four values in AVX2 registers; the layout is that of routine_words_avx512.h.
// Of AVX-512's instructions these are missing: masks (here lanes of ones), unsigned comparisons (the sign bits
// flipped), 64-bit products, and leading zeros, which leave the registers for it.
#pragma once

#if defined(__AVX2__) && defined(__LZCNT__) && !defined(GDF_ROUTINE_LANES)
#define GDF_ROUTINE_LANES 4

#include <immintrin.h>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace gdf::evaluate::routines {

struct Flags4 {
  __m256i lanes;
};
inline Flags4 operator&(Flags4 a, Flags4 b) {
  return {_mm256_and_si256(a.lanes, b.lanes)};
}
inline Flags4 operator|(Flags4 a, Flags4 b) {
  return {_mm256_or_si256(a.lanes, b.lanes)};
}
inline Flags4 operator!(Flags4 a) {
  return {_mm256_xor_si256(a.lanes, _mm256_set1_epi64x(-1))};
}

inline __m256i lowerHalves(__m256i lanes) {
  return _mm256_and_si256(lanes, _mm256_set1_epi64x(0xffffffffll));
}

struct U64x4 {
  __m256i lanes;
  U64x4(__m256i lanes) : lanes(lanes) {}
  explicit U64x4(unsigned long long value) : lanes(_mm256_set1_epi64x(static_cast<long long>(value))) {}
};
inline U64x4 operator+(U64x4 a, U64x4 b) {
  return _mm256_add_epi64(a.lanes, b.lanes);
}
inline U64x4 operator-(U64x4 a, U64x4 b) {
  return _mm256_sub_epi64(a.lanes, b.lanes);
}
inline U64x4 operator*(U64x4 a, U64x4 b) {
  const __m256i cross = _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(a.lanes, 32), b.lanes),
                                         _mm256_mul_epu32(a.lanes, _mm256_srli_epi64(b.lanes, 32)));
  return _mm256_add_epi64(_mm256_mul_epu32(a.lanes, b.lanes), _mm256_slli_epi64(cross, 32));
}
inline U64x4 operator&(U64x4 a, U64x4 b) {
  return _mm256_and_si256(a.lanes, b.lanes);
}
inline U64x4 operator|(U64x4 a, U64x4 b) {
  return _mm256_or_si256(a.lanes, b.lanes);
}
inline U64x4 operator^(U64x4 a, U64x4 b) {
  return _mm256_xor_si256(a.lanes, b.lanes);
}
inline U64x4 operator<<(U64x4 a, int count) {
  return _mm256_slli_epi64(a.lanes, count);
}
inline U64x4 operator>>(U64x4 a, int count) {
  return _mm256_srli_epi64(a.lanes, count);
}
inline Flags4 operator==(U64x4 a, U64x4 b) {
  return {_mm256_cmpeq_epi64(a.lanes, b.lanes)};
}
inline Flags4 operator<(U64x4 a, U64x4 b) {
  const __m256i sign = _mm256_set1_epi64x(INT64_MIN);
  return {_mm256_cmpgt_epi64(_mm256_xor_si256(b.lanes, sign), _mm256_xor_si256(a.lanes, sign))};
}

struct U32x4 {
  __m256i lanes;
  U32x4(__m256i lanes) : lanes(lanes) {}
  explicit U32x4(uint32_t value) : lanes(_mm256_set1_epi64x(value)) {}
};
inline U32x4 operator+(U32x4 a, U32x4 b) {
  return _mm256_add_epi32(a.lanes, b.lanes);
}
inline U32x4 operator-(U32x4 a, U32x4 b) {
  return _mm256_sub_epi32(a.lanes, b.lanes);
}
inline U32x4 operator*(U32x4 a, U32x4 b) {
  return lowerHalves(_mm256_mul_epu32(a.lanes, b.lanes));
}
inline U32x4 operator&(U32x4 a, U32x4 b) {
  return _mm256_and_si256(a.lanes, b.lanes);
}
inline U32x4 operator<<(U32x4 a, int count) {
  return _mm256_slli_epi32(a.lanes, count);
}
inline U32x4 operator>>(U32x4 a, int count) {
  return _mm256_srli_epi64(a.lanes, count);
}
inline Flags4 operator==(U32x4 a, U32x4 b) {
  return {_mm256_cmpeq_epi64(a.lanes, b.lanes)};
}
inline Flags4 operator<(U32x4 a, U32x4 b) {
  return {_mm256_cmpgt_epi64(b.lanes, a.lanes)};
}

inline U32x4 low(U64x4 a) {
  return lowerHalves(a.lanes);
}
inline U32x4 high(U64x4 a) {
  return _mm256_srli_epi64(a.lanes, 32);
}
inline U64x4 widen(U32x4 a) {
  return a.lanes;
}
inline U32x4 leadingZeros(U64x4 a) {
  return _mm256_set_epi64x(std::countl_zero(static_cast<uint64_t>(_mm256_extract_epi64(a.lanes, 3))),
                           std::countl_zero(static_cast<uint64_t>(_mm256_extract_epi64(a.lanes, 2))),
                           std::countl_zero(static_cast<uint64_t>(_mm256_extract_epi64(a.lanes, 1))),
                           std::countl_zero(static_cast<uint64_t>(_mm256_extract_epi64(a.lanes, 0))));
}
inline Flags4 lessSigned(U32x4 a, U32x4 b) {
  return {_mm256_cmpgt_epi64(_mm256_slli_epi64(b.lanes, 32), _mm256_slli_epi64(a.lanes, 32))};
}

inline __m256i modulo(U32x4 count, int width) {
  return _mm256_and_si256(count.lanes, _mm256_set1_epi64x(width - 1));
}
inline U64x4 shl(U64x4 a, U32x4 count) {
  return _mm256_sllv_epi64(a.lanes, modulo(count, 64));
}
inline U64x4 shr(U64x4 a, U32x4 count) {
  return _mm256_srlv_epi64(a.lanes, modulo(count, 64));
}
inline U32x4 shl(U32x4 a, U32x4 count) {
  return _mm256_sllv_epi32(a.lanes, modulo(count, 32));
}
inline U32x4 shr(U32x4 a, U32x4 count) {
  return _mm256_srlv_epi64(a.lanes, modulo(count, 32));
}

inline U32x4 mulHigh(U32x4 a, U32x4 b) {
  return _mm256_srli_epi64(_mm256_mul_epu32(a.lanes, b.lanes), 32);
}

inline U64x4 mulHigh(U64x4 a, U64x4 b) {
  const __m256i aHigh = _mm256_srli_epi64(a.lanes, 32);
  const __m256i bHigh = _mm256_srli_epi64(b.lanes, 32);
  const __m256i low = _mm256_srli_epi64(_mm256_mul_epu32(a.lanes, b.lanes), 32);
  const __m256i cross = _mm256_add_epi64(_mm256_mul_epu32(aHigh, b.lanes), low);
  const __m256i middle = _mm256_add_epi64(_mm256_mul_epu32(a.lanes, bHigh), lowerHalves(cross));
  const __m256i carries = _mm256_add_epi64(_mm256_srli_epi64(cross, 32), _mm256_srli_epi64(middle, 32));
  return _mm256_add_epi64(_mm256_mul_epu32(aHigh, bHigh), carries);
}

inline U64x4 pick(Flags4 condition, U64x4 yes, U64x4 no) {
  return _mm256_blendv_epi8(no.lanes, yes.lanes, condition.lanes);
}
inline U32x4 pick(Flags4 condition, U32x4 yes, U32x4 no) {
  return _mm256_blendv_epi8(no.lanes, yes.lanes, condition.lanes);
}

template <size_t Size>
inline U64x4 entry(const uint64_t (&table)[Size], U32x4 index) {
  const __m256i within = (index < U32x4(Size)).lanes;
  const auto* base = reinterpret_cast<const long long*>(table);
  return _mm256_and_si256(within, _mm256_i64gather_epi64(base, _mm256_and_si256(within, index.lanes), 8));
}
template <size_t Size>
inline U32x4 entry(const uint32_t (&table)[Size], U32x4 index) {
  const __m256i within = (index < U32x4(Size)).lanes;
  const auto* base = reinterpret_cast<const int*>(table);
  const __m128i found = _mm256_i64gather_epi32(base, _mm256_and_si256(within, index.lanes), 4);
  return _mm256_and_si256(within, _mm256_cvtepu32_epi64(found));
}

using Words64 = U64x4;
using Words32 = U32x4;
using Flags = Flags4;
inline Words64 load(const double* values) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values));
}
inline void store(double* values, Words64 words) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(values), words.lanes);
}

}  // namespace gdf::evaluate::routines
#endif

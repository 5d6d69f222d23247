// What generated routines are made of, for eight values in AVX-512 registers. A U32 lies in the lower half of a 64-bit
// lane whose upper half is zero, so that both kinds of words share masks and shuffles are not needed.
#pragma once

#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512CD__)
#define GDF_ROUTINE_LANES 8

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace gdf::evaluate::routines {

struct Flags8 {
  __mmask8 mask;
};
inline Flags8 operator&(Flags8 a, Flags8 b) {
  return {static_cast<__mmask8>(a.mask & b.mask)};
}
inline Flags8 operator|(Flags8 a, Flags8 b) {
  return {static_cast<__mmask8>(a.mask | b.mask)};
}
inline Flags8 operator!(Flags8 a) {
  return {static_cast<__mmask8>(~a.mask)};
}

struct U64x8 {
  __m512i lanes;
  U64x8(__m512i lanes) : lanes(lanes) {}
  explicit U64x8(unsigned long long value) : lanes(_mm512_set1_epi64(static_cast<long long>(value))) {}
};
inline U64x8 operator+(U64x8 a, U64x8 b) {
  return _mm512_add_epi64(a.lanes, b.lanes);
}
inline U64x8 operator-(U64x8 a, U64x8 b) {
  return _mm512_sub_epi64(a.lanes, b.lanes);
}
inline U64x8 operator*(U64x8 a, U64x8 b) {
  return _mm512_mullo_epi64(a.lanes, b.lanes);
}
inline U64x8 operator&(U64x8 a, U64x8 b) {
  return _mm512_and_si512(a.lanes, b.lanes);
}
inline U64x8 operator|(U64x8 a, U64x8 b) {
  return _mm512_or_si512(a.lanes, b.lanes);
}
inline U64x8 operator^(U64x8 a, U64x8 b) {
  return _mm512_xor_si512(a.lanes, b.lanes);
}
inline U64x8 operator<<(U64x8 a, unsigned count) {
  return _mm512_slli_epi64(a.lanes, count);
}
inline U64x8 operator>>(U64x8 a, unsigned count) {
  return _mm512_srli_epi64(a.lanes, count);
}
inline Flags8 operator==(U64x8 a, U64x8 b) {
  return {_mm512_cmpeq_epu64_mask(a.lanes, b.lanes)};
}
inline Flags8 operator<(U64x8 a, U64x8 b) {
  return {_mm512_cmplt_epu64_mask(a.lanes, b.lanes)};
}

inline __m512i lowerHalves(__m512i lanes) {
  return _mm512_and_si512(lanes, _mm512_set1_epi64(0xffffffffll));
}

struct U32x8 {
  __m512i lanes;
  U32x8(__m512i lanes) : lanes(lanes) {}
  explicit U32x8(uint32_t value) : lanes(_mm512_set1_epi64(value)) {}
};
// Sums of 32-bit lanes: the upper halves, 0, stay 0.
inline U32x8 operator+(U32x8 a, U32x8 b) {
  return _mm512_add_epi32(a.lanes, b.lanes);
}
inline U32x8 operator-(U32x8 a, U32x8 b) {
  return _mm512_sub_epi32(a.lanes, b.lanes);
}
inline U32x8 operator*(U32x8 a, U32x8 b) {
  return lowerHalves(_mm512_mul_epu32(a.lanes, b.lanes));
}
inline U32x8 operator&(U32x8 a, U32x8 b) {
  return _mm512_and_si512(a.lanes, b.lanes);
}
inline U32x8 operator<<(U32x8 a, unsigned count) {
  return _mm512_slli_epi32(a.lanes, count);
}
inline U32x8 operator>>(U32x8 a, unsigned count) {
  return _mm512_srli_epi64(a.lanes, count);
}
inline Flags8 operator==(U32x8 a, U32x8 b) {
  return {_mm512_cmpeq_epu64_mask(a.lanes, b.lanes)};
}
inline Flags8 operator<(U32x8 a, U32x8 b) {
  return {_mm512_cmplt_epu64_mask(a.lanes, b.lanes)};
}

inline U32x8 low(U64x8 a) {
  return lowerHalves(a.lanes);
}
inline U32x8 high(U64x8 a) {
  return _mm512_srli_epi64(a.lanes, 32);
}
inline U64x8 widen(U32x8 a) {
  return a.lanes;
}
inline U32x8 leadingZeros(U64x8 a) {
  return _mm512_lzcnt_epi64(a.lanes);
}
inline Flags8 lessSigned(U32x8 a, U32x8 b) {
  return {_mm512_cmplt_epi64_mask(_mm512_slli_epi64(a.lanes, 32), _mm512_slli_epi64(b.lanes, 32))};
}

inline U64x8 shl(U64x8 a, U32x8 count) {
  return _mm512_sllv_epi64(a.lanes, _mm512_and_si512(count.lanes, _mm512_set1_epi64(63)));
}
inline U64x8 shr(U64x8 a, U32x8 count) {
  return _mm512_srlv_epi64(a.lanes, _mm512_and_si512(count.lanes, _mm512_set1_epi64(63)));
}
inline U32x8 shl(U32x8 a, U32x8 count) {
  return _mm512_sllv_epi32(a.lanes, _mm512_and_si512(count.lanes, _mm512_set1_epi64(31)));
}
inline U32x8 shr(U32x8 a, U32x8 count) {
  return _mm512_srlv_epi64(a.lanes, _mm512_and_si512(count.lanes, _mm512_set1_epi64(31)));
}

inline U32x8 mulHigh(U32x8 a, U32x8 b) {
  return _mm512_srli_epi64(_mm512_mul_epu32(a.lanes, b.lanes), 32);
}

inline U64x8 mulHigh(U64x8 a, U64x8 b) {
  const __m512i aHigh = _mm512_srli_epi64(a.lanes, 32);
  const __m512i bHigh = _mm512_srli_epi64(b.lanes, 32);
  // vpmuludq reads the lower halves of its lanes.
  const __m512i low = _mm512_srli_epi64(_mm512_mul_epu32(a.lanes, b.lanes), 32);
  const __m512i cross = _mm512_add_epi64(_mm512_mul_epu32(aHigh, b.lanes), low);
  const __m512i middle = _mm512_add_epi64(_mm512_mul_epu32(a.lanes, bHigh), lowerHalves(cross));
  const __m512i carries = _mm512_add_epi64(_mm512_srli_epi64(cross, 32), _mm512_srli_epi64(middle, 32));
  return _mm512_add_epi64(_mm512_mul_epu32(aHigh, bHigh), carries);
}

inline U64x8 pick(Flags8 condition, U64x8 yes, U64x8 no) {
  return _mm512_mask_blend_epi64(condition.mask, no.lanes, yes.lanes);
}
inline U32x8 pick(Flags8 condition, U32x8 yes, U32x8 no) {
  return _mm512_mask_blend_epi64(condition.mask, no.lanes, yes.lanes);
}

template <size_t Size>
inline __mmask8 within(const U32x8& index) {
  return _mm512_cmplt_epu64_mask(index.lanes, _mm512_set1_epi64(Size));
}
template <size_t Size>
inline U64x8 entry(const uint64_t (&table)[Size], U32x8 index) {
  return _mm512_mask_i64gather_epi64(_mm512_setzero_si512(), within<Size>(index), index.lanes, table, 8);
}
template <size_t Size>
inline U32x8 entry(const uint32_t (&table)[Size], U32x8 index) {
  const __m256i found = _mm512_mask_i64gather_epi32(_mm256_setzero_si256(), within<Size>(index), index.lanes, table, 4);
  return _mm512_cvtepu32_epi64(found);
}

using Words64 = U64x8;
using Words32 = U32x8;
using Flags = Flags8;
inline Words64 load(const double* values) {
  return _mm512_loadu_si512(values);
}
inline void store(double* values, Words64 words) {
  _mm512_storeu_si512(values, words.lanes);
}

}  // namespace gdf::evaluate::routines
#endif

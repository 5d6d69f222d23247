// What generated routines (routines.generated.h) are made of, for one value. src/ir/routine.ts says what each operation
// gives. Shifts by constants are within the width. Words64 and its like are the widest registers of the module's
// instruction set; this header comes after those of wider ones.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#if defined(_MSC_VER)
#include <intrin.h>
#define GDF_ROUTINE static inline
#else
#define GDF_ROUTINE static inline __attribute__((always_inline))
#endif

namespace gdf::evaluate::routines {

inline uint32_t mulHigh(uint32_t a, uint32_t b) {
  return static_cast<uint32_t>((uint64_t{a} * b) >> 32);
}

inline uint64_t mulHigh(uint64_t a, uint64_t b) {
#if defined(__SIZEOF_INT128__)
  return static_cast<uint64_t>((static_cast<unsigned __int128>(a) * b) >> 64);
#elif defined(_MSC_VER) && (defined(_M_X64) || defined(_M_ARM64))
  return __umulh(a, b);
#else
  const uint64_t aLow = a & 0xffffffffu, aHigh = a >> 32, bLow = b & 0xffffffffu, bHigh = b >> 32;
  const uint64_t cross = aHigh * bLow + ((aLow * bLow) >> 32);
  const uint64_t middle = aLow * bHigh + (cross & 0xffffffffu);
  return aHigh * bHigh + (cross >> 32) + (middle >> 32);
#endif
}

inline uint32_t low(uint64_t value) {
  return static_cast<uint32_t>(value);
}
inline uint32_t high(uint64_t value) {
  return static_cast<uint32_t>(value >> 32);
}
inline uint64_t widen(uint32_t value) {
  return value;
}
inline uint32_t leadingZeros(uint64_t value) {
  return static_cast<uint32_t>(std::countl_zero(value));
}
inline bool lessSigned(uint32_t a, uint32_t b) {
  return static_cast<int32_t>(a) < static_cast<int32_t>(b);
}

inline uint64_t shl(uint64_t value, uint32_t count) {
  return value << (count & 63);
}
inline uint64_t shr(uint64_t value, uint32_t count) {
  return value >> (count & 63);
}
inline uint32_t shl(uint32_t value, uint32_t count) {
  return value << (count & 31);
}
inline uint32_t shr(uint32_t value, uint32_t count) {
  return value >> (count & 31);
}

/// In arithmetic: a compiler makes jumps of `?:`, and values do not let themselves be predicted.
template <class T>
inline T pick(bool condition, T yes, T no) {
  return no ^ ((yes ^ no) & (T{0} - T{condition}));
}

/// 0 beyond the end: operands of which nothing is used later may be anything.
template <class T, size_t Size>
inline T entry(const T (&table)[Size], uint32_t index) {
  return index < Size ? table[index] : T{0};
}

#if !defined(GDF_ROUTINE_LANES)
#define GDF_ROUTINE_LANES 1
using Words64 = uint64_t;
using Words32 = uint32_t;
using Flags = bool;
inline Words64 load(const double* values) {
  return std::bit_cast<uint64_t>(*values);
}
inline void store(double* values, Words64 words) {
  *values = std::bit_cast<double>(words);
}
#endif

}  // namespace gdf::evaluate::routines

// The width of a vector register, for code that is written in vector types of the compiler. A type that is wider than a
// register is kept in memory by GCC: a sum that took 0.25 ns a value took 7.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gdf {

#if defined(__AVX512F__)
inline constexpr size_t kVectorBytes = 64;
#elif defined(__AVX2__)
inline constexpr size_t kVectorBytes = 32;
#else
inline constexpr size_t kVectorBytes = 16;
#endif

inline constexpr size_t kVectorLanes = kVectorBytes / 8;
typedef double Doubles __attribute__((vector_size(kVectorBytes)));
typedef int64_t Words __attribute__((vector_size(kVectorBytes)));

}  // namespace gdf

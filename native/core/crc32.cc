#include "core/crc32.h"

#include <array>
#include <cstring>

#if defined(__PCLMUL__)
#include <immintrin.h>
#endif

namespace gdf {
namespace {

constexpr uint32_t kPolynomial = 0xedb88320;

/// Row k, byte b: the remainder of b with k zero bytes behind it. Eight rows take eight bytes at once.
constexpr std::array<std::array<uint32_t, 256>, 8> makeTables() {
  std::array<std::array<uint32_t, 256>, 8> tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? kPolynomial : 0);
    tables[0][byte] = remainder;
  }
  for (size_t row = 1; row < 8; ++row) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = tables[row - 1][byte];
      tables[row][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

constexpr auto kTables = makeTables();

/// The state after the bytes, without the ones before and after.
uint32_t advanced(const uint8_t* bytes, size_t length, uint32_t state) {
  for (; length >= 8; bytes += 8, length -= 8) {
    uint8_t mixed[8];
    for (int i = 0; i < 8; ++i) mixed[i] = static_cast<uint8_t>(bytes[i] ^ (i < 4 ? state >> (8 * i) : 0));
    state = 0;
    for (size_t i = 0; i < 8; ++i) state ^= kTables[7 - i][mixed[i]];
  }
  for (; length > 0; ++bytes, --length) state = (state >> 8) ^ kTables[0][(state ^ *bytes) & 0xff];
  return state;
}

#if defined(__PCLMUL__)
__m128i load(const uint8_t* bytes) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
}

/// `value` moved ahead by as many bits as the factors say, modulo the polynomial, with `next` added.
__m128i folded(__m128i value, __m128i factors, __m128i next) {
  const __m128i low = _mm_clmulepi64_si128(value, factors, 0x00);
  const __m128i high = _mm_clmulepi64_si128(value, factors, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

/// Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Intel 2009): four lanes of
/// 128 bits, each moved ahead by 512 bits a step, then joined. The factors are powers of x modulo the polynomial.
uint32_t advancedByFolding(const uint8_t* bytes, size_t length, uint32_t state) {
  const __m128i by512 = _mm_set_epi64x(0x00000001c6e41596, 0x0000000154442bd4);
  const __m128i by128 = _mm_set_epi64x(0x00000000ccaa009e, 0x00000001751997d0);
  __m128i lanes[4];
  for (int i = 0; i < 4; ++i) lanes[i] = load(bytes + 16 * i);
  lanes[0] = _mm_xor_si128(lanes[0], _mm_cvtsi32_si128(static_cast<int>(state)));
  for (bytes += 64, length -= 64; length >= 64; bytes += 64, length -= 64) {
    for (int i = 0; i < 4; ++i) lanes[i] = folded(lanes[i], by512, load(bytes + 16 * i));
  }
  for (int i = 1; i < 4; ++i) lanes[i] = folded(lanes[i - 1], by128, lanes[i]);
  uint8_t rest[16];
  std::memcpy(rest, &lanes[3], sizeof rest);
  return advanced(bytes, length, advanced(rest, sizeof rest, 0));
}
#endif

}  // namespace

uint32_t crc32(const uint8_t* bytes, size_t length, uint32_t before) {
#if defined(__PCLMUL__)
  if (length >= 64) return ~advancedByFolding(bytes, length, ~before);
#endif
  return ~advanced(bytes, length, ~before);
}

}  // namespace gdf

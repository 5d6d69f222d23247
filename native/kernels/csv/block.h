// Blocks of 64 bytes: which bytes equal which structural byte, as bit masks, and the state that passes from block to
// block. The technique is Langdale and Lemire, "Parsing Gigabytes of JSON per Second" (arXiv 1902.08318): the bytes
// inside quotes are the prefix xor of the quote mask, a carry-less multiplication by all ones.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "kernels/csv/options.h"

namespace gdf::csv {

constexpr size_t kBlock = 64;

class Block {
 public:
  explicit Block(const uint8_t* bytes) {
#if defined(__AVX512BW__)
    v_ = _mm512_loadu_si512(bytes);
#elif defined(__AVX2__)
    for (int i = 0; i < 2; ++i) v_[i] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes) + i);
#elif defined(__SSE2__)
    for (int i = 0; i < 4; ++i) v_[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes) + i);
#else
    std::memcpy(v_, bytes, kBlock);
#endif
  }

  /// Bit i: byte i equals `byte`.
  uint64_t equal(uint8_t byte) const {
#if defined(__AVX512BW__)
    return _mm512_cmpeq_epi8_mask(v_, _mm512_set1_epi8(static_cast<char>(byte)));
#elif defined(__AVX2__)
    const __m256i wanted = _mm256_set1_epi8(static_cast<char>(byte));
    uint64_t mask = 0;
    for (int i = 0; i < 2; ++i) {
      const auto part = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(v_[i], wanted)));
      mask |= static_cast<uint64_t>(part) << (32 * i);
    }
    return mask;
#elif defined(__SSE2__)
    const __m128i wanted = _mm_set1_epi8(static_cast<char>(byte));
    uint64_t mask = 0;
    for (int i = 0; i < 4; ++i) {
      const auto part = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(v_[i], wanted)));
      mask |= static_cast<uint64_t>(part) << (16 * i);
    }
    return mask;
#else
    uint64_t mask = 0;
    for (size_t i = 0; i < kBlock; ++i) mask |= static_cast<uint64_t>(v_[i] == byte) << i;
    return mask;
#endif
  }

 private:
#if defined(__AVX512BW__)
  __m512i v_;
#elif defined(__AVX2__)
  __m256i v_[2];
#elif defined(__SSE2__)
  __m128i v_[4];
#else
  uint8_t v_[kBlock];
#endif
};

/// Bit i: the parity of the bits 0..i of `mask`.
inline uint64_t prefixXor(uint64_t mask) {
#if defined(__PCLMUL__)
  const __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<int64_t>(mask)), _mm_set1_epi8(-1), 0);
  return static_cast<uint64_t>(_mm_cvtsi128_si64(product));
#else
  for (int shift = 1; shift < 64; shift *= 2) mask ^= mask << shift;
  return mask;
#endif
}

/// The bytes that an escape byte before them makes text. `carry`: the first byte of the block is one.
inline uint64_t escapedBytes(uint64_t escapes, uint64_t& carry) {
  uint64_t escaped = carry;
  carry = 0;
  for (uint64_t active = escapes & ~escaped; active != 0;) {
    const uint64_t first = active & (~active + 1);
    const uint64_t next = first << 1;
    if (next == 0) {
      carry = 1;
      break;
    }
    escaped |= next;
    active &= ~(first | next);
  }
  return escaped;
}

/// The state between two bytes.
struct BlockState {
  uint64_t inQuotes = 0;     // 0 or all ones
  uint64_t escaped = 0;      // 1: the next byte is text
  uint64_t recordStart = 1;  // 1: the next byte begins a record; kept up to date only where there are comments
  bool inComment = false;
};

/// The structural bytes of a block.
struct Structure {
  uint64_t delimiters = 0;
  uint64_t newlines = 0;
  uint64_t newlinesInside = 0;  // inside quotes
  uint64_t quotes = 0;          // those that toggle
  uint64_t special = 0;         // quotes and escapes: a field that holds none is its own content
  uint64_t comments = 0;        // first bytes of comments
};

class StructureScanner {
 public:
  StructureScanner(const Dialect& dialect, uint8_t newline) : dialect_(dialect), newline_(newline) {}

  /// `bytes` are 64 that may be read.
  Structure scan(const uint8_t* bytes, BlockState& state) const {
    if (dialect_.comment >= 0 && beginsComment(bytes, state)) return scanBytewise(bytes, state);
    return scanPlain(bytes, state);
  }

 private:
  Structure scanPlain(const uint8_t* bytes, BlockState& state) const {
    const Block block(bytes);
    Structure s;
    const uint64_t newlines = block.equal(newline_);
    uint64_t escaped = 0;
    if (dialect_.quote >= 0) s.quotes = block.equal(static_cast<uint8_t>(dialect_.quote));
    if (dialect_.escape >= 0) {
      s.special = block.equal(static_cast<uint8_t>(dialect_.escape));
      escaped = escapedBytes(s.special, state.escaped);
      s.quotes &= ~escaped;
    }
    s.special |= s.quotes;
    const uint64_t inQuotes = prefixXor(s.quotes) ^ state.inQuotes;
    state.inQuotes = static_cast<uint64_t>(static_cast<int64_t>(inQuotes) >> 63);
    s.newlines = newlines & ~(inQuotes | escaped);
    s.newlinesInside = newlines & inQuotes & ~escaped;
    s.delimiters = block.equal(dialect_.delimiter) & ~(inQuotes | escaped);
    state.recordStart = s.newlines >> 63;
    return s;
  }

  bool beginsComment(const uint8_t* bytes, const BlockState& state) const;
  Structure scanBytewise(const uint8_t* bytes, BlockState& state) const;

  Dialect dialect_;
  uint8_t newline_;
};

}  // namespace gdf::csv

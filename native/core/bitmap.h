// Bitmaps in Arrow layout (bit i is bit i & 7 of byte i >> 3), 64 bits at a time, and their byte form (one 0 or 1 a
// row), in which kernels compute.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#ifdef __AVX512BW__
#include <immintrin.h>
#endif

#include "core/buffer.h"

namespace gdf {

static_assert(std::endian::native == std::endian::little, "bitmaps are read as little-endian words");

constexpr int64_t bitmapBytes(int64_t bits) {
  return (bits + 7) / 8;
}
constexpr uint64_t lowBits(int64_t count) {
  return count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
}

/// Bits [start, start + count), count in 1..64, without touching a byte that holds none of them.
inline uint64_t loadBits(const uint8_t* bitmap, int64_t start, int64_t count) {
  const uint8_t* bytes = bitmap + (start >> 3);
  const int shift = static_cast<int>(start & 7);
  const int64_t touched = (shift + count + 7) >> 3;
  uint64_t bits = 0;
  if (touched >= 8) {
    std::memcpy(&bits, bytes, 8);
  } else {
    for (int64_t i = 0; i < touched; ++i) bits |= uint64_t{bytes[i]} << (8 * i);
  }
  bits >>= shift;
  if (touched == 9) bits |= uint64_t{bytes[8]} << (64 - shift);
  return bits & lowBits(count);
}

inline int64_t countBits(const uint8_t* bitmap, int64_t start, int64_t length) {
  int64_t ones = 0;
  for (int64_t i = 0; i < length; i += 64) {
    ones += std::popcount(loadBits(bitmap, start + i, length - i < 64 ? length - i : 64));
  }
  return ones;
}

/// 64 bits to 64 bytes of 0 or 1.
inline void expandWord(uint64_t bits, uint8_t* bytes) {
#ifdef __AVX512BW__
  _mm512_storeu_si512(bytes, _mm512_maskz_set1_epi8(bits, 1));
#else
  for (int i = 0; i < 8; ++i) {
    const uint64_t spread = ((bits >> (8 * i)) & 0xff) * 0x0101010101010101u & 0x8040201008040201u;
    const uint64_t ones = ((spread + 0x00406070787c7e7fu) >> 7) & 0x0101010101010101u;
    std::memcpy(bytes + 8 * i, &ones, 8);
  }
#endif
}

/// Bits [start, start + length) to bytes; `bytes` has room for `length` rounded up to 64.
inline void expandBits(const uint8_t* bitmap, int64_t start, int64_t length, uint8_t* bytes) {
  for (int64_t i = 0; i < length; i += 64) {
    expandWord(loadBits(bitmap, start + i, length - i < 64 ? length - i : 64), bytes + i);
  }
}

/// 64 bytes of 0 or 1 to 64 bits.
inline uint64_t packWord(const uint8_t* bytes) {
#ifdef __AVX512BW__
  const __m512i values = _mm512_loadu_si512(bytes);
  return _mm512_test_epi8_mask(values, values);
#else
  uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) {
    uint64_t eight;
    std::memcpy(&eight, bytes + 8 * i, 8);
    // Byte i moves to bit 56 + i; no two bytes meet on the way, so nothing carries.
    bits |= ((eight * 0x0102040810204080u) >> 56) << (8 * i);
  }
  return bits;
#endif
}

/// Writes bits [start, ...) of a zeroed bitmap in order. Several writers may fill neighbouring ranges at once: the
/// words at both ends, which they may share, are or-ed atomically. The bitmap's memory is padded to whole words
/// (Buffer).
class BitmapWriter {
 public:
  BitmapWriter(uint8_t* bitmap, int64_t start)
      : word_(reinterpret_cast<uint64_t*>(bitmap) + (start >> 6)), filled_(static_cast<int>(start & 63)) {}

  /// Appends the low `count` bits, count in 0..64; the others must be zero.
  void append(uint64_t bits, int64_t count) {
    pending_ |= bits << filled_;
    const int64_t total = filled_ + count;
    if (total < 64) {
      filled_ = static_cast<int>(total);
      return;
    }
    flush();
    pending_ = filled_ == 0 ? 0 : bits >> (64 - filled_);
    filled_ = static_cast<int>(total - 64);
  }

  /// Appends `count` bytes of 0 or 1 and returns how many are 1. The bytes up to the next multiple of 64 must be
  /// readable.
  int64_t appendBytes(const uint8_t* bytes, int64_t count) {
    int64_t ones = 0;
    for (int64_t i = 0; i < count; i += 64) {
      const int64_t length = count - i < 64 ? count - i : 64;
      const uint64_t bits = packWord(bytes + i) & lowBits(length);
      ones += std::popcount(bits);
      append(bits, length);
    }
    return ones;
  }

  void finish() {
    if (filled_ > 0) orInto(word_, pending_);
  }

 private:
  void flush() {
    if (first_) {
      orInto(word_, pending_);
    } else {
      *word_ = pending_;
    }
    first_ = false;
    ++word_;
  }
  static void orInto(uint64_t* word, uint64_t bits) {
#if defined(__GNUC__) || defined(__clang__)
    __atomic_fetch_or(word, bits, __ATOMIC_RELAXED);
#else
    _InterlockedOr64(reinterpret_cast<volatile long long*>(word), static_cast<long long>(bits));
#endif
  }

  uint64_t* word_;
  int filled_;
  uint64_t pending_ = 0;
  bool first_ = true;
};

}  // namespace gdf

// Accumulators of exact sums: one fixed-point integer a group.
//
//   words   | group 0: limb 0 .. limb L-1 | group 1: limb 0 .. limb L-1 | ...      64-bit limbs, little-endian
//   flags   | group 0 | group 1 | ...                                             only where NaN or infinities may come
//
// A group's limbs are a two's complement integer S; its sum is S * 2^lowExponent. Addition wraps modulo 2^(64 L), which
// loses nothing because the format is chosen so that the true sum fits.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "core/column.h"
#include "core/pooled.h"

namespace gdf::aggregate {

inline constexpr uint8_t kNaNFlag = 1;
inline constexpr uint8_t kPositiveInfinityFlag = 2;
inline constexpr uint8_t kNegativeInfinityFlag = 4;

struct SumFormat {
  int limbs = 1;
  int lowExponent = 0;
  bool mayHaveSpecials = false;
  /// Floats: bounds of the values (not of their powers), where they are known.
  bool bounded = false;
  int lowOfValues = 0;
  int highOfValues = 0;
};

class SumState {
 public:
  explicit SumState(const SumFormat& format) : format_(format) {}

  void resize(size_t groups) {
    words_.resize(groups * static_cast<size_t>(format_.limbs), 0);
    if (format_.mayHaveSpecials) flags_.resize(groups, 0);
  }
  const SumFormat& format() const { return format_; }
  int limbs() const { return format_.limbs; }
  uint64_t* words() { return words_.data(); }
  const Pooled<uint64_t>& pooled() const { return words_; }
  const uint64_t* limbsOf(size_t group) const { return words_.data() + group * static_cast<size_t>(format_.limbs); }
  uint64_t* limbsOf(size_t group) { return words_.data() + group * static_cast<size_t>(format_.limbs); }
  uint8_t flagsOf(size_t group) const { return flags_.empty() ? 0 : flags_[group]; }
  void addFlags(size_t group, uint8_t flags) { flags_[group] |= flags; }

  void merge(const SumState& other, const uint32_t* map, size_t groups) {
    for (size_t group = 1; group < groups; ++group) {
      addLimbs(limbsOf(map[group]), other.limbsOf(group), format_.limbs);
      if (!flags_.empty()) flags_[map[group]] |= other.flags_[group];
    }
  }

  static void addLimbs(uint64_t* into, const uint64_t* from, int limbs) {
    unsigned __int128 carry = 0;
    for (int i = 0; i < limbs; ++i) {
      carry += static_cast<unsigned __int128>(into[i]) + from[i];
      into[i] = static_cast<uint64_t>(carry);
      carry >>= 64;
    }
  }

 private:
  SumFormat format_;
  Pooled<uint64_t> words_;
  Pooled<uint8_t> flags_;
};

}  // namespace gdf::aggregate

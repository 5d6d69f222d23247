// The dictionary of a string column while it is built: text to code, codes in order of insertion.
//
//   slots    open addressing, power of two, load at most 1/2 (1/8 if small):  hash bits 63..32 | code + 1     (0: free)
//   keys     by code: first 8 bytes | last 8 bytes | hash | length      equal keys of up to 16 bytes are equal texts
//   arena    all texts, one after the other, in order of code
//
// A lookup of a short text touches one slot and one key, never the text itself. Prefetching lets a batch of lookups
// overlap their cache misses: first the slots, then the keys that they point at.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "core/hash_mask.h"
#include "kernels/csv/number.h"

namespace gdf::csv {

struct TextKey {
  uint64_t head = 0;  // first 8 bytes, zeros behind a shorter text
  uint64_t tail = 0;  // last 8 bytes of a text of more than 8
  uint64_t hash = 0;
  const uint8_t* bytes = nullptr;
  uint32_t length = 0;
};

/// Both halves of the 128-bit product, folded: every input bit reaches every output bit.
inline uint64_t mix(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

/// May read 8 bytes past the text. Fills `key` in place: a key that is copied right after it was written stalls on
/// store forwarding.
inline void makeKey(const uint8_t* bytes, size_t length, TextKey& key) {
  constexpr uint64_t kFactor = 0x9E3779B97F4A7C15ull;  // 2^64 / golden ratio
  key.bytes = bytes;
  key.length = static_cast<uint32_t>(length);
  if (length <= 8) {
    const int unused = static_cast<int>(64 - 8 * length);
    const uint64_t head = length == 0 ? 0 : (load8(bytes) << unused) >> unused;
    key.head = head;
    key.tail = 0;
    key.hash = mix(head ^ (length * kFactor), kFactor) & kHashMask;
    return;
  }
  const uint64_t head = load8(bytes);
  const uint64_t tail = load8(bytes + length - 8);
  uint64_t hash = mix(head ^ kFactor, tail ^ (length * kFactor));
  for (size_t at = 8; at + 8 < length; at += 8) hash = mix(hash ^ load8(bytes + at), kFactor);
  key.head = head;
  key.tail = tail;
  key.hash = hash & kHashMask;
}

class DictionaryBuilder {
 public:
  static constexpr uint32_t kInvalid = ~uint32_t{0};

  DictionaryBuilder();

  /// The code of a text; a new text must be UTF-8, else kInvalid. `row` is kept for new texts.
  uint32_t encode(const TextKey& key, int64_t row) {
    for (size_t slot = key.hash & mask_;; slot = (slot + 1) & mask_) {
      const uint64_t entry = slots_[slot];
      if (entry == 0) return insert(key, row);
      const auto code = static_cast<uint32_t>(entry) - 1;
      if ((entry ^ key.hash) >> 32 == 0 && equals(code, key)) return code;
    }
  }

  void prefetchSlot(const TextKey& key) const { __builtin_prefetch(&slots_[key.hash & mask_]); }
  /// After the slot has arrived.
  void prefetchKey(const TextKey& key) const {
    const auto code = static_cast<uint32_t>(slots_[key.hash & mask_]);
    if (code != 0) __builtin_prefetch(&keys_[code - 1]);
  }

  size_t size() const { return keys_.size(); }
  int64_t firstRow(uint32_t code) const { return firstRows_[code]; }
  TextKey key(uint32_t code) const;
  const std::vector<uint8_t>& arena() const { return arena_; }
  uint64_t begin(uint32_t code) const { return code == 0 ? 0 : ends_[code - 1]; }
  uint64_t end(uint32_t code) const { return ends_[code]; }

 private:
  struct alignas(32) Key {
    uint64_t head;
    uint64_t tail;
    uint64_t hash;
    uint32_t length;
  };

  bool equals(uint32_t code, const TextKey& key) const {
    const Key& known = keys_[code];
    if (known.head != key.head || known.tail != key.tail || known.length != key.length) return false;
    return key.length <= 16 || std::memcmp(arena_.data() + begin(code), key.bytes, key.length) == 0;
  }
  uint32_t insert(const TextKey& key, int64_t row);
  void grow();

  size_t mask_;
  std::vector<uint64_t> slots_;
  std::vector<Key> keys_;
  std::vector<uint64_t> ends_;
  std::vector<int64_t> firstRows_;
  std::vector<uint8_t> arena_;
};

}  // namespace gdf::csv

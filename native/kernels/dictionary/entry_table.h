// A hash table over byte strings that lie somewhere else: text to the number of the string that was inserted first.
// Open addressing, linear probing, at most half full. A slot holds the whole hash, so that nearly every comparison of
// bytes is one that succeeds, and growing reads no text.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "core/column.h"
#include "core/hash_mask.h"

namespace gdf::dictionary {

struct Text {
  const uint8_t* bytes;
  int64_t length;
};

inline Text textAt(const int32_t* offsets, const uint8_t* bytes, int64_t index) {
  return {bytes + offsets[index], offsets[index + 1] - offsets[index]};
}
inline Text textAt(const DictionaryView& dictionary, int64_t entry) {
  return textAt(dictionary.offsets, dictionary.bytes, entry);
}
inline bool sameText(const Text& a, const Text& b) {
  return a.length == b.length && std::memcmp(a.bytes, b.bytes, static_cast<size_t>(a.length)) == 0;
}

/// 64 bits of hash, 8 bytes a step: multiply and fold, as in wyhash. Not for adversaries.
inline uint64_t hashText(const Text& text) {
  constexpr uint64_t kMultiplier = 0x9e3779b97f4a7c15u;
  uint64_t hash = static_cast<uint64_t>(text.length) * kMultiplier;
  int64_t i = 0;
  const auto mix = [&](uint64_t word) {
    hash = (hash ^ word) * kMultiplier;
    hash ^= hash >> 32;
  };
  for (; i + 8 <= text.length; i += 8) {
    uint64_t word;
    std::memcpy(&word, text.bytes + i, 8);
    mix(word);
  }
  if (i < text.length) {
    uint64_t word = 0;
    std::memcpy(&word, text.bytes + i, static_cast<size_t>(text.length - i));
    mix(word);
  }
  hash *= kMultiplier;
  return (hash ^ (hash >> 29)) & kHashMask;
}

class EntryTable {
 public:
  static constexpr uint32_t kNone = 0xffffffffu;

  explicit EntryTable(int64_t expected = 0) : slots_(std::bit_ceil(static_cast<size_t>(expected) * 2 + 16)) {}

  int64_t size() const { return size_; }

  /// The number of an equal text (textOf(number) gives a number's text), else `number`, which is added.
  template <class TextOf>
  uint32_t insert(const Text& text, uint64_t hash, uint32_t number, const TextOf& textOf) {
    Slot& slot = slots_[find(text, hash, textOf)];
    if (slot.number != kNone) return slot.number;
    slot = {hash, number};
    if (static_cast<size_t>(++size_) * 2 > slots_.size()) grow();
    return number;
  }

  /// kNone: there is none.
  template <class TextOf>
  uint32_t lookup(const Text& text, uint64_t hash, const TextOf& textOf) const {
    return slots_[find(text, hash, textOf)].number;
  }

 private:
  struct Slot {
    uint64_t hash = 0;
    uint32_t number = kNone;
  };

  template <class TextOf>
  size_t find(const Text& text, uint64_t hash, const TextOf& textOf) const {
    const size_t mask = slots_.size() - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
      const Slot& slot = slots_[at];
      if (slot.number == kNone || (slot.hash == hash && sameText(textOf(slot.number), text))) return at;
    }
  }
  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    const size_t mask = slots_.size() - 1;
    for (const Slot& slot : old) {
      if (slot.number == kNone) continue;
      size_t at = slot.hash & mask;
      while (slots_[at].number != kNone) at = (at + 1) & mask;
      slots_[at] = slot;
    }
  }

  std::vector<Slot> slots_;
  int64_t size_ = 0;
};

}  // namespace gdf::dictionary

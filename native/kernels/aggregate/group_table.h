// A hash table from key codes to groups: open addressing, linear probing, at most half full.
//
//   entry   | code (8 bytes) | group (4 bytes, 0: empty) | unused |      16 bytes: one cache line at the usual probe
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "core/hash_mask.h"
#include "core/pooled.h"

namespace gdf::aggregate {

/// Every bit of the code reaches every bit of the hash (the finalizer of MurmurHash3).
inline uint64_t hashOf(uint64_t code) {
  code ^= code >> 33;
  code *= 0xff51afd7ed558ccdu;
  code ^= code >> 33;
  code *= 0xc4ceb9fe1a85ec53u;
  return (code ^ (code >> 33)) & kHashMask;
}

class GroupTable {
 public:
  explicit GroupTable(size_t expectedGroups) : entries_(std::bit_ceil(2 * expectedGroups + 16)) {
    mask_ = entries_.size() - 1;
  }

  /// Groups are numbered from 1 as they come.
  uint32_t groupCount() const { return groupCount_; }

  size_t byteLength() const { return entries_.size() * sizeof(Entry); }
  /// Asks for the entry where the search for a hash begins.
  void fetch(uint64_t hash) const { __builtin_prefetch(&entries_[hash & mask_]); }

  /// The group of a code, with whether it is new. Places come from the low bits of the hash.
  struct Found {
    uint32_t group;
    bool added;
  };
  Found findOrAdd(uint64_t code) { return findOrAdd(code, hashOf(code)); }
  Found findOrAdd(uint64_t code, uint64_t hash) {
    for (size_t place = hash & mask_;; place = (place + 1) & mask_) {
      Entry& entry = entries_[place];
      if (entry.group == 0) return {add(place, code), true};
      if (entry.code == code) return {entry.group, false};
    }
  }

  /// code(group) for all groups.
  template <class Visitor>
  void forEach(const Visitor& visitor) const {
    for (const Entry& entry : entries_) {
      if (entry.group != 0) visitor(entry.code, entry.group);
    }
  }

 private:
  struct Entry {
    uint64_t code = 0;
    uint32_t group = 0;
  };

  uint32_t add(size_t place, uint64_t code) {
    entries_[place] = {code, ++groupCount_};
    const uint32_t group = groupCount_;
    if (size_t{2} * groupCount_ > entries_.size()) grow();
    return group;
  }

  void grow() {
    Pooled<Entry> old(entries_.size() * 4);
    old.swap(entries_);
    mask_ = entries_.size() - 1;
    for (const Entry& entry : old) {
      if (entry.group == 0) continue;
      size_t place = hashOf(entry.code) & mask_;
      while (entries_[place].group != 0) place = (place + 1) & mask_;
      entries_[place] = entry;
    }
  }

  Pooled<Entry> entries_;
  size_t mask_ = 0;
  uint32_t groupCount_ = 0;
};

}  // namespace gdf::aggregate

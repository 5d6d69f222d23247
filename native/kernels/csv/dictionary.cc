#include "kernels/csv/dictionary.h"

#include "kernels/csv/utf8.h"

namespace gdf::csv {
namespace {

constexpr size_t kFirstSlots = 64;
constexpr uint64_t kFactor = 0x9E3779B97F4A7C15ull;  // 2^64 / golden ratio

/// Both halves of the 128-bit product, folded: every input bit reaches every output bit.
uint64_t mix(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

}  // namespace

TextKey textKey(const uint8_t* bytes, size_t length) {
  TextKey key;
  key.bytes = bytes;
  key.length = static_cast<uint32_t>(length);
  if (length <= 8) {
    const int unused = static_cast<int>(64 - 8 * length);
    key.head = length == 0 ? 0 : (load8(bytes) << unused) >> unused;
    key.hash = mix(key.head ^ (length * kFactor), kFactor);
    return key;
  }
  key.head = load8(bytes);
  key.tail = load8(bytes + length - 8);
  uint64_t hash = mix(key.head ^ kFactor, key.tail ^ (length * kFactor));
  for (size_t at = 8; at + 8 < length; at += 8) hash = mix(hash ^ load8(bytes + at), kFactor);
  key.hash = hash;
  return key;
}

DictionaryBuilder::DictionaryBuilder() : mask_(kFirstSlots - 1), slots_(kFirstSlots) {}

TextKey DictionaryBuilder::key(uint32_t code) const {
  const Key& known = keys_[code];
  TextKey key;
  key.head = known.head;
  key.tail = known.tail;
  key.hash = static_cast<uint64_t>(known.hashHigh) << 32 | hashLow_[code];
  key.bytes = arena_.data() + begin(code);
  key.length = known.length;
  return key;
}

uint32_t DictionaryBuilder::insert(const TextKey& key, int64_t row) {
  if (!isUtf8(key.bytes, key.length)) return kInvalid;
  if (keys_.size() * 2 >= slots_.size()) grow();
  const auto code = static_cast<uint32_t>(keys_.size());
  keys_.push_back({key.head, key.tail, key.length, static_cast<uint32_t>(key.hash >> 32)});
  hashLow_.push_back(static_cast<uint32_t>(key.hash));
  arena_.insert(arena_.end(), key.bytes, key.bytes + key.length);
  ends_.push_back(arena_.size());
  firstRows_.push_back(row);
  size_t slot = key.hash & mask_;
  while (slots_[slot] != 0) slot = (slot + 1) & mask_;
  slots_[slot] = (key.hash >> 32 << 32) | (code + 1);
  return code;
}

void DictionaryBuilder::grow() {
  const size_t size = slots_.size() * (slots_.size() < 1 << 16 ? 4 : 2);
  std::vector<uint64_t>(size).swap(slots_);
  mask_ = size - 1;
  for (uint32_t code = 0; code < keys_.size(); ++code) {
    const uint64_t hash = static_cast<uint64_t>(keys_[code].hashHigh) << 32 | hashLow_[code];
    size_t slot = hash & mask_;
    while (slots_[slot] != 0) slot = (slot + 1) & mask_;
    slots_[slot] = (hash >> 32 << 32) | (code + 1);
  }
}

}  // namespace gdf::csv

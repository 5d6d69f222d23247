#include "kernels/csv/dictionary.h"

#include "kernels/csv/utf8.h"

namespace gdf::csv {
namespace {

constexpr size_t kFirstSlots = 64;
constexpr size_t kSparseSlots = 1 << 13;

}  // namespace

DictionaryBuilder::DictionaryBuilder() : mask_(kFirstSlots - 1), slots_(kFirstSlots) {}

TextKey DictionaryBuilder::key(uint32_t code) const {
  const Key& known = keys_[code];
  TextKey key;
  key.head = known.head;
  key.tail = known.tail;
  key.hash = known.hash;
  key.bytes = arena_.data() + begin(code);
  key.length = known.length;
  return key;
}

uint32_t DictionaryBuilder::insert(const TextKey& key, int64_t row) {
  if (!isUtf8(key.bytes, key.length)) return kInvalid;
  // Small tables are sparser: in the cache a collision costs more (a branch that cannot be predicted) than memory.
  if (keys_.size() * (slots_.size() < kSparseSlots ? 8 : 2) >= slots_.size()) grow();
  const auto code = static_cast<uint32_t>(keys_.size());
  keys_.push_back({key.head, key.tail, key.hash, key.length});
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
    const uint64_t hash = keys_[code].hash;
    size_t slot = hash & mask_;
    while (slots_[slot] != 0) slot = (slot + 1) & mask_;
    slots_[slot] = (hash >> 32 << 32) | (code + 1);
  }
}

}  // namespace gdf::csv

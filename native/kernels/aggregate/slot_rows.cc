#include "kernels/aggregate/slot_rows.h"

#include <algorithm>
#include <cstring>

#include "core/bitmap.h"
#include "kernels/aggregate/storage_type.h"

namespace gdf::aggregate {
namespace {

constexpr size_t kPadding = 64;  // expandBits writes whole words

void toRanks(const uint32_t* codes, const std::vector<uint32_t>& places, size_t count, uint32_t* ranks) {
  // A code under a null may be anything.
  for (size_t i = 0; i < count; ++i) ranks[i] = codes[i] < places.size() ? places[codes[i]] : 0;
}

// Every value is written, and the place moves on only behind one that counts: no branch to mispredict.
template <class T>
size_t packAs(const void* values, const uint8_t* valid, size_t count, uint8_t* into) {
  const T* from = static_cast<const T*>(values);
  T* to = reinterpret_cast<T*>(into);
  size_t kept = 0;
  for (size_t row = 0; row < count; ++row) {
    to[kept] = from[row];
    kept += valid[row];
  }
  return kept;
}

size_t packValues(const void* values, const uint8_t* valid, size_t count, size_t bytes, uint8_t* into) {
  switch (bytes) {
    case 1:
      return packAs<uint8_t>(values, valid, count, into);
    case 2:
      return packAs<uint16_t>(values, valid, count, into);
    case 4:
      return packAs<uint32_t>(values, valid, count, into);
    case 8:
      return packAs<uint64_t>(values, valid, count, into);
    default:
      break;
  }
  const auto* from = static_cast<const uint8_t*>(values);
  size_t kept = 0;
  for (size_t row = 0; row < count; ++row) {
    if (valid[row] != 0) std::memcpy(into + kept++ * bytes, from + row * bytes, bytes);
  }
  return kept;
}

}  // namespace

SlotReader::SlotReader(const Layout& layout, size_t maxRows)
    : layout_(layout), runs_(layout.slots.size()), valid_(layout.slots.size()), converted_(layout.slots.size()) {
  for (size_t i = 0; i < layout.slots.size(); ++i) {
    const Slot& slot = layout.slots[i];
    const Storage storage = slot.column->storage;
    if (slot.nullable()) valid_[i].resize(maxRows + kPadding);
    if (slot.needsValues && (storage == Storage::Bool || storage == Storage::Dictionary)) {
      converted_[i].resize(maxRows * slot.valueBytes + kPadding);
    }
  }
}

void SlotReader::readNulls(const Slot& slot, int64_t base, size_t count, std::vector<uint8_t>& valid) {
  const ColumnView& first = Slot::hasNulls(*slot.column) ? *slot.column : *slot.beside;
  expandBits(first.validity, base, static_cast<int64_t>(count), valid.data());
  if (slot.beside == nullptr || slot.beside == &first) return;
  beside_.resize(valid.size());
  expandBits(slot.beside->validity, base, static_cast<int64_t>(count), beside_.data());
  for (size_t row = 0; row < count; ++row) valid[row] &= beside_[row];
}

const std::vector<SlotRun>& SlotReader::read(int64_t base, size_t count) {
  for (size_t i = 0; i < runs_.size(); ++i) {
    const Slot& slot = layout_.slots[i];
    const ColumnView& column = *slot.column;
    if (slot.nullable()) {
      readNulls(slot, base, count, valid_[i]);
      runs_[i].valid = valid_[i].data();
    }
    if (!slot.needsValues) continue;
    if (column.storage == Storage::Bool) {
      expandBits(column.as<uint8_t>(), base, static_cast<int64_t>(count), converted_[i].data());
      runs_[i].values = converted_[i].data();
    } else if (column.storage == Storage::Dictionary) {
      auto* ranks = reinterpret_cast<uint32_t*>(converted_[i].data());
      toRanks(column.as<uint32_t>() + base, slot.ranks, count, ranks);
      runs_[i].values = ranks;
    } else {
      runs_[i].values = column.as<uint8_t>() + static_cast<size_t>(base) * slot.valueBytes;
    }
  }
  return runs_;
}

Chunk ChunkMaker::make(const std::vector<SlotRun>& runs, const uint32_t* groups, const uint32_t* rows, uint32_t base,
                       size_t count) {
  for (size_t i = 0; i < runs.size(); ++i) {
    const uint8_t* valid = runs[i].valid;
    columns_[i] = {runs[i].values, groups, count, nullptr};
    if (valid == nullptr) continue;
    if (groups == nullptr) {
      pack(i, runs[i], count);
      continue;
    }
    masked_[i].resize(kChunkRows);
    uint32_t* masked = masked_[i].data();
    for (size_t row = 0; row < count; ++row) masked[row] = groups[row] & (0u - valid[row]);
    columns_[i].groups = masked;
  }
  return {count, groups, rows, base, columns_.data()};
}

void ChunkMaker::pack(size_t slot, const SlotRun& run, size_t count) {
  const size_t bytes = layout_.slots[slot].valueBytes;
  packed_[slot].resize((kChunkRows + 1) * std::max<size_t>(bytes, 1));
  uint8_t* into = packed_[slot].data();
  size_t kept = 0;
  if (run.values == nullptr) {
    for (size_t row = 0; row < count; ++row) kept += run.valid[row];
  } else {
    kept = packValues(run.values, run.valid, count, bytes, into);
  }
  columns_[slot] = {into, nullptr, kept, run.valid};
}

}  // namespace gdf::aggregate

#include "kernels/aggregate/key_codes.h"

#include <algorithm>
#include <stdexcept>

#include "core/bitmap.h"
#include "kernels/aggregate/order.h"
#include "kernels/aggregate/storage_type.h"

namespace gdf::aggregate {
namespace {

/// The halves of a 128-bit value, wherever it stands.
struct LowHalf {
  uint32_t words[4];
  uint64_t bits() const { return words[0] | uint64_t{words[1]} << 32; }
};
struct HighHalf {
  uint32_t words[4];
  uint64_t bits() const { return words[2] | uint64_t{words[3]} << 32; }
};

/// A value as 64 bits that subtract: sign-extended integers, canonical bits of floats.
template <class T>
inline uint64_t rawOf(T value) {
  if constexpr (std::is_same_v<T, LowHalf> || std::is_same_v<T, HighHalf>) {
    return value.bits();
  } else if constexpr (std::is_floating_point_v<T>) {
    return canonicalBits(value);
  } else {
    return static_cast<uint64_t>(static_cast<int64_t>(value));
  }
}

/// codes += code * stride (the first part: codes = code). Returns the highest code.
template <bool First, bool Nullable, class T, class Code>
uint64_t addCodes(const KeyPart& part, const T* values, const uint8_t* valid, size_t count, Code* codes) {
  uint64_t highest = 0;
  const uint64_t base = part.base;
  const uint64_t nullCode = part.nullCode;
  const auto stride = static_cast<Code>(part.stride);
  for (size_t i = 0; i < count; ++i) {
    uint64_t code = rawOf(values[i]) - base;
    if constexpr (Nullable) code = valid[i] != 0 ? code : nullCode;
    highest = std::max(highest, code);
    if constexpr (First) {
      codes[i] = static_cast<Code>(code);
    } else {
      codes[i] += static_cast<Code>(code) * stride;
    }
  }
  return highest;
}

template <class T, class Code>
void addPart(const KeyPart& part, bool first, const T* values, const uint8_t* valid, size_t count, Code* codes) {
  uint64_t highest = 0;
  if (valid == nullptr) {
    highest = first ? addCodes<true, false>(part, values, valid, count, codes)
                    : addCodes<false, false>(part, values, valid, count, codes);
  } else {
    highest = first ? addCodes<true, true>(part, values, valid, count, codes)
                    : addCodes<false, true>(part, values, valid, count, codes);
  }
  // Codes index accumulators: bounds that do not hold must not become a write outside of them.
  if (part.size != 0 && highest >= part.size) {
    throw std::logic_error("aggregate: a key lies outside the statistics or the dictionary of its column");
  }
}

}  // namespace

template <class Code>
void KeyCodes::fill(int64_t base, size_t count, Code* codes, Scratch& scratch) const {
  scratch.bytes.resize(std::max(scratch.bytes.size(), count + 64));
  scratch.valid.resize(std::max(scratch.valid.size(), count + 64));
  if (parts_.empty()) std::fill_n(codes, count, Code{0});
  const auto rows = static_cast<int64_t>(count);
  for (size_t p = 0; p < parts_.size(); ++p) {
    const KeyPart& part = parts_[p];
    const bool first = p == 0;
    if (part.source == KeyPart::Source::Ids) {
      addPart(part, first, part.ids->data() + base, nullptr, count, codes);
      continue;
    }
    const ColumnView& column = *part.column;
    const uint8_t* valid = nullptr;
    if (part.nullable || part.source == KeyPart::Source::NullFlags) {
      expandBits(column.validity, base, rows, scratch.valid.data());
      valid = scratch.valid.data();
    }
    if (part.source == KeyPart::Source::NullFlags) {
      addPart(part, first, valid, nullptr, count, codes);
    } else if (column.storage == Storage::Bool) {
      expandBits(column.as<uint8_t>(), base, rows, scratch.bytes.data());
      addPart(part, first, scratch.bytes.data(), valid, count, codes);
    } else if (column.storage == Storage::I128 && part.isHighHalf) {
      addPart(part, first, column.as<HighHalf>() + base, valid, count, codes);
    } else if (column.storage == Storage::I128) {
      addPart(part, first, column.as<LowHalf>() + base, valid, count, codes);
    } else {
      visitStorage(column.storage, [&]<class T>(std::type_identity<T>) {
        addPart(part, first, column.as<T>() + base, valid, count, codes);
      });
    }
  }
}

template void KeyCodes::fill(int64_t, size_t, uint32_t*, Scratch&) const;
template void KeyCodes::fill(int64_t, size_t, uint64_t*, Scratch&) const;

}  // namespace gdf::aggregate

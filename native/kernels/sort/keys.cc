#include "kernels/sort/keys.h"

#include <bit>

#include "core/bitmap.h"
#include "kernels/dictionary/ranks.h"

namespace gdf::sort {
namespace {

/// The field's codes of the rows [begin, begin + count).
void loadField(const Field& field, int64_t begin, int64_t count, uint64_t* out) {
  uint8_t valid[kKeyVector];
  const bool hasNulls = field.nulls != Field::Nulls::None;
  if (hasNulls) expandBits(field.codes.view.validity, begin, count, valid);
  if (field.nulls == Field::Nulls::Flag) {
    for (int64_t i = 0; i < count; ++i) out[i] = (valid[i] != 0) == field.nullsFirst;
    return;
  }
  field.codes.load(begin, count, out);
  const bool isBeside = field.nulls == Field::Nulls::Beside;
  const uint64_t shift = isBeside && field.nullsFirst ? 1 : 0;
  if (field.descending) {
    const uint64_t max = field.min + field.range;
    for (int64_t i = 0; i < count; ++i) out[i] = max - out[i] + shift;
  } else {
    for (int64_t i = 0; i < count; ++i) out[i] = out[i] - field.min + shift;
  }
  if (!hasNulls) return;
  const uint64_t nullCode = isBeside && !field.nullsFirst ? field.range + 1 : 0;
  for (int64_t i = 0; i < count; ++i) out[i] = valid[i] != 0 ? out[i] : nullCode;
}

}  // namespace

NormalizedKeys::NormalizedKeys(const std::vector<ColumnView>& columns, const std::vector<SortKey>& keys,
                               Context context) {
  ranks_.reserve(keys.size());
  for (const SortKey& key : keys) {
    KeyCodes codes{columns[static_cast<size_t>(key.column)], nullptr};
    if (codes.view.storage == Storage::Dictionary) {
      ranks_.push_back(dictionary::ranks(codes.view.dictionary, context));
      codes.remap = ranks_.back().data();
    }
    if (codes.view.storage == Storage::I128) {
      KeyCodes high = codes;
      high.isHighHalf = true;
      addFields(high, key, context);
    }
    addFields(codes, key, context);
  }
}

void NormalizedKeys::addFields(const KeyCodes& codes, const SortKey& key, Context context) {
  const bool hasNulls = codes.view.validity != nullptr && codes.view.nullCount > 0;
  const CodeRange range = rangeOf(codes, context);
  if (range.empty()) return;  // only nulls: all rows are equal
  Field field{codes, range.min, range.max - range.min, key.descending, key.nullsFirst, Field::Nulls::None, 0};
  if (hasNulls && field.range == ~uint64_t{0}) {
    Field flag = field;
    flag.nulls = Field::Nulls::Flag;
    flag.bits = 1;
    bits_ += 1;
    fields_.push_back(flag);
    field.nulls = Field::Nulls::Masked;
    field.bits = 64;
  } else {
    field.nulls = hasNulls ? Field::Nulls::Beside : Field::Nulls::None;
    field.bits = std::bit_width(field.range + (hasNulls ? 1 : 0));
  }
  bits_ += field.bits;
  fields_.push_back(field);
}

void NormalizedKeys::fill(int64_t begin, int64_t end, int word, uint64_t* out) const {
  const int64_t count = end - begin;
  const int wordBegin = 64 * word;
  const int wordEnd = std::min(bits_, wordBegin + 64);
  std::fill(out, out + count, uint64_t{0});
  uint64_t codes[kKeyVector];
  int fieldBegin = 0;  // bit positions count from the most significant bit of the whole key
  for (const Field& field : fields_) {
    const int fieldEnd = fieldBegin + field.bits;
    if (field.bits > 0 && fieldEnd > wordBegin && fieldBegin < wordEnd) {
      loadField(field, begin, count, codes);
      // The part of the field inside this word: its high bits may lie in the word before, its low ones in the next.
      const int lost = std::max(0, fieldEnd - wordEnd);
      const int left = std::max(0, wordEnd - fieldEnd);
      const uint64_t mask = fieldBegin < wordBegin ? lowBits(fieldEnd - wordBegin) : ~uint64_t{0};
      for (int64_t i = 0; i < count; ++i) out[i] |= ((codes[i] & mask) >> lost) << left;
    }
    fieldBegin = fieldEnd;
  }
}

uint64_t NormalizedKeys::wordOf(uint32_t row, int word) const {
  uint64_t value;
  fill(row, int64_t{row} + 1, word, &value);
  return value;
}

bool NormalizedKeys::isBefore(uint32_t a, uint32_t b, int word) const {
  for (; word < words(); ++word) {
    const uint64_t left = wordOf(a, word);
    const uint64_t right = wordOf(b, word);
    if (left != right) return left < right;
  }
  return false;
}

}  // namespace gdf::sort

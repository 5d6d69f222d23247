#include "kernels/join/key_space.h"

#include <algorithm>
#include <cstring>

#include "core/bitmap.h"
#include "core/morsel.h"
#include "kernels/dictionary/dictionary.h"
#include "kernels/join/group_table.h"

namespace gdf::join {

/// One digit of the mixed radix: a column of each side, or dense numbers that a hash table gave.
struct KeySpace::Field {
  KeyCodes codes[2];
  bool hasNulls[2] = {false, false};
  uint64_t min = 1;  // of the values that both sides may have; min > max: none
  uint64_t max = 0;
  int shift = 0;            // half of a value too wide for one digit: its high 32 bits (shift 32),
  bool isLowHalf = false;   // or its low ones
  uint64_t valueCount = 0;  // numbers for values; null, where it matches, is the one after them
  bool nullEquals = false;
  BufferPtr dense[2];  // empty: a column
  uint64_t size = 0;   // numbers in all

  void load(SideIndex side, int64_t begin, int64_t count, uint64_t* numbers) const;
};

namespace {

/// kNoKey, the largest number, is never a key. Dense numbers have 32 bits, so that two of them always fit.
bool fits(uint64_t a, uint64_t b) {
  return b == 0 || a <= kNoKey / b;
}

bool sameDictionary(const DictionaryView& a, const DictionaryView& b) {
  return a.offsets == b.offsets && a.bytes == b.bytes && a.size == b.size;
}

}  // namespace

/// kNoKey where the row has no partner.
void KeySpace::Field::load(SideIndex side, int64_t begin, int64_t count, uint64_t* numbers) const {
  if (dense[side]) {
    const uint32_t* groups = dense[side]->as<uint32_t>() + begin;
    for (int64_t i = 0; i < count; ++i) numbers[i] = groups[i] == kNoGroup ? kNoKey : groups[i];
    return;
  }
  codes[side].load(begin, count, numbers);
  for (int64_t i = 0; i < count; ++i) {
    const uint64_t number = isLowHalf ? numbers[i] & 0xffffffffu : (numbers[i] - min) >> shift;
    numbers[i] = number < valueCount ? number : kNoKey;
  }
  if (!hasNulls[side]) return;
  uint8_t valid[kKeyVector];
  expandBits(codes[side].view.validity, begin, count, valid);
  const uint64_t nullNumber = !nullEquals ? kNoKey : isLowHalf ? 0 : valueCount;
  for (int64_t i = 0; i < count; ++i) numbers[i] = valid[i] != 0 ? numbers[i] : nullNumber;
}

KeySpace::KeySpace(const Side& left, const Side& right, const Spec& spec, Context context)
    : rowCounts_{left.rowCount, right.rowCount}, buildSide_(spec.buildRight ? kRight : kLeft) {
  translations_.reserve(left.keys.size());
  for (size_t i = 0; i < left.keys.size(); ++i) {
    // A 128-bit key is two: rows are equal where both halves are.
    if (left.keys[i].storage == Storage::I128) {
      foldColumn(columnField(left.keys[i], right.keys[i], spec.nullEquals, true, context), context);
    }
    foldColumn(columnField(left.keys[i], right.keys[i], spec.nullEquals, false, context), context);
  }
}

KeySpace::~KeySpace() = default;

KeySpace::Field KeySpace::columnField(const ColumnView& left, const ColumnView& right, bool nullEquals, bool isHighHalf,
                                      Context context) {
  Field field;
  field.codes[kLeft].view = left;
  field.codes[kRight].view = right;
  field.nullEquals = nullEquals;
  for (const SideIndex side : {kLeft, kRight}) {
    field.codes[side].isHighHalf = isHighHalf;
    field.hasNulls[side] = field.codes[side].view.nullCount > 0 && field.codes[side].view.validity != nullptr;
  }
  if (left.storage == Storage::Dictionary && !sameDictionary(left.dictionary, right.dictionary)) {
    // The smaller dictionary takes the codes of the larger one; entries that it lacks get a code that none has.
    const bool leftIsSmaller = left.dictionary.size <= right.dictionary.size;
    const DictionaryView& from = leftIsSmaller ? left.dictionary : right.dictionary;
    const DictionaryView& to = leftIsSmaller ? right.dictionary : left.dictionary;
    translations_.push_back(dictionary::translate(from, to, context));
    field.codes[leftIsSmaller ? kLeft : kRight].remap = translations_.back().data();
  }
  const CodeRange a = rangeOf(field.codes[kLeft], context);
  const CodeRange b = rangeOf(field.codes[kRight], context);
  if (a.empty() || b.empty()) return field;
  field.min = std::max(a.min, b.min);
  field.max = std::min(a.max, b.max);
  return field;
}

void KeySpace::foldColumn(Field field, Context context) {
  const uint64_t range = field.max - field.min;
  if (field.min > field.max || range < kNoKey - 1) {
    field.valueCount = field.min > field.max ? 0 : range + 1;
    field.size = field.valueCount + (field.nullEquals ? 1 : 0);
    return fold(std::move(field), context);
  }
  // Nearly all 2^64 values, and null besides, are too many for one digit: two halves.
  Field low = field;
  low.isLowHalf = true;
  low.valueCount = low.size = uint64_t{1} << 32;
  field.min = 0;
  field.shift = 32;
  field.valueCount = uint64_t{1} << 32;
  field.size = field.valueCount + (field.nullEquals ? 1 : 0);
  fold(std::move(field), context);
  fold(std::move(low), context);
}

/// Appends a digit; makes digits dense until the space holds them all.
void KeySpace::fold(Field field, Context context) {
  if (!fits(size_, field.size) && size_ > field.size) densify(context);
  if (!fits(size_, field.size)) {
    auto rest = std::move(fields_);
    const uint64_t restSize = size_;
    fields_.clear();
    size_ = field.size;
    fields_.push_back(std::make_unique<Field>(std::move(field)));
    densify(context);
    field = std::move(*fields_[0]);
    fields_ = std::move(rest);
    size_ = restSize;
    if (!fits(size_, field.size)) densify(context);
  }
  size_ *= field.size;
  fields_.push_back(std::make_unique<Field>(std::move(field)));
}

/// Replaces all digits by one: the dense number of their combination.
void KeySpace::densify(Context context) {
  const SideIndex probeSide = buildSide_ == kLeft ? kRight : kLeft;
  const GroupTable table(*this, buildSide_, context);
  auto field = std::make_unique<Field>();
  for (const SideIndex side : {kLeft, kRight}) {
    field->dense[side] = Buffer::allocate(static_cast<size_t>(rowCounts_[side]) * 4);
  }
  std::memcpy(field->dense[buildSide_]->data(), table.buildGroups()->data(),
              static_cast<size_t>(rowCounts_[buildSide_]) * 4);
  forMorsels(context, rowCounts_[probeSide], [&](int64_t begin, int64_t end, int64_t, int) {
    uint64_t keys[kKeyVector];
    for (int64_t row = begin; row < end; row += kKeyVector) {
      const int64_t count = std::min(kKeyVector, end - row);
      load(probeSide, row, count, keys);
      table.probe(keys, count, field->dense[probeSide]->as<uint32_t>() + row);
    }
  });
  field->size = static_cast<uint64_t>(table.groupCount());
  size_ = field->size;
  fields_.clear();
  fields_.push_back(std::move(field));
}

void KeySpace::load(SideIndex side, int64_t begin, int64_t count, uint64_t* keys) const {
  if (fields_.size() == 1) return fields_[0]->load(side, begin, count, keys);
  std::fill(keys, keys + count, uint64_t{0});
  uint64_t numbers[kKeyVector];
  for (const auto& field : fields_) {
    field->load(side, begin, count, numbers);
    for (int64_t i = 0; i < count; ++i) {
      const bool hasNone = (numbers[i] == kNoKey) | (keys[i] == kNoKey);
      keys[i] = hasNone ? kNoKey : keys[i] * field->size + numbers[i];
    }
  }
}

}  // namespace gdf::join

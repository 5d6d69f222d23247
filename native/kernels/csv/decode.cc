#include "kernels/csv/decode.h"

#include <algorithm>
#include <bit>

#include "kernels/csv/decimal.h"
#include "kernels/csv/number.h"
#include "kernels/csv/temporal.h"
#include "kernels/csv/utf8.h"

namespace gdf::csv {

namespace {

void clearBit(std::vector<uint64_t>& bits, size_t index) {
  bits[index / 64] &= ~(uint64_t{1} << (index % 64));
}
void setBit(std::vector<uint64_t>& bits, size_t index) {
  bits[index / 64] |= uint64_t{1} << (index % 64);
}

constexpr size_t kSmallDictionary = 512;

size_t wordsFor(int64_t rows) {
  return static_cast<size_t>(rows + 63) / 64;
}

template <class T>
T& entryOf(std::vector<T>& entries, uint32_t column) {
  const auto found = std::lower_bound(entries.begin(), entries.end(), column,
                                      [](const T& entry, uint32_t wanted) { return entry.column < wanted; });
  if (found != entries.end() && found->column == column) return *found;
  T& added = *entries.emplace(found);
  added.column = column;
  return added;
}

/// Visits the field of every row: visit(row, begin, end).
template <class Visit>
inline void forEachField(const Rows& rows, uint32_t position, bool strip, Visit visit) {
  const uint32_t* ends = rows.ends + position;
  for (size_t row = 0; row < rows.count; ++row, ends += rows.stride) {
    const uint32_t begin = ends[0] + 1;
    uint32_t end = ends[1];
    if (strip && end > begin && rows.data[end - 1] == '\r') end -= 1;
    visit(row, begin, end);
  }
}

}  // namespace

ColumnBits& RegionResult::bitsOf(uint32_t column) {
  ColumnBits& entry = entryOf(bits, column);
  if (entry.valid.empty()) entry.valid.assign(wordsFor(region.rows), ~uint64_t{0});
  return entry;
}

PlainPart& RegionResult::plainOf(uint32_t column) {
  return entryOf(plain, column);
}

RegionDecoder::RegionDecoder(const ReadOptions& options, const Input& input, const std::vector<ColumnTarget>& targets)
    : options_(options),
      input_(input),
      targets_(targets),
      columns_(options.columns.size()),
      fields_(options.dialect, options.nullValues) {}

void RegionDecoder::decode(RegionResult& result, int64_t limit) {
  result_ = &result;
  faults_.clear();
  const Rows rows = indexRows(options_, input_, result.region, options_.onError == OnError::Null, index_);
  size_t examined = 0;
  while (examined < rows.count && result.rows < limit) {
    const size_t count = std::min(rows.count - examined, static_cast<size_t>(limit - result.rows));
    const size_t at = static_cast<size_t>(result.rows);
    const Rows slice = rows.slice(examined, count);
    const size_t earlierFaults = faults_.size();
    for (PlainPart& part : result.plain) part.sliceBegin = part.bytes.size();
    decodeSlice(slice, at);
    examined += count;
    if (options_.onError == OnError::Skip && faults_.size() > earlierFaults) {
      const Rows kept = dropFaulty(slice, at, earlierFaults);
      decodeSlice(kept, at);
      result.rows += static_cast<int64_t>(kept.count);
    } else {
      result.rows += static_cast<int64_t>(count);
    }
  }
  finishFaults(examined, examined == rows.count && result.rows < limit);
}

void RegionDecoder::decodeSlice(const Rows& rows, size_t at) {
  for (uint32_t column = 0; column < options_.columns.size(); ++column) {
    const ColumnSpec& spec = options_.columns[column];
    decodeColumn({rows, at, column, spec, spec.positions[result_->region.file]});
  }
}

void RegionDecoder::decodeColumn(const Task& task) {
  switch (task.spec.type) {
    case FieldType::Bool:
      return decodeBool(task);
    case FieldType::I8:
      return decodeNumbers<int8_t>(task);
    case FieldType::U8:
      return decodeNumbers<uint8_t>(task);
    case FieldType::I16:
      return decodeNumbers<int16_t>(task);
    case FieldType::U16:
      return decodeNumbers<uint16_t>(task);
    case FieldType::I32:
      return decodeNumbers<int32_t>(task);
    case FieldType::U32:
      return decodeNumbers<uint32_t>(task);
    case FieldType::I64:
      return decodeNumbers<int64_t>(task);
    case FieldType::U64:
      return decodeNumbers<uint64_t>(task);
    case FieldType::F32:
      return decodeNumbers<float>(task);
    case FieldType::F64:
      return decodeNumbers<double>(task);
    case FieldType::Date:
      return decodeFixed<int32_t>(task, parseFileDate);
    case FieldType::Timestamp:
      return decodeFixed<int64_t>(task, [digits = task.spec.unitDigits](auto* begin, auto* end, int64_t& value) {
        return parseFileTimestamp(begin, end, digits, value);
      });
    case FieldType::Duration:
      return decodeFixed<int64_t>(task, [digits = task.spec.unitDigits](auto* begin, auto* end, int64_t& value) {
        return parseDuration(begin, end, digits, value);
      });
    case FieldType::Decimal:
      return decodeFixed<int128>(task, [&spec = task.spec](auto* begin, auto* end, int128& value) {
        return parseDecimal(begin, end, spec.precision, spec.unitDigits, value);
      });
    case FieldType::String:
      return targets_[task.column].plain ? decodePlain(task) : decodeDictionary(task);
  }
}

template <class T>
void RegionDecoder::decodeNumbers(const Task& task) {
  const auto decodeWith = [&](auto lossless) {
    constexpr bool kLossless = decltype(lossless)::value;
    decodeFixed<T>(task, [](const uint8_t* begin, const uint8_t* end, T& value) {
      if constexpr (std::is_floating_point_v<T>) {
        return parseFloat<kLossless>(begin, end, value);
      } else {
        return parseInteger<kLossless>(begin, end, value);
      }
    });
  };
  task.spec.typed ? decodeWith(std::false_type{}) : decodeWith(std::true_type{});
}

template <class T, class Parse>
void RegionDecoder::decodeFixed(const Task& task, Parse parse) {
  const size_t first = static_cast<size_t>(result_->rowOffset) + task.at;
  T* const target = targets_[task.column].values->as<T>() + first;
  const uint8_t* const data = task.rows.data;
  const bool nullsMayParse = !fields_.onlyEmptyIsNull();
  bool nulls = false;
  forEachField(task.rows, task.position, task.rows.stripReturn && task.isLast(),
               [&](size_t row, uint32_t begin, uint32_t end) {
                 const bool parsed = static_cast<int32_t>(end - begin) > 0 &&
                                     !(nullsMayParse && fields_.canBeNull(data[begin])) &&
                                     parse(data + begin, data + end, target[row]);
                 if (parsed) [[likely]]
                   return;
                 const bool valid = decodeField(task, row, begin, end, [&](const Content& content) {
                   return parse(content.begin, content.end, target[row]);
                 });
                 if (valid) return;
                 target[row] = T{};
                 nulls = true;
               });
  const std::vector<uint64_t>* valid = nulls ? &result_->bitsOf(task.column).valid : nullptr;
  addStatistics(target, task.rows.count, valid, task.at, columns_[task.column].statistics);
}

void RegionDecoder::decodeBool(const Task& task) {
  ColumnBits& bits = result_->bitsOf(task.column);
  if (bits.values.empty()) bits.values.resize(bits.valid.size());
  forEachField(task.rows, task.position, task.rows.stripReturn && task.isLast(),
               [&](size_t row, uint32_t begin, uint32_t end) {
                 bool value = false;
                 decodeField(task, row, begin, end,
                             [&](const Content& content) { return parseBool(content.begin, content.end, value); });
                 if (value) {
                   setBit(bits.values, task.at + row);
                 } else {
                   clearBit(bits.values, task.at + row);
                 }
               });
}

/// The way of a field that is not read at once: quoted, null, or wrong. False: the row is null.
template <class Parse>
bool RegionDecoder::decodeField(const Task& task, size_t row, uint32_t begin, uint32_t end, Parse parse) {
  Content content;
  const FieldState state = fields_.read(task.rows, begin, end, content);
  if (state == FieldState::Content) {
    const bool empty = content.begin == content.end;
    if (!empty && parse(content)) return true;
    if (!(empty && content.quoted && fields_.emptyIsNull())) {
      if (task.spec.typed) {
        addFault(task, FaultKind::Value, row, begin, end);
      } else {
        addConflict(task, begin, content);
      }
    }
  } else if (state == FieldState::Malformed) {
    addFault(task, FaultKind::Quotes, row, begin, end);
  }
  setNull(task, row);
  return false;
}

void RegionDecoder::decodeDictionary(const Task& task) {
  constexpr size_t kBatch = 64;
  std::unique_ptr<DictionaryBuilder>& owned = columns_[task.column].dictionary;
  if (!owned) owned = std::make_unique<DictionaryBuilder>();
  DictionaryBuilder& dictionary = *owned;
  const size_t first = static_cast<size_t>(result_->rowOffset) + task.at;
  uint32_t* const codes = targets_[task.column].values->as<uint32_t>() + first;
  const int64_t rowsBefore = result_->rowsBefore + static_cast<int64_t>(task.at);
  const uint8_t* const data = task.rows.data;
  struct Pending {
    TextKey key;
    uint32_t row;
    uint32_t begin;
    uint32_t end;
  } batch[kBatch];
  size_t pending = 0;
  const auto encode = [&](const Pending& text) {
    const uint32_t code = dictionary.encode(text.key, rowsBefore + text.row);
    codes[text.row] = code;
    if (code != DictionaryBuilder::kInvalid) [[likely]]
      return;
    addFault(task, FaultKind::Utf8, text.row, text.begin, text.end);
    setNull(task, text.row);
    codes[text.row] = 0;
  };
  const auto flush = [&] {
    for (size_t i = 0; i < pending; ++i) dictionary.prefetchKey(batch[i].key);
    for (size_t i = 0; i < pending; ++i) encode(batch[i]);
    pending = 0;
  };
  // A dictionary that the first-level cache holds needs no prefetching.
  const size_t batchSize = dictionary.size() > kSmallDictionary ? kBatch : 1;
  const bool canBeSpecial = task.rows.special != nullptr;
  forEachField(task.rows, task.position, task.rows.stripReturn && task.isLast(),
               [&](size_t row, uint32_t begin, uint32_t end) {
                 Content content{data + begin, data + end, false, false};
                 if (static_cast<int32_t>(end - begin) <= 0 || canBeSpecial || fields_.canBeNull(data[begin])) {
                   const FieldState state = fields_.read(task.rows, begin, end, content);
                   if (state != FieldState::Content) {
                     if (state == FieldState::Malformed) addFault(task, FaultKind::Quotes, row, begin, end);
                     setNull(task, row);
                     codes[row] = 0;
                     return;
                   }
                 }
                 Pending& text = batch[pending++];
                 makeKey(content.begin, static_cast<size_t>(content.end - content.begin), text.key);
                 text.row = static_cast<uint32_t>(row);
                 text.begin = begin;
                 text.end = end;
                 if (batchSize == 1) {
                   pending = 0;
                   return encode(text);
                 }
                 dictionary.prefetchSlot(text.key);
                 if (pending == kBatch || content.copied) flush();
               });
  flush();
}

void RegionDecoder::decodePlain(const Task& task) {
  const size_t first = static_cast<size_t>(result_->rowOffset) + task.at;
  int32_t* const lengths = targets_[task.column].values->as<int32_t>() + 1 + first;
  std::vector<uint8_t>& bytes = result_->plainOf(task.column).bytes;
  forEachField(task.rows, task.position, task.rows.stripReturn && task.isLast(),
               [&](size_t row, uint32_t begin, uint32_t end) {
                 Content content;
                 const FieldState state = fields_.read(task.rows, begin, end, content);
                 const auto length = static_cast<size_t>(content.end - content.begin);
                 lengths[row] = 0;
                 if (state == FieldState::Content && isUtf8(content.begin, length)) {
                   bytes.insert(bytes.end(), content.begin, content.end);
                   lengths[row] = static_cast<int32_t>(length);
                   return;
                 }
                 if (state == FieldState::Content) addFault(task, FaultKind::Utf8, row, begin, end);
                 if (state == FieldState::Malformed) addFault(task, FaultKind::Quotes, row, begin, end);
                 setNull(task, row);
               });
}

void RegionDecoder::setNull(const Task& task, size_t row) {
  clearBit(result_->bitsOf(task.column).valid, task.at + row);
}

}  // namespace gdf::csv

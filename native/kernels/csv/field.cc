#include "kernels/csv/field.h"

#include <algorithm>
#include <cstring>

#include "kernels/csv/number.h"
#include "kernels/csv/temporal.h"

namespace gdf::csv {

FieldReader::FieldReader(const Dialect& dialect, const std::vector<std::string>& nullValues) : dialect_(dialect) {
  for (const std::string& text : nullValues) {
    if (text.empty()) {
      emptyIsNull_ = true;
    } else {
      nullTexts_.push_back(text);
      nullFirst_[static_cast<uint8_t>(text[0])] = true;
    }
  }
}

bool FieldReader::isNull(const uint8_t* begin, const uint8_t* end) const {
  if (begin == end) return emptyIsNull_;
  if (!nullFirst_[*begin]) return false;
  const auto length = static_cast<size_t>(end - begin);
  return std::any_of(nullTexts_.begin(), nullTexts_.end(), [&](const std::string& text) {
    return text.size() == length && std::memcmp(text.data(), begin, length) == 0;
  });
}

FieldState FieldReader::read(const Rows& rows, uint32_t begin, uint32_t end, Content& content) {
  if (begin == end + 1) return FieldState::Null;  // missing in a ragged record
  const uint8_t* from = rows.data + begin;
  const uint8_t* to = rows.data + end;
  content = {from, to, false, false};
  content.quoted = dialect_.quote >= 0 && from < to && *from == dialect_.quote;
  if (!content.quoted && isNull(from, to)) return FieldState::Null;
  if (rows.special == nullptr) return FieldState::Content;
  if (!content.quoted) {
    return hasSpecial(rows.special, begin, end) ? unescape(from, to, content) : FieldState::Content;
  }
  const bool plain = end - begin >= 2 && hasSpecial(rows.special, end - 1, end) && to[-1] == dialect_.quote &&
                     !hasSpecial(rows.special, begin + 1, end - 1);
  if (!plain) return unescape(from, to, content);
  content.begin += 1;
  content.end -= 1;
  return FieldState::Content;
}

/// Mirrors fieldContent of src/io/csv/records.ts.
FieldState FieldReader::unescape(const uint8_t* begin, const uint8_t* end, Content& content) {
  const auto length = static_cast<size_t>(end - begin);
  uint8_t* const target = scratch_.reset(length);
  uint8_t* to = target;
  const uint8_t* at = begin + (content.quoted ? 1 : 0);
  for (; at < end; ++at) {
    if (*at == dialect_.escape && at + 1 < end) {
      *to++ = *++at;
    } else if (*at != dialect_.quote) {
      *to++ = *at;
    } else if (!content.quoted) {
      return FieldState::Malformed;
    } else if (at + 1 < end && at[1] == dialect_.quote) {
      *to++ = *++at;
    } else {
      break;
    }
  }
  if (content.quoted && at != end - 1) return FieldState::Malformed;
  content.begin = target;
  content.end = to;
  content.copied = true;
  return FieldState::Content;
}

bool hasSpecial(const uint64_t* special, uint32_t begin, uint32_t end) {
  if (begin >= end) return false;
  const uint32_t first = begin / 64;
  const uint32_t last = (end - 1) / 64;
  const uint64_t head = ~uint64_t{0} << (begin % 64);
  const uint64_t tail = ~uint64_t{0} >> (63 - (end - 1) % 64);
  if (first == last) return (special[first] & head & tail) != 0;
  if ((special[first] & head) != 0 || (special[last] & tail) != 0) return true;
  for (uint32_t block = first + 1; block < last; ++block) {
    if (special[block] != 0) return true;
  }
  return false;
}

bool parseBool(const uint8_t* begin, const uint8_t* end, bool& value) {
  const auto is = [&](const char* lower, int64_t length) {
    return end - begin == length && std::equal(begin, end, lower, [](uint8_t a, char b) { return (a | 0x20) == b; });
  };
  value = is("true", 4);
  return value || is("false", 5);
}

TextKind textKind(const uint8_t* begin, const uint8_t* end) {
  if (begin == end) return kString;
  bool flag;
  int64_t integer;
  double number;
  int32_t days;
  if (parseBool(begin, end, flag)) return kBool;
  if (parseInteger<true>(begin, end, integer)) return kInteger;
  if (parseFloat<true>(begin, end, number)) return kFloat;
  if (parseFileDate(begin, end, days)) return kDate;
  if (parseFileTimestamp(begin, end, 6, integer)) return kTimestamp;
  return kString;
}

}  // namespace gdf::csv

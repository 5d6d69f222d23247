// The functions that copy parts of a text.
#include <algorithm>
#include <cstring>
#include <limits>

#include "core/error.h"
#include "kernels/text/text.h"

namespace gdf::text {
namespace {

using Bytes = std::vector<uint8_t>;
using Kind = Function::Kind;

/// A mapper from a function object.
template <class Apply>
class Mapper final : public TextMapper {
 public:
  explicit Mapper(Apply apply) : apply_(std::move(apply)) {}
  bool apply(const Text& text, Bytes& out) override { return apply_(text, out); }

 private:
  Apply apply_;
};
template <class Apply>
std::unique_ptr<TextMapper> mapperOf(Apply apply) {
  return std::make_unique<Mapper<Apply>>(std::move(apply));
}

void checkSize(int64_t bytes) {
  if (bytes > std::numeric_limits<int32_t>::max())
    throw KernelError("MEMORY_BUDGET", "a text would be longer than 2 GiB");
}

/// `count` code points on from `at`, or the end.
const uint8_t* advance(const uint8_t* at, const uint8_t* end, int64_t count) {
  for (; count > 0 && at < end; --count) at += sequenceLength(*at);
  return at;
}

std::unique_ptr<TextMapper> makeTrimmer(const CaseTables& tables, bool start, bool end) {
  return mapperOf([=](const Text& text, Bytes& out) {
    const auto isSpace = [&](const uint8_t* at) { return (tables.properties[tables.indexOf(decodeAt(at))] & 4) != 0; };
    const uint8_t* first = text.bytes;
    const uint8_t* last = first + text.length;
    while (start && first < last && isSpace(first)) first += sequenceLength(*first);
    while (end && first < last && isSpace(previousCodePoint(last))) last = previousCodePoint(last);
    append(out, first, last);
    return true;
  });
}

bool reverse(const Text& text, Bytes& out) {
  for (const uint8_t* at = text.bytes + text.length; at > text.bytes;) {
    const uint8_t* begin = previousCodePoint(at);
    append(out, begin, at);
    at = begin;
  }
  return true;
}

std::unique_ptr<TextMapper> makeSlicer(int64_t start, bool hasLength, int64_t length) {
  return mapperOf([=](const Text& text, Bytes& out) {
    const uint8_t* end = text.bytes + text.length;
    const int64_t count = start < 0 ? countCodePoints(text.bytes, text.length) : 0;
    const uint8_t* first = advance(text.bytes, end, start < 0 ? std::max<int64_t>(0, count + start) : start);
    append(out, first, hasLength ? advance(first, end, length) : end);
    return true;
  });
}

std::unique_ptr<TextMapper> makeSplitter(const Text& separator, int64_t index) {
  const auto find = [separator](const uint8_t* at, const uint8_t* end) {
    return std::search(at, end, separator.bytes, separator.bytes + separator.length);
  };
  return mapperOf([=](const Text& text, Bytes& out) {
    const uint8_t* end = text.bytes + text.length;
    int64_t wanted = index;
    if (wanted < 0) {  // counted first: parts from the end are parts that are found from the beginning
      int64_t parts = 1;
      for (const uint8_t* at = find(text.bytes, end); at < end; at = find(at + separator.length, end)) ++parts;
      wanted += parts;
      if (wanted < 0) return false;
    }
    const uint8_t* begin = text.bytes;
    const uint8_t* stop = find(begin, end);
    for (; wanted > 0; --wanted) {
      if (stop == end) return false;
      begin = stop + separator.length;
      stop = find(begin, end);
    }
    append(out, begin, stop);
    return true;
  });
}

std::unique_ptr<TextMapper> makePadder(const Text& fill, int64_t length, bool atStart) {
  return mapperOf([=](const Text& text, Bytes& out) {
    int64_t missing = length - countCodePoints(text.bytes, text.length);
    checkSize(text.length + std::max<int64_t>(0, missing) * 4);
    if (!atStart) append(out, text);
    const uint8_t* end = fill.bytes + fill.length;
    for (const uint8_t* at = fill.bytes; missing > 0; --missing) {
      append(out, at, at + sequenceLength(*at));
      at += sequenceLength(*at);
      if (at == end) at = fill.bytes;
    }
    if (atStart) append(out, text);
    return true;
  });
}

std::unique_ptr<TextMapper> makeRepeater(int64_t count) {
  return mapperOf([=](const Text& text, Bytes& out) {
    checkSize(text.length * count);
    for (int64_t i = 0; i < count && text.length > 0; ++i) append(out, text);
    return true;
  });
}

}  // namespace

std::unique_ptr<TextMapper> makeMapper(const Function& function) {
  const auto& numbers = function.numbers;
  const auto textNumber = [&](int64_t k) { return dictionary::textAt(function.texts, k); };
  switch (function.kind) {
    case Kind::Upper:
    case Kind::Lower:
      return makeCaseMapper(function);
    case Kind::Trim:
      return makeTrimmer(function.cases, true, true);
    case Kind::TrimStart:
      return makeTrimmer(function.cases, true, false);
    case Kind::TrimEnd:
      return makeTrimmer(function.cases, false, true);
    case Kind::Reverse:
      return mapperOf(reverse);
    case Kind::Slice:
      return makeSlicer(numbers[0], numbers[1] != 0, numbers[2]);
    case Kind::Part:
      return makeSplitter(textNumber(0), numbers[0]);
    case Kind::ReplaceText:
    case Kind::ReplaceMatches:
      return makeReplacer(function);
    case Kind::PadStart:
    case Kind::PadEnd:
      return makePadder(textNumber(0), numbers[0], function.kind == Kind::PadStart);
    case Kind::Repeat:
      return makeRepeater(numbers[0]);
    case Kind::Surround:
      break;
  }
  return mapperOf([before = textNumber(0), after = textNumber(1)](const Text& text, Bytes& out) {
    append(out, before), append(out, text), append(out, after);
    return true;
  });
}

}  // namespace gdf::text

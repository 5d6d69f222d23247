// Entries as values, by the CSV reader's functions. Those may read 8 bytes on both sides of a text: every entry is
// copied to where it has them.
#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>

#include "core/error.h"
#include "core/morsel.h"
#include "kernels/csv/field.h"
#include "kernels/csv/number.h"
#include "kernels/csv/temporal.h"
#include "kernels/dictionary/dictionary.h"
#include "kernels/dictionary/entry_table.h"

namespace gdf::dictionary {
namespace {

constexpr int64_t kMorselEntries = 4096;  // whole words of the bitmaps
constexpr size_t kPadding = 8;

class PaddedText {
 public:
  /// Valid until the next call.
  std::pair<const uint8_t*, const uint8_t*> of(const Text& text) {
    const auto length = static_cast<size_t>(text.length);
    if (bytes_.size() < length + 2 * kPadding) bytes_.resize(length + 2 * kPadding);
    uint8_t* begin = bytes_.data() + kPadding;
    if (length > 0) std::memcpy(begin, text.bytes, length);
    std::memset(begin + length, 0, kPadding);
    return {begin, begin + length};
  }

 private:
  std::vector<uint8_t> bytes_ = std::vector<uint8_t>(64);
};

void setBit(const BufferPtr& bits, int64_t k) {
  bits->data()[k >> 3] |= static_cast<uint8_t>(1 << (k & 7));
}

/// parse(begin, end, value) -> whether the text is such a value. Words are the lane's: 8 bytes for 64-bit values,
/// else 4.
template <class T, class Parse>
Parsed parseAll(const DictionaryView& dictionary, Context context, const Parse& parse) {
  using Lane = std::conditional_t<sizeof(T) == 8 || std::is_floating_point_v<T>, T,
                                  std::conditional_t<std::is_unsigned_v<T>, uint32_t, int32_t>>;
  constexpr bool isBool = std::is_same_v<T, bool>;
  const auto bitBytes = static_cast<size_t>((dictionary.size + 31) / 32 * 4);
  Parsed parsed{Buffer::allocateZeroed(isBool ? bitBytes : static_cast<size_t>(dictionary.size) * sizeof(Lane)),
                Buffer::allocateZeroed(bitBytes)};
  forMorsels(
      context, dictionary.size,
      [&](int64_t first, int64_t last, int64_t, int) {
        PaddedText padded;
        for (int64_t k = first; k < last; ++k) {
          const auto [begin, end] = padded.of(textAt(dictionary, k));
          T value{};
          if (!parse(begin, end, value)) continue;
          setBit(parsed.fits, k);
          if constexpr (!isBool) {
            parsed.words->as<Lane>()[k] = static_cast<Lane>(value);
          } else if (value) {
            setBit(parsed.words, k);
          }
        }
      },
      kMorselEntries);
  return parsed;
}

int digitWeight(uint8_t byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  const uint8_t lower = byte | 0x20;
  return lower >= 'a' && lower <= 'z' ? lower - 'a' + 10 : 36;
}

/// Digits 0-9 and a-z in either case, with or without a sign.
bool parseInRadix(const uint8_t* begin, const uint8_t* end, int radix, int64_t& value) {
  const bool negative = begin < end && *begin == '-';
  if (negative || (begin < end && *begin == '+')) ++begin;
  if (begin == end) return false;
  const uint64_t limit = static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) + (negative ? 1 : 0);
  uint64_t magnitude = 0;
  bool fits = true;  // what is too long may still hold a byte that is no digit; both are no value
  for (; begin < end; ++begin) {
    const int weight = digitWeight(*begin);
    if (weight >= radix) return false;
    fits = fits && magnitude <= (limit - static_cast<uint64_t>(weight)) / static_cast<uint64_t>(radix);
    if (fits) magnitude = magnitude * static_cast<uint64_t>(radix) + static_cast<uint64_t>(weight);
  }
  value = static_cast<int64_t>(negative ? ~magnitude + 1 : magnitude);
  return fits;
}

template <class T>
Parsed parseNumbers(const DictionaryView& dictionary, Context context) {
  return parseAll<T>(dictionary, context, [](const uint8_t* begin, const uint8_t* end, T& value) {
    if constexpr (std::is_floating_point_v<T>) {
      return csv::parseFloat<false>(begin, end, value);
    } else {
      return csv::parseInteger<false>(begin, end, value);
    }
  });
}

Parsed parseTemporal(const DictionaryView& dictionary, const TextForm& form, Context context) {
  if (form.kind == TextForm::Kind::Date) return parseAll<int32_t>(dictionary, context, csv::parseDate);
  const auto parse = form.kind == TextForm::Kind::Timestamp ? csv::parseTimestamp : csv::parseDuration;
  return parseAll<int64_t>(dictionary, context,
                           [parse, &form](const uint8_t* begin, const uint8_t* end, int64_t& value) {
                             return parse(begin, end, form.fractionDigits, value);
                           });
}

}  // namespace

Parsed parse(const DictionaryView& dictionary, Storage storage, const TextForm& form, int radix, Context context) {
  if (form.kind != TextForm::Kind::Number) return parseTemporal(dictionary, form, context);
  if (radix != 10) {
    return parseAll<int64_t>(dictionary, context, [=](const uint8_t* begin, const uint8_t* end, int64_t& value) {
      return parseInRadix(begin, end, radix, value);
    });
  }
  switch (storage) {
    case Storage::Bool:
      return parseAll<bool>(dictionary, context, csv::parseBool);
    case Storage::I8:
      return parseNumbers<int8_t>(dictionary, context);
    case Storage::U8:
      return parseNumbers<uint8_t>(dictionary, context);
    case Storage::I16:
      return parseNumbers<int16_t>(dictionary, context);
    case Storage::U16:
      return parseNumbers<uint16_t>(dictionary, context);
    case Storage::I32:
      return parseNumbers<int32_t>(dictionary, context);
    case Storage::U32:
      return parseNumbers<uint32_t>(dictionary, context);
    case Storage::I64:
      return parseNumbers<int64_t>(dictionary, context);
    case Storage::U64:
      return parseNumbers<uint64_t>(dictionary, context);
    case Storage::F32:
      return parseNumbers<float>(dictionary, context);
    case Storage::F64:
      return parseNumbers<double>(dictionary, context);
    default:
      throw KernelError("NOT_SUPPORTED", "no value of this storage is parsed");
  }
}

}  // namespace gdf::dictionary

// Formats values: equal values are formatted once as long as a small direct-mapped cache remembers them.
#include <bit>
#include <type_traits>

#include "core/int128.h"
#include "kernels/dictionary/encode.h"
#include "kernels/dictionary/pattern_text.h"
#include "kernels/dictionary/value_text.h"

namespace gdf::dictionary {
namespace {

template <class T>
void appendValue(std::string& out, T value, const TextForm& form) {
  if (!form.pattern.empty()) {
    const bool isDate = form.kind == TextForm::Kind::Date;
    return appendPattern(out, static_cast<int64_t>(value), isDate, form.fractionDigits, form.pattern);
  }
  if (form.kind == TextForm::Kind::Date) return appendDate(out, static_cast<int64_t>(value));
  if (form.kind == TextForm::Kind::Timestamp)
    return appendTimestamp(out, static_cast<int64_t>(value), form.fractionDigits);
  if (form.kind == TextForm::Kind::Duration)
    return appendDuration(out, static_cast<int64_t>(value), form.fractionDigits);
  if constexpr (std::is_same_v<T, double>) {
    appendDouble(out, value);
  } else if constexpr (std::is_same_v<T, float>) {
    appendFloat(out, value);
  } else if constexpr (std::is_unsigned_v<T>) {
    appendUnsigned(out, value);
  } else {
    appendInteger(out, value);
  }
}

template <class T>
class ValueEncoder {
 public:
  ValueEncoder(const T* values, const TextForm& form) : values_(values), form_(form), cache_(kCacheSlots) {}

  uint32_t operator()(int64_t row, DictionaryBuilder& builder) {
    const T value = values_[row];
    Known& known = cache_[hashOf(value)];
    if (known.isSet && sameBits(known.value, value)) return known.code;
    text_.clear();
    appendValue(text_, value, form_);
    known = {value, true,
             builder.add({reinterpret_cast<const uint8_t*>(text_.data()), static_cast<int64_t>(text_.size())})};
    return known.code;
  }

 private:
  static constexpr size_t kCacheSlots = 4096;
  struct Known {
    T value;
    bool isSet = false;
    uint32_t code = 0;
  };
  using Bits = std::conditional_t<
      sizeof(T) == 8, uint64_t,
      std::conditional_t<sizeof(T) == 4, uint32_t,
                         std::make_unsigned_t<std::conditional_t<std::is_floating_point_v<T>, int32_t, T>>>>;
  static bool sameBits(T a, T b) { return std::bit_cast<Bits>(a) == std::bit_cast<Bits>(b); }
  static size_t hashOf(T value) { return (uint64_t{std::bit_cast<Bits>(value)} * 0x9e3779b97f4a7c15u) >> 52; }

  const T* values_;
  const TextForm& form_;
  std::vector<Known> cache_;
  std::string text_;
};

template <class T>
OwnedColumn formatAs(const ColumnView& column, const TextForm& form, Context context) {
  return encodeRows(column.length, context, [&] { return ValueEncoder<T>(column.as<T>(), form); });
}

OwnedColumn formatBool(const ColumnView& column, Context context) {
  return encodeRows(column.length, context, [&] {
    return [&](int64_t row, DictionaryBuilder& builder) {
      const bool value = ((column.as<uint8_t>()[row >> 3] >> (row & 7)) & 1) != 0;
      const char* text = value ? "true" : "false";
      return builder.add({reinterpret_cast<const uint8_t*>(text), value ? 4 : 5});
    };
  });
}

OwnedColumn formatDecimal(const ColumnView& column, int scale, Context context) {
  return encodeRows(column.length, context, [&] {
    return [&column, scale, text = std::string()](int64_t row, DictionaryBuilder& builder) mutable {
      text.clear();
      appendDecimal(text, loadInt128(column.values, row), scale);
      return builder.add({reinterpret_cast<const uint8_t*>(text.data()), static_cast<int64_t>(text.size())});
    };
  });
}

}  // namespace

OwnedColumn format(const ColumnView& column, const TextForm& form, Context context) {
  switch (column.storage) {
    case Storage::Bool:
      return formatBool(column, context);
    case Storage::I8:
      return formatAs<int8_t>(column, form, context);
    case Storage::U8:
      return formatAs<uint8_t>(column, form, context);
    case Storage::I16:
      return formatAs<int16_t>(column, form, context);
    case Storage::U16:
      return formatAs<uint16_t>(column, form, context);
    case Storage::I32:
      return formatAs<int32_t>(column, form, context);
    case Storage::U32:
      return formatAs<uint32_t>(column, form, context);
    case Storage::I64:
      return formatAs<int64_t>(column, form, context);
    case Storage::U64:
      return formatAs<uint64_t>(column, form, context);
    case Storage::F32:
      return formatAs<float>(column, form, context);
    case Storage::F64:
      return formatAs<double>(column, form, context);
    case Storage::I128:
      return formatDecimal(column, form.fractionDigits, context);
    default:
      throw KernelError("NOT_SUPPORTED", "values of this storage have no text form");
  }
}

}  // namespace gdf::dictionary

#include "kernels/csv/format.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "core/int128.h"
#include "kernels/csv/text.h"
#include "kernels/dictionary/value_text.h"

namespace gdf::csv {
namespace {

constexpr int64_t kPieceRows = 8192;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Bytes that grow.
class Text {
 public:
  /// Room for `bytes` more; the caller writes there and then calls setEnd.
  char* room(size_t bytes) {
    if (bytes_.size() - size_ < bytes) bytes_.resize(std::max(bytes_.size() * 2, size_ + bytes));
    return bytes_.data() + size_;
  }
  void setEnd(const char* end) { size_ = static_cast<size_t>(end - bytes_.data()); }
  void add(std::string_view text) {
    char* to = room(text.size() + 1);
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    setEnd(to + text.size());
  }
  void add(char byte) {
    *room(1) = byte;
    size_ += 1;
  }
  std::string_view from(size_t begin) const { return {bytes_.data() + begin, size_ - begin}; }
  size_t size() const { return size_; }
  void truncate(size_t size) { size_ = size; }

 private:
  std::vector<char> bytes_;
  size_t size_ = 0;
};

class Formatter {
 public:
  Formatter(const std::vector<FormatColumn>& columns, const FormatOptions& options)
      : columns_(columns),
        options_(options),
        // Numbers and dates hold none of the usual delimiters: only then, and for an unusual null text, they are
        // checked.
        plainValues_(options.nullValue.empty() &&
                     std::string_view(",;|\t ").find(options.delimiter) != std::string_view::npos) {}

  BufferPtr format(int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      for (size_t i = 0; i < columns_.size(); ++i) {
        if (i > 0) text_.add(options_.delimiter);
        addField(columns_[i], row);
      }
      text_.add('\n');
    }
    BufferPtr piece = Buffer::allocate(text_.size());
    std::memcpy(piece->data(), text_.from(0).data(), text_.size());
    text_.truncate(0);
    return piece;
  }

 private:
  void addField(const FormatColumn& column, int64_t row) {
    if (!column.view.isValid(row)) {
      text_.add(options_.nullValue);
    } else if (column.type == FieldType::String) {
      addQuotable(textOf(column.view, row));
    } else {
      const size_t begin = text_.size();
      char* const to = text_.room(kMaxValueText);
      text_.setEnd(writeValue(to, column, row));
      if (plainValues_) return;
      const std::string value(text_.from(begin));
      text_.truncate(begin);
      addQuotable(value);
    }
  }

  static std::string_view textOf(const ColumnView& view, int64_t row) {
    const bool isPlain = view.storage == Storage::Plain;
    const int32_t* const offsets = isPlain ? view.as<int32_t>() : view.dictionary.offsets;
    const uint8_t* const bytes = isPlain ? view.bytes : view.dictionary.bytes;
    const int64_t entry = isPlain ? row : view.as<uint32_t>()[row];
    return {reinterpret_cast<const char*>(bytes) + offsets[entry],
            static_cast<size_t>(offsets[entry + 1] - offsets[entry])};
  }

  void addQuotable(std::string_view value) {
    const bool special = value.empty() || value == options_.nullValue || value.starts_with(kByteOrderMark) ||
                         std::any_of(value.begin(), value.end(), [delimiter = options_.delimiter](char byte) {
                           return byte == delimiter || byte == '"' || byte == '\n' || byte == '\r';
                         });
    if (!special) return text_.add(value);
    char* to = text_.room(2 * value.size() + 2);
    *to++ = '"';
    for (const char byte : value) {
      if (byte == '"') *to++ = '"';
      *to++ = byte;
    }
    *to++ = '"';
    text_.setEnd(to);
  }

  static char* writeValue(char* to, const FormatColumn& column, int64_t row) {
    const ColumnView& view = column.view;
    switch (column.type) {
      case FieldType::Bool: {
        const bool value = ((view.as<uint8_t>()[row >> 3] >> (row & 7)) & 1) != 0;
        std::memcpy(to, value ? "true" : "false", 5);
        return to + (value ? 4 : 5);
      }
      case FieldType::I8:
        return writeInteger<int>(to, view.as<int8_t>()[row]);
      case FieldType::U8:
        return writeInteger<int>(to, view.as<uint8_t>()[row]);
      case FieldType::I16:
        return writeInteger<int>(to, view.as<int16_t>()[row]);
      case FieldType::U16:
        return writeInteger<int>(to, view.as<uint16_t>()[row]);
      case FieldType::I32:
        return writeInteger(to, view.as<int32_t>()[row]);
      case FieldType::U32:
        return writeInteger(to, view.as<uint32_t>()[row]);
      case FieldType::I64:
        return writeInteger(to, view.as<int64_t>()[row]);
      case FieldType::U64:
        return writeInteger(to, view.as<uint64_t>()[row]);
      case FieldType::F32:
        return writeFloat(to, view.as<float>()[row]);
      case FieldType::F64:
        return writeFloat(to, view.as<double>()[row]);
      case FieldType::Date:
        return writeDate(to, view.as<int32_t>()[row]);
      case FieldType::Timestamp:
        to = writeTimestamp(to, view.as<int64_t>()[row], column.unitDigits);
        if (column.zone) *to++ = 'Z';
        return to;
      case FieldType::Duration:
        return writeDuration(to, view.as<int64_t>()[row], column.unitDigits);
      case FieldType::Decimal: {
        std::string text;
        dictionary::appendDecimal(text, loadInt128(view.values, row), column.unitDigits);
        std::memcpy(to, text.data(), text.size());
        return to + text.size();
      }
      case FieldType::String:
        break;
    }
    return to;
  }

  const std::vector<FormatColumn>& columns_;
  const FormatOptions& options_;
  const bool plainValues_;
  Text text_;
};

}  // namespace

std::vector<BufferPtr> formatRows(const std::vector<FormatColumn>& columns, int64_t begin, int64_t end,
                                  const FormatOptions& options, const Context& context) {
  std::vector<BufferPtr> pieces(static_cast<size_t>((end - begin + kPieceRows - 1) / kPieceRows));
  std::vector<Formatter> lanes(static_cast<size_t>(context.threads), Formatter(columns, options));
  context.parallelFor(pieces.size(), [&](size_t piece, int lane) {
    const int64_t from = begin + static_cast<int64_t>(piece) * kPieceRows;
    pieces[piece] = lanes[static_cast<size_t>(lane)].format(from, std::min(end, from + kPieceRows));
  });
  return pieces;
}

}  // namespace gdf::csv

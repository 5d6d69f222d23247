#include "kernels/csv/sample.h"

#include <bit>

#include "kernels/csv/block.h"
#include "kernels/csv/field.h"
#include "kernels/csv/input.h"
#include "kernels/csv/number.h"
#include "kernels/csv/rows.h"

namespace gdf::csv {
namespace {

/// Behind the last record that is known to be whole.
size_t endOfRecords(const Dialect& dialect, uint8_t newline, const uint8_t* bytes, size_t length, bool whole) {
  const StructureScanner scanner(dialect, newline);
  BlockState state;
  size_t end = 0;
  for (size_t at = 0; at < length; at += kBlock) {
    const uint64_t newlines = scanner.scan(bytes + at, state).newlines;
    if (newlines != 0) end = at + 64 - static_cast<size_t>(std::countl_zero(newlines));
  }
  return whole && state.inQuotes == 0 ? length : end;
}

/// Whether the column is text whatever comes: kinds that share no dtype but string.
bool isDecided(uint8_t kinds) {
  const bool numbers = (kinds & (kInteger | kFloat)) != 0;
  const bool instants = (kinds & (kDate | kTimestamp)) != 0;
  return (kinds & kString) != 0 || ((kinds & kBool) != 0) + numbers + instants > 1;
}

class KindsOfColumn {
 public:
  KindsOfColumn(FieldReader& fields, const Rows& rows) : fields_(fields), rows_(rows) {}

  uint8_t of(uint32_t column) {
    const bool strip = rows_.stripReturn && column + 1 == rows_.fieldCount;
    uint8_t kinds = 0;
    for (size_t row = 0; row < rows_.count && !isDecided(kinds); ++row) {
      const uint32_t* ends = rows_.ends + row * rows_.stride + column;
      const uint32_t begin = ends[0] + 1;
      uint32_t end = ends[1];
      if (strip && end > begin && rows_.data[end - 1] == '\r') end -= 1;
      add(begin, end, kinds);
    }
    return kinds;
  }

 private:
  void add(uint32_t begin, uint32_t end, uint8_t& kinds) {
    Content content;
    switch (fields_.read(rows_, begin, end, content)) {
      case FieldState::Null:
        return;
      case FieldState::Malformed:
        kinds |= kString;
        return;
      case FieldState::Content:
        break;
    }
    const bool empty = content.begin == content.end;
    if (empty && content.quoted && fields_.emptyIsNull()) return;
    double number;
    if ((kinds & kFloat) != 0 && parseFloat<true>(content.begin, content.end, number)) return;
    kinds |= textKind(content.begin, content.end);
  }

  FieldReader& fields_;
  const Rows& rows_;
};

}  // namespace

Sampled sampleColumns(const ReadOptions& options, bool whole) {
  const Input input(options.files);
  const FileSpec& file = options.files[0];
  Range range = options.ranges[0];
  PaddedBytes padded;
  const int64_t length = range.end - range.begin;
  uint8_t* const bytes = padded.reset(static_cast<size_t>(length));
  input.read(0, range.begin, length, bytes);
  range.end = range.begin + static_cast<int64_t>(
                                endOfRecords(options.dialect, file.newline, bytes, static_cast<size_t>(length), whole));
  RowIndex index;
  const Region region{.file = 0, .begin = range.begin, .end = range.end, .rows = 0};
  const Rows rows = indexRows(options, input, region, false, index);
  FieldReader fields(options.dialect, options.nullValues);
  Sampled sampled{.records = static_cast<int64_t>(rows.count + index.ragged.size()), .end = range.end, .kinds = {}};
  for (uint32_t column = 0; column < file.fieldCount; ++column) {
    sampled.kinds.push_back(KindsOfColumn(fields, rows).of(column));
  }
  return sampled;
}

}  // namespace gdf::csv

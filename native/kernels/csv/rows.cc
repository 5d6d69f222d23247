#include "kernels/csv/rows.h"

#include <bit>

#include "kernels/csv/block.h"

namespace gdf::csv {
namespace {

/// Appends `base` + the position of every bit of `mask`; may write 64 words.
inline uint32_t* appendPositions(uint32_t* target, uint64_t mask, uint32_t base) {
#if defined(__AVX512F__)
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (uint32_t part = 0; part < 4; ++part) {
    const auto bits = static_cast<__mmask16>(mask >> (16 * part));
    const __m512i positions = _mm512_add_epi32(lanes, _mm512_set1_epi32(static_cast<int>(base + 16 * part)));
    _mm512_storeu_si512(target, _mm512_maskz_compress_epi32(bits, positions));
    target += std::popcount(static_cast<uint16_t>(bits));
  }
  return target;
#else
  // Four at a time without a branch on the count: most blocks have a handful.
  uint32_t* const end = target + std::popcount(mask);
  while (mask != 0) {
    for (int i = 0; i < 4; ++i) {
      target[i] = base + static_cast<uint32_t>(std::countr_zero(mask));
      mask &= mask - 1;
    }
    target += 4;
  }
  return end;
#endif
}

struct Scanned {
  size_t count = 0;  // field ends
  size_t newlines = 0;
  bool special = false;
  bool comments = false;
};

Scanned scanFields(const ReadOptions& options, const FileSpec& file, const uint8_t* bytes, size_t length,
                   RowIndex& index) {
  const size_t blocks = (length + kBlock - 1) / kBlock;
  if (index.ends.size() < length + 2 * kBlock) index.ends.resize(length + length / 8 + 2 * kBlock);
  const bool canBeSpecial = options.dialect.quote >= 0 || options.dialect.escape >= 0;
  if (canBeSpecial && index.special.size() < blocks + 2) index.special.resize(blocks + blocks / 8 + 2);
  const StructureScanner scanner(options.dialect, file.newline);
  BlockState state;
  Scanned scanned;
  uint64_t special = 0;
  uint64_t comments = 0;
  uint32_t* target = index.ends.data();
  *target++ = ~uint32_t{0};
  for (size_t block = 0; block < blocks; ++block) {
    const Structure s = scanner.scan(bytes + block * kBlock, state);
    scanned.newlines += static_cast<size_t>(std::popcount(s.newlines));
    special |= s.special;
    comments |= s.comments;
    if (canBeSpecial) index.special[block] = s.special;
    target = appendPositions(target, s.newlines | s.delimiters, static_cast<uint32_t>(block * kBlock));
  }
  if (length > 0 && (target[-1] + 1 != length || bytes[length - 1] != file.newline)) {
    *target++ = static_cast<uint32_t>(length);  // a last record without a newline
    scanned.newlines += 1;
  }
  scanned.count = static_cast<size_t>(target - index.ends.data()) - 1;
  scanned.special = special != 0;
  scanned.comments = comments != 0;
  return scanned;
}

bool isRegular(const RowIndex& index, const Scanned& scanned, const FileSpec& file, const uint8_t* bytes,
               size_t length) {
  const size_t fields = file.fieldCount;
  if (scanned.comments || scanned.count != scanned.newlines * fields) return false;
  for (size_t i = fields; i <= scanned.count; i += fields) {
    const uint32_t end = index.ends[i];
    if (end != length && bytes[end] != file.newline) return false;
  }
  return true;
}

/// Copies the records apart, each with the end before its first field.
size_t copyRecords(const ReadOptions& options, const FileSpec& file, const uint8_t* bytes, size_t length, size_t count,
                   bool keepRagged, RowIndex& index) {
  const size_t fields = file.fieldCount;
  size_t rows = 0;
  for (size_t first = 0; first < count;) {
    size_t last = first + 1;
    while (index.ends[last] != length && bytes[index.ends[last]] != file.newline) ++last;
    const uint32_t begin = index.ends[first] + 1;
    uint32_t end = index.ends[last];
    const size_t found = last - first;
    const size_t from = first;
    first = last;
    if (options.dialect.comment >= 0 && begin < length && bytes[begin] == options.dialect.comment) continue;
    if (file.newline == '\n' && end > begin && bytes[end - 1] == '\r') end -= 1;
    if (found == 1 && end == begin && fields > 1) continue;
    if (found != fields) {
      index.ragged.push_back({rows, begin, end - begin, static_cast<uint32_t>(found)});
      if (!keepRagged) continue;
    }
    index.apart.push_back(begin - 1);
    uint32_t fieldEnd = begin - 1;
    for (size_t field = 1; field <= fields; ++field) {
      if (field <= found) fieldEnd = field == found ? end : index.ends[from + field];
      index.apart.push_back(fieldEnd);
    }
    rows += 1;
  }
  return rows;
}

}  // namespace

Rows indexRows(const ReadOptions& options, const Input& input, const Region& region, bool keepRagged, RowIndex& index) {
  const FileSpec& file = options.files[region.file];
  const auto length = static_cast<size_t>(region.end - region.begin);
  uint8_t* bytes = index.bytes.reset(length);
  input.read(region.file, region.begin, region.end - region.begin, bytes);
  index.ragged.clear();
  index.apart.clear();
  const Scanned scanned = scanFields(options, file, bytes, length, index);
  Rows rows;
  rows.data = bytes;
  rows.fieldCount = file.fieldCount;
  rows.special = scanned.special ? index.special.data() : nullptr;
  if (isRegular(index, scanned, file, bytes, length)) {
    rows.ends = index.ends.data();
    rows.stride = file.fieldCount;
    rows.count = scanned.newlines;
    rows.stripReturn = file.newline == '\n';
  } else {
    rows.count = copyRecords(options, file, bytes, length, scanned.count, keepRagged, index);
    rows.ends = index.apart.data();
    rows.stride = file.fieldCount + 1;
  }
  return rows;
}

Rows withoutRows(const Rows& rows, const std::vector<uint64_t>& drop, std::vector<uint32_t>& ends) {
  std::vector<uint32_t> kept;
  size_t count = 0;
  for (size_t row = 0; row < rows.count; ++row) {
    if ((drop[row / 64] >> (row % 64)) & 1) continue;
    const uint32_t* record = rows.ends + row * rows.stride;
    kept.insert(kept.end(), record, record + rows.fieldCount + 1);
    if (rows.stripReturn) {
      uint32_t& end = kept.back();
      const uint32_t begin = kept[kept.size() - 2] + 1;
      if (end > begin && rows.data[end - 1] == '\r') end -= 1;
    }
    count += 1;
  }
  ends.swap(kept);
  Rows result = rows;
  result.ends = ends.data();
  result.stride = rows.fieldCount + 1;
  result.count = count;
  result.stripReturn = false;
  return result;
}

}  // namespace gdf::csv

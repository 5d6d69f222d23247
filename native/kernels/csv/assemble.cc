#include "kernels/csv/assemble.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/error.h"

namespace gdf::csv {
namespace {

constexpr int64_t kMaxTextBytes = INT32_MAX;

Storage storageOf(FieldType type) {
  switch (type) {
    case FieldType::String:
      return Storage::Dictionary;
    case FieldType::Date:
      return Storage::I32;
    case FieldType::Timestamp:
    case FieldType::Duration:
      return Storage::I64;
    case FieldType::Decimal:
      return Storage::I128;
    default:
      return static_cast<Storage>(type);  // the numbers of the other types are those of their storage
  }
}

/// ORs bits [0, count) of `from` into `to` at bit `offset`. `to` is zero there and has 8 bytes of room behind it.
void appendBits(uint8_t* to, int64_t offset, const uint64_t* from, int64_t count) {
  for (int64_t done = 0; done < count; done += 64) {
    uint64_t word = from == nullptr ? ~uint64_t{0} : from[done / 64];
    if (count - done < 64) word &= ~uint64_t{0} >> (64 - (count - done));
    const int64_t at = offset + done;
    const int shift = static_cast<int>(at & 7);
    uint64_t low;
    std::memcpy(&low, to + at / 8, 8);
    low |= word << shift;
    std::memcpy(to + at / 8, &low, 8);
    if (shift != 0) to[at / 8 + 8] |= static_cast<uint8_t>(word >> (64 - shift));
  }
}

const ColumnBits* findBits(const RegionResult& region, uint32_t column) {
  const auto found = std::lower_bound(region.bits.begin(), region.bits.end(), column,
                                      [](const ColumnBits& bits, uint32_t wanted) { return bits.column < wanted; });
  return found != region.bits.end() && found->column == column ? &*found : nullptr;
}

int64_t countNulls(const std::vector<uint64_t>& valid, int64_t rows) {
  int64_t ones = 0;
  for (int64_t at = 0; at < rows; at += 64) {
    const uint64_t mask = rows - at < 64 ? ~uint64_t{0} >> (64 - (rows - at)) : ~uint64_t{0};
    ones += std::popcount(valid[static_cast<size_t>(at) / 64] & mask);
  }
  return rows - ones;
}

BufferPtr makeBitmap(int64_t rowCount) {
  BufferPtr buffer = Buffer::allocateZeroed(static_cast<size_t>(rowCount) / 8 + 16);
  buffer->shrink(static_cast<size_t>(rowCount + 7) / 8);
  return buffer;
}

void assembleValidity(const std::vector<RegionResult>& regions, uint32_t index, int64_t rowCount, OwnedColumn& column) {
  for (const RegionResult& region : regions) {
    const ColumnBits* bits = findBits(region, index);
    if (bits != nullptr) column.nullCount += countNulls(bits->valid, region.rows);
  }
  if (column.nullCount == 0) return;
  column.validity = makeBitmap(rowCount);
  for (const RegionResult& region : regions) {
    const ColumnBits* bits = findBits(region, index);
    appendBits(column.validity->data(), region.rowOffset, bits ? bits->valid.data() : nullptr, region.rows);
  }
}

void assembleBools(const std::vector<RegionResult>& regions, uint32_t index, int64_t rowCount, OwnedColumn& column) {
  column.values = makeBitmap(rowCount);
  for (const RegionResult& region : regions) {
    const ColumnBits* bits = findBits(region, index);
    if (bits != nullptr) appendBits(column.values->data(), region.rowOffset, bits->values.data(), region.rows);
  }
}

void requireTextRoom(int64_t bytes) {
  if (bytes <= kMaxTextBytes) return;
  throw KernelError("MEMORY_BUDGET", "a string column holds more than 2 GiB of text");
}

void assemblePlain(const std::vector<RegionResult>& regions, uint32_t index, int64_t rowCount, OwnedColumn& column) {
  auto* offsets = column.values->as<int32_t>();
  int64_t end = 0;
  offsets[0] = 0;
  for (int64_t row = 1; row <= rowCount; ++row) {
    end += offsets[row];
    offsets[row] = static_cast<int32_t>(end);
  }
  requireTextRoom(end);
  column.storage = Storage::Plain;
  column.bytes = Buffer::allocate(static_cast<size_t>(end));
  uint8_t* target = column.bytes->data();
  for (const RegionResult& region : regions) {
    for (const PlainPart& part : region.plain) {
      if (part.column != index) continue;
      if (!part.bytes.empty()) std::memcpy(target, part.bytes.data(), part.bytes.size());
      target += part.bytes.size();
    }
  }
}

void setDictionary(const DictionaryBuilder& builder, OwnedColumn& column) {
  const size_t size = builder.size();
  requireTextRoom(static_cast<int64_t>(builder.arena().size()));
  column.dictionaryOffsets = Buffer::allocate((size + 1) * 4);
  auto* offsets = column.dictionaryOffsets->as<int32_t>();
  offsets[0] = 0;
  for (uint32_t code = 0; code < size; ++code) offsets[code + 1] = static_cast<int32_t>(builder.end(code));
  column.dictionaryBytes = Buffer::allocate(builder.arena().size());
  if (!builder.arena().empty())
    std::memcpy(column.dictionaryBytes->data(), builder.arena().data(), builder.arena().size());
}

/// Entries of all lanes by first row, each text once; `codes[lane]` maps a lane's codes to the merged ones.
DictionaryBuilder mergeDictionaries(const std::vector<const DictionaryBuilder*>& lanes,
                                    std::vector<std::vector<uint32_t>>& codes) {
  DictionaryBuilder merged;
  std::vector<uint32_t> next(lanes.size());
  codes.resize(lanes.size());
  for (size_t lane = 0; lane < lanes.size(); ++lane) codes[lane].resize(lanes[lane] ? lanes[lane]->size() : 0);
  for (;;) {
    size_t best = lanes.size();
    for (size_t lane = 0; lane < lanes.size(); ++lane) {
      if (next[lane] == codes[lane].size()) continue;
      if (best == lanes.size() || lanes[lane]->firstRow(next[lane]) < lanes[best]->firstRow(next[best])) best = lane;
    }
    if (best == lanes.size()) return merged;
    const uint32_t code = next[best]++;
    codes[best][code] = merged.encode(lanes[best]->key(code), lanes[best]->firstRow(code));
  }
}

bool isIdentity(const std::vector<uint32_t>& codes) {
  for (uint32_t code = 0; code < codes.size(); ++code) {
    if (codes[code] != code) return false;
  }
  return true;
}

struct Remap {
  std::vector<std::vector<uint32_t>> codes;  // by lane; empty: as they are
};

void assembleDictionary(std::vector<RegionDecoder>& lanes, uint32_t index, OwnedColumn& column, Remap& remap) {
  std::vector<const DictionaryBuilder*> builders;
  const DictionaryBuilder* only = nullptr;
  size_t known = 0;
  for (RegionDecoder& lane : lanes) {
    builders.push_back(lane.columns()[index].dictionary.get());
    if (builders.back() == nullptr) continue;
    only = builders.back();
    known += 1;
  }
  if (known <= 1) return setDictionary(only ? *only : DictionaryBuilder(), column);
  setDictionary(mergeDictionaries(builders, remap.codes), column);
  for (std::vector<uint32_t>& codes : remap.codes) {
    if (isIdentity(codes)) codes.clear();
  }
}

void remapCodes(const RegionResult& region, const Remap& remap, OwnedColumn& column) {
  const auto lane = static_cast<size_t>(region.lane);
  if (remap.codes.size() <= lane || remap.codes[lane].empty()) return;
  const std::vector<uint32_t>& map = remap.codes[lane];
  uint32_t* codes = column.values->as<uint32_t>() + region.rowOffset;
  for (int64_t row = 0; row < region.rows; ++row) codes[row] = map[codes[row]];
}

}  // namespace

size_t targetWidth(const ColumnSpec& spec) {
  return spec.type == FieldType::Bool ? 0 : static_cast<size_t>(storageBytes(storageOf(spec.type)));
}

void closeGaps(const ReadOptions& options, const Context& context, const std::vector<ColumnTarget>& targets,
               std::vector<RegionResult>& regions) {
  std::vector<int64_t> offsets;
  int64_t rows = 0;
  bool gap = false;
  for (const RegionResult& region : regions) {
    gap |= region.rowOffset != rows;
    offsets.push_back(rows);
    rows += region.rows;
  }
  if (!gap) return;
  context.parallelFor(options.columns.size(), [&](size_t index, int) {
    const size_t width = targetWidth(options.columns[index]);
    if (width == 0) return;
    uint8_t* values = targets[index].values->data() + (targets[index].plain ? width : 0);
    for (size_t i = 0; i < regions.size(); ++i) {
      const auto from = static_cast<size_t>(regions[i].rowOffset);
      if (from == static_cast<size_t>(offsets[i])) continue;
      std::memmove(values + static_cast<size_t>(offsets[i]) * width, values + from * width,
                   static_cast<size_t>(regions[i].rows) * width);
    }
  });
  for (size_t i = 0; i < regions.size(); ++i) regions[i].rowOffset = offsets[i];
}

std::vector<OwnedColumn> assembleColumns(const ReadOptions& options, const Context& context,
                                         std::vector<ColumnTarget>& targets, std::vector<RegionResult>& regions,
                                         std::vector<RegionDecoder>& lanes, int64_t rowCount) {
  std::vector<OwnedColumn> columns(options.columns.size());
  std::vector<Remap> remaps(options.columns.size());
  context.parallelFor(columns.size(), [&](size_t i, int) {
    const auto index = static_cast<uint32_t>(i);
    const ColumnSpec& spec = options.columns[i];
    OwnedColumn& column = columns[i];
    column.storage = storageOf(spec.type);
    column.length = rowCount;
    column.values = targets[i].values;
    assembleValidity(regions, index, rowCount, column);
    if (spec.type == FieldType::Bool) return assembleBools(regions, index, rowCount, column);
    const size_t entries = static_cast<size_t>(rowCount) + (targets[i].plain ? 1 : 0);
    column.values->shrink(entries * targetWidth(spec));
    if (targets[i].plain) return assemblePlain(regions, index, rowCount, column);
    if (spec.type == FieldType::String) assembleDictionary(lanes, index, column, remaps[i]);
  });
  context.parallelFor(regions.size(), [&](size_t region, int) {
    for (size_t i = 0; i < columns.size(); ++i) remapCodes(regions[region], remaps[i], columns[i]);
  });
  return columns;
}

}  // namespace gdf::csv

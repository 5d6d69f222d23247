// How wide each key is, and how keys are packed into one code.
#include <algorithm>
#include <limits>

#include "core/bitmap.h"
#include "core/int128.h"
#include "core/morsel.h"
#include "kernels/aggregate/grouping.h"
#include "kernels/aggregate/key_codes.h"
#include "kernels/aggregate/storage_type.h"

namespace gdf::aggregate {
namespace {

struct Range {
  uint64_t min = 0;
  uint64_t max = 0;
};

template <class T>
Range scanRange(const ColumnView& column, Context context) {
  struct Lane {
    T min = std::numeric_limits<T>::max();
    T max = std::numeric_limits<T>::lowest();
  };
  std::vector<Lane> lanes(static_cast<size_t>(context.threads));
  const auto* values = column.as<T>();
  const bool nullable = column.nullCount != 0 && column.validity != nullptr;
  forMorsels(context, column.length, [&](int64_t begin, int64_t end, int64_t, int lane) {
    Lane range = lanes[static_cast<size_t>(lane)];
    if (!nullable) {
      for (int64_t row = begin; row < end; ++row) {
        range.min = std::min(range.min, values[row]);
        range.max = std::max(range.max, values[row]);
      }
    } else {
      for (int64_t row = begin; row < end; ++row) {
        const bool valid = column.isValid(row);
        range.min = std::min(range.min, valid ? values[row] : range.min);
        range.max = std::max(range.max, valid ? values[row] : range.max);
      }
    }
    lanes[static_cast<size_t>(lane)] = range;
  });
  Lane all;
  for (const Lane& lane : lanes) all = {std::min(all.min, lane.min), std::max(all.max, lane.max)};
  if (all.min > all.max) return {};  // no value at all
  return {static_cast<uint64_t>(static_cast<int64_t>(all.min)), static_cast<uint64_t>(static_cast<int64_t>(all.max))};
}

struct WideRange {
  int128 min = static_cast<int128>(kMax128);
  int128 max = kMin128;
};

/// All zero for a column without values.
WideRange scanWideRange(const ColumnView& column, Context context) {
  std::vector<WideRange> lanes(static_cast<size_t>(context.threads));
  forMorsels(context, column.length, [&](int64_t begin, int64_t end, int64_t, int lane) {
    WideRange range = lanes[static_cast<size_t>(lane)];
    for (int64_t row = begin; row < end; ++row) {
      if (!column.isValid(row)) continue;
      const int128 value = loadInt128(column.values, row);
      range = {std::min(range.min, value), std::max(range.max, value)};
    }
    lanes[static_cast<size_t>(lane)] = range;
  });
  WideRange all;
  for (const WideRange& lane : lanes) all = {std::min(all.min, lane.min), std::max(all.max, lane.max)};
  return all.min > all.max ? WideRange{0, 0} : all;
}

Range rangeOf(const ColumnView& column, const Bounds& bounds, Context context) {
  const bool ordered = column.storage == Storage::U64
                           ? bounds.min <= bounds.max
                           : static_cast<int64_t>(bounds.min) <= static_cast<int64_t>(bounds.max);
  if (bounds.hasRange && ordered) return {bounds.min, bounds.max};
  return visitStorage(column.storage, [&]<class T>(std::type_identity<T>) -> Range {
    if constexpr (std::is_floating_point_v<T>) {
      throw KernelError("NOT_SUPPORTED", "aggregate: not an integer key");
    } else if constexpr (sizeof(T) <= 2) {
      return {static_cast<uint64_t>(int64_t{std::numeric_limits<T>::min()}),
              static_cast<uint64_t>(int64_t{std::numeric_limits<T>::max()})};
    } else {
      return scanRange<T>(column, context);
    }
  });
}

KeyPart valuePart(const ColumnView& column, const Bounds& bounds, Context context) {
  KeyPart part{.column = &column, .nullable = column.nullCount != 0 && column.validity != nullptr};
  if (isFloatStorage(column.storage)) {
    // A NaN with all bits set is not the canonical one: it stands for null.
    part.size = column.storage == Storage::F32 ? uint64_t{1} << 32 : 0;
    part.nullCode = part.size - 1;
    return part;
  }
  uint64_t values = 0;
  if (column.storage == Storage::Bool) {
    values = 2;
  } else if (column.storage == Storage::Dictionary) {
    values = static_cast<uint64_t>(std::max<int64_t>(1, column.dictionary.size));
  } else {
    const Range range = rangeOf(column, bounds, context);
    part.base = range.min;
    values = range.max - range.min + 1;
  }
  part.nullCode = values;
  part.size = part.nullable ? values + 1 : values;
  return part;
}

}  // namespace

class KeyCodesBuilder {
 public:
  KeyCodesBuilder(int64_t rowCount, Context context) : rowCount_(rowCount), context_(context) {}

  void add(const ColumnView& column, const Bounds& bounds) {
    if (column.storage == Storage::I128) return addWide(column);
    KeyPart part = valuePart(column, bounds, context_);
    const bool fills = part.nullable && part.nullCode == 0 && !isFloatStorage(column.storage);
    if (fills) {
      // All 2^64 values may occur: there is no code left for null. It shares one and gets a flag beside it.
      part.size = 0;
      pack(part);
      pack({.source = KeyPart::Source::NullFlags, .column = &column, .size = 2});
    } else {
      pack(part);
    }
  }

  /// A 128-bit key is one part where its range has 64 bits, else two: the low half of a null is code 0, and its high
  /// half says that it is one.
  void addWide(const ColumnView& column) {
    const WideRange range = scanWideRange(column, context_);
    KeyPart part{.column = &column, .nullable = column.nullCount != 0 && column.validity != nullptr};
    const auto span = static_cast<uint128>(range.max) - static_cast<uint128>(range.min);
    const bool isNarrow = span < std::numeric_limits<uint64_t>::max() - 1;
    if (!isNarrow) {
      part.isHighHalf = true;
      part.base = static_cast<uint64_t>(highHalf(range.min));
      part.nullCode = static_cast<uint64_t>(highHalf(range.max)) - part.base + 1;
    } else {
      part.base = lowHalf(range.min);
      part.nullCode = static_cast<uint64_t>(span) + 1;
    }
    part.size = part.nullable ? part.nullCode + 1 : part.nullCode;
    pack(part);
    if (!isNarrow) pack({.column = &column, .nullable = part.nullable, .size = 0});
  }

  void addGroups(const std::vector<uint32_t>& rowPositions, size_t groups) {
    // Rows that are dropped with their null key are in no group: those need a code of their own.
    if (groups == 1 && std::ranges::all_of(rowPositions, [](uint32_t id) { return id == 0; })) return;
    KeyPart part{.source = KeyPart::Source::Ids, .size = groups + 1};
    part.ids = std::make_shared<std::vector<uint32_t>>(rowPositions);
    // Rows without a group come together behind the last one.
    for (uint32_t& id : *part.ids) id = std::min(id, static_cast<uint32_t>(groups));
    pack(part);
  }

  KeyCodes take() { return std::move(codes_); }

 private:
  // Overflows at 2^64 codes: a part of that size stands alone.
  bool fits(const KeyPart& part) const {
    if (codes_.parts_.empty()) return true;
    if (codes_.domain_ == 0 || part.size == 0) return false;
    return codes_.domain_ <= std::numeric_limits<uint64_t>::max() / part.size;
  }

  void pack(KeyPart part) {
    if (!fits(part)) codes_ = single(idsOf(codes_));
    if (!fits(part)) part = idsOf(single(part));
    part.stride = codes_.parts_.empty() ? 1 : codes_.domain_;
    codes_.domain_ = codes_.parts_.empty() ? part.size : codes_.domain_ * part.size;
    codes_.parts_.push_back(part);
  }

  static KeyCodes single(const KeyPart& part) {
    KeyCodes codes;
    codes.parts_ = {part};
    codes.parts_[0].stride = 1;
    codes.domain_ = part.size;
    return codes;
  }

  KeyPart idsOf(const KeyCodes& codes) const {
    KeyPart part{.source = KeyPart::Source::Ids};
    part.ids = std::make_shared<std::vector<uint32_t>>();
    part.size = std::max<uint64_t>(1, denseIds(codes, rowCount_, *part.ids, context_));
    return part;
  }

  const int64_t rowCount_;
  const Context context_;
  KeyCodes codes_;
};

KeyCodes KeyCodes::make(const Plan& plan, const std::vector<ColumnView>& columns, int64_t rowCount, Context context) {
  KeyCodesBuilder builder(rowCount, context);
  for (const int key : plan.keys) {
    builder.add(columns[static_cast<size_t>(key)], plan.bounds[static_cast<size_t>(key)]);
  }
  return builder.take();
}

KeyCodes KeyCodes::makePairs(const std::vector<uint32_t>& rowPositions, size_t groups, const ColumnView& column,
                             const Bounds& bounds, Context context) {
  KeyCodesBuilder builder(column.length, context);
  builder.addGroups(rowPositions, groups);
  builder.add(column, bounds);
  return builder.take();
}

}  // namespace gdf::aggregate

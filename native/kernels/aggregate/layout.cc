#include "kernels/aggregate/layout.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include "kernels/aggregate/storage_type.h"
#include "kernels/exponent_range/exponent_range.h"

namespace gdf::aggregate {
namespace {

int bitsOf(int64_t rowCount) {
  return std::bit_width(static_cast<uint64_t>(rowCount));
}

int limbsFor(int bits) {
  return std::max(1, (bits + 63) / 64);
}

/// |x| < 2^bits.
int magnitudeBits(Storage storage, const Bounds& bounds) {
  if (!bounds.hasRange) return storageBytes(storage) * 8;
  if (isUnsignedStorage(storage)) return std::bit_width(bounds.max);
  const auto magnitude = [](uint64_t bits) { return static_cast<int64_t>(bits) < 0 ? uint64_t{0} - bits : bits; };
  return std::bit_width(std::max(magnitude(bounds.min), magnitude(bounds.max)));
}

SumFormat integerFormat(Storage storage, const Bounds& bounds, int power, int64_t rowCount) {
  return {.limbs = limbsFor(power * magnitudeBits(storage, bounds) + bitsOf(rowCount) + 1)};
}

/// One group can afford a window for all doubles, which needs no pass over the column.
constexpr ExponentRange kAllDoubles{-1074, 1024, true};

SumFormat floatFormat(const ColumnView& column, const Bounds& bounds, int power, bool hasKeys, Context context) {
  ExponentRange range{bounds.lowExponent, bounds.highExponent, bounds.hasSpecials};
  const bool known = bounds.hasExponents && range.low <= range.high;
  if (!known) range = hasKeys ? exponentRange(column, context) : kAllDoubles;
  const int span = std::max(0, range.high - range.low);
  SumFormat format{.limbs = limbsFor(power * span + bitsOf(column.length) + 1),
                   .lowExponent = power * range.low,
                   .mayHaveSpecials = range.hasSpecials};
  format.bounded = known || hasKeys;
  format.lowOfValues = range.low;
  format.highOfValues = range.high;
  // One limb multiplies by 2^-low, which must be a normal double itself.
  if (format.limbs == 1 && (format.lowExponent < -1023 || format.lowExponent > 1022)) format.limbs = 2;
  return format;
}

/// The places of a dictionary's entries in the order of their bytes.
std::vector<uint32_t> rankEntries(const DictionaryView& dictionary) {
  const auto entry = [&](uint32_t code) {
    return std::pair{dictionary.bytes + dictionary.offsets[code],
                     static_cast<size_t>(dictionary.offsets[code + 1] - dictionary.offsets[code])};
  };
  std::vector<uint32_t> codes(static_cast<size_t>(dictionary.size));
  std::iota(codes.begin(), codes.end(), 0u);
  std::sort(codes.begin(), codes.end(), [&](uint32_t a, uint32_t b) {
    const auto [bytesA, sizeA] = entry(a);
    const auto [bytesB, sizeB] = entry(b);
    const int order = std::memcmp(bytesA, bytesB, std::min(sizeA, sizeB));
    return order != 0 ? order < 0 : sizeA < sizeB;
  });
  std::vector<uint32_t> ranks(codes.size());
  for (size_t rank = 0; rank < codes.size(); ++rank) ranks[codes[rank]] = static_cast<uint32_t>(rank);
  return ranks;
}

class LayoutBuilder {
 public:
  LayoutBuilder(const Plan& plan, const std::vector<ColumnView>& columns, int64_t rowCount, Context context)
      : plan_(plan), columns_(columns), rowCount_(rowCount), context_(context) {}

  Layout build() {
    for (size_t i = 0; i < plan_.monoids.size(); ++i) {
      const Monoid& monoid = plan_.monoids[i];
      const FoldSpec spec = plan_.phase == Phase::Final ? finalSpec(monoid, i) : inputSpec(monoid);
      layout_.foldOf.push_back(foldOf(spec));
      const bool counts = monoid.kind == MonoidKind::Count || monoid.kind == MonoidKind::CountValues;
      const bool nullable = spec.slot >= 0 && layout_.slots[static_cast<size_t>(spec.slot)].nullable();
      const bool asks = nullable && !counts && spec.kind != FoldSpec::Kind::Pick;
      layout_.presenceOf.push_back(asks ? foldOf({.slot = spec.slot}) : -1);
    }
    return std::move(layout_);
  }

 private:
  FoldSpec inputSpec(const Monoid& monoid) {
    switch (monoid.kind) {
      case MonoidKind::Count:
        return {};
      case MonoidKind::CountValues:
        return countSpec(monoid.column);
      case MonoidKind::Sum:
        return sumSpec(monoid);
      default:
        return selectSpec(monoid, monoid.column);
    }
  }

  // States of a phase partial stand behind the keys, in the order of the monoids. Counts of them are their sums.
  FoldSpec finalSpec(const Monoid& monoid, size_t index) {
    const int column = static_cast<int>(plan_.keys.size() + index);
    const ColumnView& state = columns_[static_cast<size_t>(column)];
    switch (monoid.kind) {
      case MonoidKind::Count:
      case MonoidKind::CountValues:
        return {.kind = FoldSpec::Kind::IntegerSum, .slot = slotOf(column, true), .storage = Storage::I64};
      case MonoidKind::Sum:
        return {.kind = FoldSpec::Kind::WordsSum,
                .slot = slotOf(column, true),
                .storage = Storage::Words,
                .width = state.width,
                .format = {.limbs = limbsFor(32 * (state.width - 1)),
                           .lowExponent = monoid.window.lowExponent,
                           .mayHaveSpecials = true}};
      default:
        return selectSpec(monoid, column);
    }
  }

  FoldSpec countSpec(int column) {
    const int slot = slotOf(column, false);
    // Without nulls, values are rows: one fold serves both.
    return {.slot = layout_.slots[static_cast<size_t>(slot)].nullable() ? slot : -1};
  }

  FoldSpec selectSpec(const Monoid& monoid, int column) {
    const bool upper =
        monoid.kind == MonoidKind::Max || monoid.kind == MonoidKind::Last || monoid.kind == MonoidKind::Any;
    if (monoid.kind == MonoidKind::First || monoid.kind == MonoidKind::Last) {
      const int slot = slotOf(column, false);
      const bool all = monoid.keepNulls || !layout_.slots[static_cast<size_t>(slot)].nullable();
      return {.kind = FoldSpec::Kind::Pick, .slot = all ? -1 : slot, .upper = upper};
    }
    const Storage storage = columns_[static_cast<size_t>(column)].storage;
    return {.kind = FoldSpec::Kind::Extreme, .slot = slotOf(column, true), .upper = upper, .storage = storage};
  }

  FoldSpec sumSpec(const Monoid& monoid) {
    const ColumnView& column = columns_[static_cast<size_t>(monoid.column)];
    const Bounds& bounds = plan_.bounds[static_cast<size_t>(monoid.column)];
    FoldSpec spec{.slot = slotOf(monoid.column, true), .power = monoid.power, .storage = column.storage};
    if (!isFloatStorage(column.storage)) {
      spec.kind = FoldSpec::Kind::IntegerSum;
      spec.format = integerFormat(column.storage, bounds, monoid.power, rowCount_);
      return spec;
    }
    spec.kind = FoldSpec::Kind::FloatSum;
    if (monoid.window.limbs > 0) {
      const int low = monoid.window.lowExponent;
      spec.format = {
          .limbs = limbsFor(32 * monoid.window.limbs), .lowExponent = low, .mayHaveSpecials = bounds.hasSpecials};
      if (spec.format.limbs == 1 && (low < -1023 || low > 1022)) spec.format.limbs = 2;
    } else {
      spec.format = floatFormat(column, bounds, monoid.power, !plan_.keys.empty(), context_);
    }
    return spec;
  }

  int slotOf(int column, bool needsValues) {
    const ColumnView* view = &columns_[static_cast<size_t>(column)];
    size_t index = 0;
    while (index < layout_.slots.size() && layout_.slots[index].column != view) index += 1;
    if (index == layout_.slots.size()) layout_.slots.emplace_back().column = view;
    Slot& slot = layout_.slots[index];
    if (needsValues && !slot.needsValues) provideValues(slot);
    return static_cast<int>(index);
  }

  static void provideValues(Slot& slot) {
    const ColumnView& column = *slot.column;
    slot.needsValues = true;
    slot.valueBytes = static_cast<size_t>(storageBytes(column.storage));
    if (column.storage == Storage::Bool) slot.valueBytes = 1;
    if (column.storage == Storage::Words) slot.valueBytes = static_cast<size_t>(column.width) * 4;
    if (column.storage == Storage::Dictionary) slot.ranks = rankEntries(column.dictionary);
    if (slot.valueBytes == 0) throw KernelError("NOT_SUPPORTED", "aggregate: plain strings have no order of codes");
  }

  int foldOf(const FoldSpec& spec) {
    for (size_t i = 0; i < layout_.specs.size(); ++i) {
      const FoldSpec& known = layout_.specs[i];
      if (known.kind == spec.kind && known.slot == spec.slot && known.upper == spec.upper &&
          known.power == spec.power) {
        return static_cast<int>(i);
      }
    }
    layout_.specs.push_back(spec);
    return static_cast<int>(layout_.specs.size()) - 1;
  }

  const Plan& plan_;
  const std::vector<ColumnView>& columns_;
  const int64_t rowCount_;
  const Context context_;
  Layout layout_;
};

std::unique_ptr<Fold> makeFold(const FoldSpec& spec) {
  switch (spec.kind) {
    case FoldSpec::Kind::Count:
      return std::make_unique<CountFold>(spec.slot);
    case FoldSpec::Kind::Pick:
      return std::make_unique<PickFold>(spec.slot, spec.upper);
    case FoldSpec::Kind::Extreme:
      return makeExtremeFold(spec.storage, spec.slot, spec.upper);
    case FoldSpec::Kind::IntegerSum:
      return makeIntegerSum(spec.storage, spec.slot, spec.power, spec.format);
    case FoldSpec::Kind::FloatSum:
      return makeFloatSum(spec.storage, spec.slot, spec.power, spec.format);
    case FoldSpec::Kind::WordsSum:
      return makeWordsSum(spec.width, spec.slot, spec.format);
  }
  throw KernelError("NOT_SUPPORTED", "aggregate: unknown fold");
}

}  // namespace

std::vector<std::unique_ptr<Fold>> Layout::makeFolds() const {
  std::vector<std::unique_ptr<Fold>> folds;
  folds.reserve(specs.size());
  for (const FoldSpec& spec : specs) folds.push_back(makeFold(spec));
  return folds;
}

size_t Layout::bytesPerGroup() const {
  size_t bytes = sizeof(uint32_t);
  for (const FoldSpec& spec : specs) {
    switch (spec.kind) {
      case FoldSpec::Kind::Count:
      case FoldSpec::Kind::Pick:
        bytes += 4;
        break;
      case FoldSpec::Kind::Extreme:
        bytes += 8;
        break;
      default:
        bytes += static_cast<size_t>(spec.format.limbs) * 8;
    }
  }
  return bytes;
}

Layout makeLayout(const Plan& plan, const std::vector<ColumnView>& columns, int64_t rowCount, Context context) {
  return LayoutBuilder(plan, columns, rowCount, context).build();
}

}  // namespace gdf::aggregate

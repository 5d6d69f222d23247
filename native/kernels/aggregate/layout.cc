#include "kernels/aggregate/layout.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <numeric>
#include <optional>

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

/// One group can afford a window for all doubles, which needs no pass over the column.
constexpr ExponentRange kAllDoubles{-1074, 1024, true};

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
        return countSpec(monoid.column, monoid.other);
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

  FoldSpec countSpec(int column, int beside) {
    const int slot = slotOf(column, false, beside);
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
    FoldSpec spec{.slot = slotOf(monoid.column, true, monoid.other), .power = monoid.power, .storage = column.storage};
    bool isFloat = isFloatStorage(column.storage);
    if (monoid.otherPower > 0) {
      spec.otherSlot = slotOf(monoid.other, true, monoid.column);
      spec.otherStorage = columns_[static_cast<size_t>(monoid.other)].storage;
      isFloat = isFloat || isFloatStorage(spec.otherStorage);
    }
    spec.kind = isFloat ? FoldSpec::Kind::FloatSum : FoldSpec::Kind::IntegerSum;
    if (monoid.power > 2 || monoid.otherPower > 0) spec.kind = FoldSpec::Kind::ProductSum;
    spec.format = formatOf(monoid, isFloat);
    return spec;
  }

  SumFormat formatOf(const Monoid& monoid, bool isFloat) {
    SumFormat format;
    if (isFloat && monoid.window.limbs > 0) {
      const bool specials = mayHaveSpecials(monoid.column) || (monoid.otherPower > 0 && mayHaveSpecials(monoid.other));
      format = {.limbs = limbsFor(32 * monoid.window.limbs),
                .lowExponent = monoid.window.lowExponent,
                .mayHaveSpecials = specials};
    } else {
      const FactorRange& x = rangeOf(monoid.column);
      int bits = monoid.power * x.span() + bitsOf(rowCount_) + 1;
      format = {.lowExponent = monoid.power * x.range.low,
                .mayHaveSpecials = x.range.hasSpecials,
                .bounded = x.bounded,
                .lowOfValues = x.range.low,
                .highOfValues = x.range.high};
      if (monoid.otherPower > 0) {
        const FactorRange& y = rangeOf(monoid.other);
        bits += y.span();
        format.lowExponent += y.range.low;
        format.mayHaveSpecials = format.mayHaveSpecials || y.range.hasSpecials;
      }
      format.limbs = limbsFor(bits);
    }
    // One limb of floats multiplies by 2^-low, which must be a normal double itself.
    const bool scalable = format.lowExponent >= -1023 && format.lowExponent <= 1022;
    if (isFloat && format.limbs == 1 && !scalable) format.limbs = 2;
    return format;
  }

  bool mayHaveSpecials(int column) const {
    return isFloatStorage(columns_[static_cast<size_t>(column)].storage) &&
           plan_.bounds[static_cast<size_t>(column)].hasSpecials;
  }

  /// What a column's values are multiples of and less than, and whether that is known of them and not only of doubles.
  struct FactorRange {
    ExponentRange range;
    bool bounded;
    int span() const { return std::max(0, range.high - range.low); }
  };

  const FactorRange& rangeOf(int column) {
    auto& known = ranges_[column];
    if (!known) known = findRange(column);
    return *known;
  }

  FactorRange findRange(int column) const {
    const ColumnView& view = columns_[static_cast<size_t>(column)];
    const Bounds& bounds = plan_.bounds[static_cast<size_t>(column)];
    if (!isFloatStorage(view.storage)) return {{0, magnitudeBits(view.storage, bounds), false}, true};
    const ExponentRange stated{bounds.lowExponent, bounds.highExponent, bounds.hasSpecials};
    if (bounds.hasExponents && stated.low <= stated.high) return {stated, true};
    if (plan_.keys.empty()) return {kAllDoubles, false};
    return {exponentRange(view, context_), true};
  }

  int slotOf(int column, bool needsValues, int other = -1) {
    const ColumnView* view = &columns_[static_cast<size_t>(column)];
    const ColumnView* beside = other < 0 ? nullptr : &columns_[static_cast<size_t>(other)];
    if (beside != nullptr && !Slot::hasNulls(*beside)) beside = nullptr;
    const auto isSame = [&](const Slot& slot) { return slot.column == view && slot.beside == beside; };
    const auto found = std::ranges::find_if(layout_.slots, isSame);
    const auto index = static_cast<size_t>(found - layout_.slots.begin());
    if (index == layout_.slots.size()) {
      Slot& added = layout_.slots.emplace_back();
      added.column = view;
      added.beside = beside;
    }
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
          known.power == spec.power && known.otherSlot == spec.otherSlot) {
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
  std::map<int, std::optional<FactorRange>> ranges_;  // by column
  Layout layout_;
};

std::unique_ptr<Fold> makeFold(const FoldSpec& spec) {
  switch (spec.kind) {
    case FoldSpec::Kind::Count:
      return std::make_unique<CountFold>(spec.slot);
    case FoldSpec::Kind::Pick:
      return std::make_unique<PickFold>(spec.slot, spec.upper);
    case FoldSpec::Kind::Extreme:
      if (spec.storage == Storage::I128) return makeWideExtreme(spec.slot, spec.upper);
      return makeExtremeFold(spec.storage, spec.slot, spec.upper);
    case FoldSpec::Kind::IntegerSum:
      if (spec.storage == Storage::I128) return makeWideSum(spec.slot, spec.power, spec.format);
      return makeIntegerSum(spec.storage, spec.slot, spec.power, spec.format);
    case FoldSpec::Kind::FloatSum:
      return makeFloatSum(spec.storage, spec.slot, spec.power, spec.format);
    case FoldSpec::Kind::ProductSum:
      return makeProductSum({spec.slot, spec.storage, spec.power}, {spec.otherSlot, spec.otherStorage, 1}, spec.format);
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
        bytes += spec.storage == Storage::I128 ? 16 : 8;
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

// The state columns of monoids: counts, extremes, first and last, and the words of sums.
#include <cstring>

#include "kernels/aggregate/emit.h"
#include "kernels/aggregate/storage_type.h"
#include "kernels/gather/gather.h"

namespace gdf::aggregate {
namespace {

class CountEmitter final : public Emitter {
 public:
  CountEmitter(const EmitContext& context, int fold)
      : fold_(static_cast<size_t>(fold)), output_(Storage::I64, 8, context.groupCount(), false) {}

  void write(const Piece& piece, Finalizer&) override {
    const auto& counts = static_cast<const CountFold&>(*piece.part->folds[fold_]);
    int64_t* values = output_.values<int64_t>();
    piece.forGroups([&](size_t group, uint32_t row) { values[row] = counts.at(group); });
  }
  OwnedColumn finish() override { return output_.finish(); }

 private:
  size_t fold_;
  ColumnOutput output_;
};

/// Counts in phase final: sums of counts.
class CountSumEmitter final : public Emitter {
 public:
  CountSumEmitter(const EmitContext& context, int fold)
      : fold_(static_cast<size_t>(fold)), output_(Storage::I64, 8, context.groupCount(), false) {}

  void write(const Piece& piece, Finalizer&) override {
    const SumState& state = static_cast<const SumFold&>(*piece.part->folds[fold_]).state();
    int64_t* values = output_.values<int64_t>();
    piece.forGroups([&](size_t group, uint32_t row) { values[row] = static_cast<int64_t>(*state.limbsOf(group)); });
  }
  OwnedColumn finish() override { return output_.finish(); }

 private:
  size_t fold_;
  ColumnOutput output_;
};

/// first and last: row numbers, gathered at the end.
class PickEmitter final : public Emitter {
 public:
  PickEmitter(const EmitContext& context, int fold, const ColumnView& column)
      : fold_(static_cast<size_t>(fold)), column_(column), rows_(context.groupCount()), context_(context.context) {}

  void write(const Piece& piece, Finalizer&) override {
    const auto& picks = static_cast<const PickFold&>(*piece.part->folds[fold_]);
    static_assert(PickFold::kNone == kNoRow);
    piece.forGroups([&](size_t group, uint32_t row) { rows_[row] = picks.at(group); });
  }
  OwnedColumn finish() override {
    return gather(column_, {rows_.data(), static_cast<int64_t>(rows_.size()), true}, context_);
  }

 private:
  size_t fold_;
  const ColumnView& column_;
  std::vector<uint32_t> rows_;
  Context context_;
};

class ExtremeEmitter final : public Emitter {
 public:
  ExtremeEmitter(const EmitContext& context, int monoid, const FoldSpec& spec)
      : fold_(static_cast<size_t>(context.layout.foldOf[static_cast<size_t>(monoid)])),
        presence_(context, monoid),
        bytes_(spec.storage == Storage::Bool ? 1 : static_cast<size_t>(storageBytes(spec.storage))),
        output_(spec.storage == Storage::Dictionary ? Storage::U32 : spec.storage, bytes_, context.groupCount(),
                !presence_.always()) {
    // Strings are compared by their places in byte order; the result wants their codes.
    const std::vector<uint32_t>& ranks = context.layout.slots[static_cast<size_t>(spec.slot)].ranks;
    codes_.resize(ranks.size());
    for (size_t code = 0; code < ranks.size(); ++code) codes_[ranks[code]] = static_cast<uint32_t>(code);
  }

  void write(const Piece& piece, Finalizer&) override {
    const auto& extremes = static_cast<const ExtremeFold&>(*piece.part->folds[fold_]);
    uint8_t* values = output_.bytes();
    piece.forGroups([&](size_t group, uint32_t row) {
      uint64_t bits[2] = {0, 0};
      if (presence_.of(*piece.part, group)) {
        bits[0] = extremes.bitsOf(group);
        bits[1] = extremes.highBitsOf(group);
        if (!codes_.empty()) bits[0] = codes_[bits[0]];
      } else {
        output_.setNull(row);
      }
      std::memcpy(values + row * bytes_, bits, bytes_);
    });
  }
  OwnedColumn finish() override { return output_.finish(); }

 private:
  size_t fold_;
  Presence presence_;
  size_t bytes_;
  ColumnOutput output_;
  std::vector<uint32_t> codes_;  // by rank
};

/// The words of an exact sum, moved from this aggregate's format to the window of the plan.
class SumStateEmitter final : public Emitter {
 public:
  SumStateEmitter(const EmitContext& context, int monoid, Window window)
      : fold_(static_cast<size_t>(context.layout.foldOf[static_cast<size_t>(monoid)])),
        presence_(context, monoid),
        window_(window),
        output_(Storage::Words, static_cast<size_t>(window.limbs + 1) * 4, context.groupCount(), !presence_.always()) {}

  void write(const Piece& piece, Finalizer&) override {
    const SumState& state = static_cast<const SumFold&>(*piece.part->folds[fold_]).state();
    const int shift = state.format().lowExponent - window_.lowExponent;
    piece.forGroups([&](size_t group, uint32_t row) {
      uint32_t* words = output_.values<uint32_t>() + static_cast<size_t>(row) * static_cast<size_t>(window_.limbs + 1);
      words[0] = state.flagsOf(group);
      for (int i = 0; i < window_.limbs; ++i) words[i + 1] = bitsAt(state, group, 32 * i - shift);
      if (!presence_.of(*piece.part, group)) output_.setNull(row);
    });
  }
  OwnedColumn finish() override { return output_.finish(window_.limbs + 1); }

 private:
  /// 32 bits from `from` of the sign-extended sum; zeros below bit 0.
  static uint32_t bitsAt(const SumState& state, size_t group, int from) {
    const uint64_t* limbs = state.limbsOf(group);
    const int count = state.limbs();
    const uint64_t sign = (limbs[count - 1] >> 63) != 0 ? ~uint64_t{0} : 0;
    const auto limb = [&](int i) { return i < 0 ? 0 : i < count ? limbs[i] : sign; };
    const int word = from >> 6;  // rounds down, also below zero
    const int bit = from & 63;
    const uint64_t bits = bit == 0 ? limb(word) : limb(word) >> bit | limb(word + 1) << (64 - bit);
    return static_cast<uint32_t>(bits);
  }

  size_t fold_;
  Presence presence_;
  Window window_;
  ColumnOutput output_;
};

}  // namespace

std::unique_ptr<Emitter> emitState(const EmitContext& context, int monoid) {
  const Monoid& described = context.plan.monoids[static_cast<size_t>(monoid)];
  const int fold = context.layout.foldOf[static_cast<size_t>(monoid)];
  const FoldSpec& spec = context.layout.specs[static_cast<size_t>(fold)];
  const bool isFinal = context.plan.phase == Phase::Final;
  switch (spec.kind) {
    case FoldSpec::Kind::Count:
      return std::make_unique<CountEmitter>(context, fold);
    case FoldSpec::Kind::Pick: {
      const size_t column =
          isFinal ? context.plan.keys.size() + static_cast<size_t>(monoid) : static_cast<size_t>(described.column);
      return std::make_unique<PickEmitter>(context, fold, context.columns[column]);
    }
    case FoldSpec::Kind::Extreme:
      return std::make_unique<ExtremeEmitter>(context, monoid, spec);
    default:
      if (described.kind != MonoidKind::Sum) return std::make_unique<CountSumEmitter>(context, fold);
      return std::make_unique<SumStateEmitter>(context, monoid, described.window);
  }
}

}  // namespace gdf::aggregate

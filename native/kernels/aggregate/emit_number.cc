// The calls sum, mean and ratio.
#include <algorithm>
#include <cstring>
#include <mutex>
#include <string>

#include "core/int128.h"
#include "kernels/aggregate/emit.h"
#include "kernels/aggregate/storage_type.h"

namespace gdf::aggregate {
namespace {

/// What a call knows of one of its monoids.
struct SumView {
  SumView(const EmitContext& context, int monoid)
      : fold(static_cast<size_t>(context.layout.foldOf[static_cast<size_t>(monoid)])), presence(context, monoid) {}
  const SumState& of(const Part& part) const { return static_cast<const SumFold&>(*part.folds[fold]).state(); }
  size_t fold;
  Presence presence;
};

std::string toDecimal(const uint64_t* limbs, int count) {
  constexpr uint64_t kDigits = 10'000'000'000'000'000'000u;  // 19 digits at a time
  Natural rest;
  const bool negative = rest.setMagnitude(limbs, count);
  std::string text;
  while (!rest.isZero()) {
    std::string digits = std::to_string(rest.takeRemainder(kDigits));
    if (!rest.isZero()) digits.insert(0, 19 - digits.size(), '0');
    text.insert(0, digits);
  }
  return negative ? "-" + text : text;
}

/// A count: of rows here, of the counts of partitions in phase final.
class CountView {
 public:
  CountView(const EmitContext& context, int monoid)
      : fold_(static_cast<size_t>(context.layout.foldOf[static_cast<size_t>(monoid)])),
        isSum_(context.layout.specs[fold_].kind == FoldSpec::Kind::IntegerSum) {}
  uint64_t of(const Part& part, size_t group) const {
    const Fold& fold = *part.folds[fold_];
    return isSum_ ? *static_cast<const SumFold&>(fold).state().limbsOf(group)
                  : static_cast<const CountFold&>(fold).at(group);
  }

 private:
  size_t fold_;
  bool isSum_;
};

/// The overflow of the first group, by its place in the result.
class FirstOverflow {
 public:
  void note(uint32_t row, const uint64_t* limbs, int count) {
    std::lock_guard lock(mutex_);
    if (row >= row_) return;
    row_ = row;
    total_ = toDecimal(limbs, count);
  }
  void raise(const Placement& placement, int site) const {
    if (row_ == kNoPosition) return;
    // The message is the sum: the JavaScript side knows how the call is written.
    KernelError error("INTEGER_OVERFLOW", total_);
    error.row = placement.order[row_];
    error.site = site;
    throw error;
  }

 private:
  std::mutex mutex_;
  uint32_t row_ = kNoPosition;
  std::string total_;
};

class IntegerSumEmitter final : public Emitter {
 public:
  IntegerSumEmitter(const EmitContext& context, const Call& call, int site)
      : sum_(context, call.monoid),
        unsigned_(isUnsignedStorage(call.storage)),
        site_(site),
        placement_(context.placement),
        output_(call.storage, 8, context.groupCount(), !sum_.presence.always()) {}

  void write(const Piece& piece, Finalizer&) override {
    const SumState& state = sum_.of(*piece.part);
    uint64_t* values = output_.values<uint64_t>();
    piece.forGroups([&](size_t group, uint32_t row) {
      const uint64_t* limbs = state.limbsOf(group);
      values[row] = limbs[0];
      if (!sum_.presence.of(*piece.part, group)) {
        output_.setNull(row);
      } else if (!fits(limbs, state.limbs())) {
        overflow_.note(row, limbs, state.limbs());
      }
    });
  }

  OwnedColumn finish() override {
    overflow_.raise(placement_, site_);
    return output_.finish();
  }

 private:
  bool fits(const uint64_t* limbs, int count) const {
    // A limb that holds the whole sum of an unsigned column has its sign bit clear: its format counted that bit.
    const uint64_t above = !unsigned_ && (limbs[0] >> 63) != 0 ? ~uint64_t{0} : 0;
    for (int i = 1; i < count; ++i) {
      if (limbs[i] != above) return false;
    }
    return true;
  }

  SumView sum_;
  bool unsigned_;
  int site_;
  const Placement& placement_;
  ColumnOutput output_;
  FirstOverflow overflow_;
};

/// decimal(38, s): all sums of at most 38 digits fit.
class WideSumEmitter final : public Emitter {
 public:
  WideSumEmitter(const EmitContext& context, const Call& call, int site)
      : sum_(context, call.monoid),
        site_(site),
        placement_(context.placement),
        output_(call.storage, 16, context.groupCount(), !sum_.presence.always()) {}

  void write(const Piece& piece, Finalizer&) override {
    const SumState& state = sum_.of(*piece.part);
    piece.forGroups([&](size_t group, uint32_t row) {
      const uint64_t* limbs = state.limbsOf(group);
      const int count = state.limbs();
      const uint64_t sign = (limbs[count - 1] >> 63) != 0 ? ~uint64_t{0} : 0;
      const uint64_t value[2] = {limbs[0], count > 1 ? limbs[1] : sign};
      std::memcpy(output_.bytes() + size_t{row} * 16, value, 16);
      if (!sum_.presence.of(*piece.part, group)) {
        output_.setNull(row);
      } else if (!fits(limbs, count, sign, loadInt128(value, 0))) {
        overflow_.note(row, limbs, count);
      }
    });
  }

  OwnedColumn finish() override {
    overflow_.raise(placement_, site_);
    return output_.finish();
  }

 private:
  static bool fits(const uint64_t* limbs, int count, uint64_t sign, int128 value) {
    for (int i = 2; i < count; ++i) {
      if (limbs[i] != sign) return false;
    }
    return (value < 0) == (sign != 0) && magnitude(value) < powerOfTen128(38);
  }

  SumView sum_;
  int site_;
  const Placement& placement_;
  ColumnOutput output_;
  FirstOverflow overflow_;
};

template <class Float>
class FloatSumEmitter final : public Emitter {
 public:
  FloatSumEmitter(const EmitContext& context, const Call& call)
      : sum_(context, call.monoid),
        output_(call.storage, sizeof(Float), context.groupCount(), !sum_.presence.always()) {}

  void write(const Piece& piece, Finalizer& finalizer) override {
    const SumState& state = sum_.of(*piece.part);
    Float* values = output_.values<Float>();
    piece.forGroups([&](size_t group, uint32_t row) {
      values[row] = finalizer.sum<Float>(state, group);
      if (!sum_.presence.of(*piece.part, group)) output_.setNull(row);
    });
  }
  OwnedColumn finish() override { return output_.finish(); }

 private:
  SumView sum_;
  ColumnOutput output_;
};

class MeanEmitter final : public Emitter {
 public:
  MeanEmitter(const EmitContext& context, const Call& call)
      : sum_(context, call.monoid),
        count_(context, call.count),
        scale_(call.scale),
        output_(Storage::F64, 8, context.groupCount(), true) {}

  void write(const Piece& piece, Finalizer& finalizer) override {
    const SumState& state = sum_.of(*piece.part);
    double* values = output_.values<double>();
    piece.forGroups([&](size_t group, uint32_t row) {
      const uint64_t count = count_.of(*piece.part, group);
      values[row] = count == 0 ? 0 : finalizer.mean(state, group, count, scale_);
      if (count == 0) output_.setNull(row);
    });
  }
  OwnedColumn finish() override { return output_.finish(); }

 private:
  SumView sum_;
  CountView count_;
  int scale_;
  ColumnOutput output_;
};

class RatioEmitter final : public Emitter {
 public:
  RatioEmitter(const EmitContext& context, const Call& call)
      : call_(call), count_(context, call.count), output_(Storage::F64, 8, context.groupCount(), true) {
    for (size_t step = 0; step < call.steps.size(); ++step) {
      if (call.steps[step].op != StepOp::State) continue;
      const int monoid = call.steps[step].left;
      const bool isSum = context.plan.monoids[static_cast<size_t>(monoid)].kind == MonoidKind::Sum;
      if (isSum) {
        sums_.push_back({step, SumView(context, monoid)});
      } else {
        counts_.push_back({step, CountView(context, monoid)});
      }
    }
  }

  void write(const Piece& piece, Finalizer& finalizer) override {
    const Part& part = *piece.part;
    double* values = output_.values<double>();
    finalizer.ratio.start(call_);
    piece.forGroups([&](size_t group, uint32_t row) {
      values[row] = 0;
      if (count_.of(part, group) < static_cast<uint64_t>(call_.least)) {
        output_.setNull(row);
        return;
      }
      values[row] = hasFlags(part, group) ? kQuietNaN : ratioOf(part, group, finalizer.ratio);
    });
  }
  OwnedColumn finish() override { return output_.finish(); }

 private:
  bool hasFlags(const Part& part, size_t group) const {
    return std::ranges::any_of(sums_, [&](const auto& sum) { return sum.view.of(part).flagsOf(group) != 0; });
  }
  double ratioOf(const Part& part, size_t group, ExactRatio& ratio) const {
    for (const auto& sum : sums_) ratio.setSum(sum.step, sum.view.of(part), group);
    for (const auto& count : counts_) ratio.setCount(count.step, count.view.of(part, group));
    return ratio.finish(call_);
  }

  template <class View>
  struct StateStep {
    size_t step;
    View view;
  };
  const Call& call_;
  CountView count_;
  std::vector<StateStep<SumView>> sums_;
  std::vector<StateStep<CountView>> counts_;
  ColumnOutput output_;
};

}  // namespace

std::unique_ptr<Emitter> emitNumber(const EmitContext& context, const Call& call, int site) {
  switch (call.kind) {
    case CallKind::Mean:
      return std::make_unique<MeanEmitter>(context, call);
    case CallKind::Ratio:
      return std::make_unique<RatioEmitter>(context, call);
    default:
      if (call.storage == Storage::F64) return std::make_unique<FloatSumEmitter<double>>(context, call);
      if (call.storage == Storage::F32) return std::make_unique<FloatSumEmitter<float>>(context, call);
      if (call.storage == Storage::I128) return std::make_unique<WideSumEmitter>(context, call, site);
      return std::make_unique<IntegerSumEmitter>(context, call, site);
  }
}

}  // namespace gdf::aggregate

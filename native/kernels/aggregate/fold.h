// A fold: one monoid's accumulators over the groups of one thread or partition. Folds of the same spec merge; the
// result does not depend on which rows went to which of them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/pooled.h"
#include "kernels/aggregate/chunk.h"
#include "kernels/aggregate/sum_state.h"

namespace gdf::aggregate {

class Fold {
 public:
  virtual ~Fold() = default;
  /// Makes room for groups [0, groups); new ones hold the identity.
  virtual void resize(size_t groups) = 0;
  virtual void add(const Chunk& chunk) = 0;
  /// After the last chunk without groups, before it is merged: what was kept apart enters the accumulators.
  virtual void settle() {}
  /// Folds groups [1, groups) of `other`, which has the same spec, into groups map[g] of this one.
  virtual void merge(const Fold& other, const uint32_t* map, size_t groups) = 0;
};

/// Number of rows that count. `slot` -1: all rows, otherwise those whose value is not null.
class CountFold final : public Fold {
 public:
  explicit CountFold(int slot) : slot_(slot) {}
  void resize(size_t groups) override { counts_.resize(groups, 0); }
  void add(const Chunk& chunk) override;
  void merge(const Fold& other, const uint32_t* map, size_t groups) override;
  uint32_t at(size_t group) const { return counts_[group]; }

 private:
  int slot_;
  Pooled<uint32_t> counts_;
};

/// The lowest or highest row number that counts.
class PickFold final : public Fold {
 public:
  static constexpr uint32_t kNone = 0xffffffffu;
  PickFold(int slot, bool last) : slot_(slot), last_(last) {}
  void resize(size_t groups) override { rows_.resize(groups, kNone); }
  void add(const Chunk& chunk) override;
  void merge(const Fold& other, const uint32_t* map, size_t groups) override;
  uint32_t at(size_t group) const { return rows_[group]; }

 private:
  void addAll(const Chunk& chunk, const uint8_t* valid);

  int slot_;
  bool last_;
  Pooled<uint32_t> rows_;
};

/// Minimum or maximum. The accumulator holds order-preserving integers (order.h) of the given storage.
class ExtremeFold : public Fold {
 public:
  /// The extreme of `group`, which must have had a row, as the bits of its storage.
  virtual uint64_t bitsOf(size_t group) const = 0;
  /// The upper 64 bits of a 128-bit value.
  virtual uint64_t highBitsOf(size_t) const { return 0; }
};
std::unique_ptr<ExtremeFold> makeExtremeFold(Storage storage, int slot, bool max);

/// An exact sum.
class SumFold : public Fold {
 public:
  explicit SumFold(const SumFormat& format) : state_(format) {}
  void resize(size_t groups) override { state_.resize(groups); }
  void merge(const Fold& other, const uint32_t* map, size_t groups) override;
  const SumState& state() const { return state_; }

 protected:
  SumState state_;
};
std::unique_ptr<SumFold> makeIntegerSum(Storage storage, int slot, int power, const SumFormat& format);
/// Of 128-bit columns.
std::unique_ptr<SumFold> makeWideSum(int slot, int power, const SumFormat& format);
std::unique_ptr<ExtremeFold> makeWideExtreme(int slot, bool max);
std::unique_ptr<SumFold> makeFloatSum(Storage storage, int slot, int power, const SumFormat& format);

/// A column that a product multiplies, and how often. `slot` -1: none.
struct Factor {
  int slot;
  Storage storage;
  int power;
};
/// Sums of x^3, x^4 and x * y. The slots of both factors have the same nulls.
std::unique_ptr<SumFold> makeProductSum(const Factor& first, const Factor& second, const SumFormat& format);
/// The same where a factor has 128 bits.
std::unique_ptr<SumFold> makeWideProduct(const Factor& first, const Factor& second, const SumFormat& format);
/// Adds the states that a phase partial made: `width` u32 words a row.
std::unique_ptr<SumFold> makeWordsSum(int width, int slot, const SumFormat& format);

}  // namespace gdf::aggregate

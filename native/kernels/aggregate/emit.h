// Output columns: every call (or, in phase partial, every state) is written group by group into its place in the order
// of the result.
#pragma once

#include <memory>
#include <vector>

#include "core/pooled.h"
#include "kernels/aggregate/finalize.h"
#include "kernels/aggregate/grouping.h"
#include "kernels/aggregate/positions.h"

namespace gdf::aggregate {

/// A run of groups of one part, and where they go.
struct Piece {
  const Part* part;
  const Pooled<uint32_t>* positions;
  size_t begin;
  size_t end;

  /// body(group, position) for the groups of the result.
  template <class Body>
  void forGroups(const Body& body) const {
    for (size_t group = begin; group < end; ++group) {
      if ((*positions)[group] != kNoPosition) body(group, (*positions)[group]);
    }
  }
};

/// One output column. `write` is called for pieces in parallel, then `finish` once.
class Emitter {
 public:
  virtual ~Emitter() = default;
  virtual void write(const Piece& piece, Finalizer& finalizer) = 0;
  virtual OwnedColumn finish() = 0;
};

struct EmitContext {
  const Plan& plan;
  const std::vector<ColumnView>& columns;
  const Layout& layout;
  const Placement& placement;
  bool hasRows;  // whether a group without keys has any row
  Context context;

  size_t groupCount() const { return placement.order.size(); }
};

/// The state of a monoid as the value of a call, or as a column of phase partial.
std::unique_ptr<Emitter> emitState(const EmitContext& context, int monoid);
/// Calls sum, mean and ratio. `site` is the call's number, for errors.
std::unique_ptr<Emitter> emitNumber(const EmitContext& context, const Call& call, int site);

/// Runs the emitters over all groups.
std::vector<OwnedColumn> emitAll(const EmitContext& context, const Grouping& grouping,
                                 const std::vector<std::unique_ptr<Emitter>>& emitters);

/// Where a group has a value of a monoid.
class Presence {
 public:
  Presence(const EmitContext& context, int monoid)
      : fold_(context.layout.presenceOf[static_cast<size_t>(monoid)]), hasRows_(context.hasRows) {}
  bool always() const { return fold_ < 0 && hasRows_; }
  bool of(const Part& part, size_t group) const {
    if (fold_ < 0) return hasRows_;
    return static_cast<const CountFold&>(*part.folds[static_cast<size_t>(fold_)]).at(group) > 0;
  }

 private:
  int fold_;
  bool hasRows_;
};

/// Floats as a group shows them: one NaN, +0 for either zero. Other columns stay as they are.
void canonicalise(OwnedColumn& column);

/// Fixed-width values and their nulls. Neighbouring rows may be written by different threads: nulls are bytes first.
class ColumnOutput {
 public:
  ColumnOutput(Storage storage, size_t valueBytes, size_t rows, bool nullable);
  template <class T>
  T* values() {
    return values_->as<T>();
  }
  uint8_t* bytes() { return values_->data(); }
  void setNull(size_t row) { valid_->data()[row] = 0; }
  /// `width`: u32 words a row, of storage Words. Bool values, bytes until now, become a bitmap.
  OwnedColumn finish(int width = 0);

 private:
  Storage storage_;
  size_t rows_;
  BufferPtr values_;
  BufferPtr valid_;  // a byte a row; empty: no nulls
};

}  // namespace gdf::aggregate

// What an aggregate has to fold: which columns it reads, and which folds serve its monoids.
#pragma once

#include <memory>
#include <vector>

#include "core/thread_pool.h"
#include "kernels/aggregate/fold.h"
#include "kernels/aggregate/plan.h"

namespace gdf::aggregate {

/// A column that folds read.
struct Slot {
  const ColumnView* column = nullptr;
  const ColumnView* beside = nullptr;  // its nulls count as nulls of the column; null: none
  bool needsValues = false;            // otherwise only its nulls matter
  size_t valueBytes = 0;               // of one value as folds see it; bool is a byte, strings are ranks
  std::vector<uint32_t> ranks;         // strings: dictionary code -> place in byte order

  bool nullable() const { return beside != nullptr || hasNulls(*column); }
  static bool hasNulls(const ColumnView& view) { return view.validity != nullptr && view.nullCount != 0; }
};

struct FoldSpec {
  enum class Kind : uint8_t { Count, Pick, Extreme, IntegerSum, FloatSum, ProductSum, WordsSum };
  Kind kind = Kind::Count;
  int slot = -1;
  bool upper = false;  // Extreme: max; Pick: last
  int power = 1;
  int otherSlot = -1;  // ProductSum: the second factor; -1: none
  Storage otherStorage = Storage::U8;
  Storage storage = Storage::U8;
  int width = 0;
  SumFormat format;
};

struct Layout {
  std::vector<Slot> slots;
  std::vector<FoldSpec> specs;
  std::vector<int> foldOf;      // by monoid
  std::vector<int> presenceOf;  // by monoid: the count fold that says whether a value came; -1: wherever a row came

  std::vector<std::unique_ptr<Fold>> makeFolds() const;
  /// Bytes of accumulators a group needs.
  size_t bytesPerGroup() const;
};

/// Reads the columns once where a float sum's bounds are not known.
Layout makeLayout(const Plan& plan, const std::vector<ColumnView>& columns, int64_t rowCount, Context context);

}  // namespace gdf::aggregate

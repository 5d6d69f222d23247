// Where outputs go. Values of 4 and 8 bytes are written into the result by the instruction that makes them: before each
// vector, the slot is aimed there ("direct"). Bool values and validity are packed into bitmaps, narrow values narrowed.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "core/bitmap.h"
#include "core/column.h"
#include "kernels/evaluate/kernels.h"

namespace gdf::evaluate {

class OutputSet {
 public:
  OutputSet(const Program& program, int64_t rowCount);
  /// Tells the frame which slots must not alias a column. After the predicate has run.
  void markDirect(Frame& frame) const;
  std::vector<OwnedColumn> take();

 private:
  friend class MorselWriter;
  struct Output {
    OutputSpec spec;
    bool direct = false;
    OwnedColumn column;
    std::unique_ptr<std::atomic<int64_t>> nulls;
  };
  std::vector<Output> outputs_;
};

/// Writes the outputs of one morsel, from row `row` of the result on.
class MorselWriter {
 public:
  MorselWriter(OutputSet& outputs, int64_t row);
  void aim(Frame& frame) const;
  void collect(const Frame& frame);
  void finish();

 private:
  struct Bitmaps {
    BitmapWriter values;
    BitmapWriter validity;
    int64_t nulls = 0;
  };
  std::vector<OutputSet::Output>& outputs_;
  std::vector<Bitmaps> bitmaps_;
  int64_t row_;
};

}  // namespace gdf::evaluate

// Which rows a predicate keeps: a bitmap over the batch, and how many rows each morsel keeps.
#pragma once

#include <vector>

#include "core/buffer.h"
#include "core/morsel.h"
#include "kernels/evaluate/frame.h"

namespace gdf::evaluate {

struct Selection {
  BufferPtr bits;
  std::vector<int64_t> starts;  // morsel m keeps rows [starts[m], starts[m + 1]) of the result
  int64_t count() const { return starts.back(); }
};

/// Runs the predicate over all rows; failures stay in the frames.
Selection selectRows(const Program& program, std::vector<Frame>& frames, int64_t rowCount, Context context);

/// The selection of a program without a predicate: every row.
Selection allRows(int64_t rowCount);

/// Appends base + i for every set bit i. `rows` has room for 64 more numbers; returns the new end.
uint32_t* appendRows(uint64_t bits, uint32_t base, uint32_t* rows);

}  // namespace gdf::evaluate

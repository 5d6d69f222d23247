// Lines and texts of what was wrong: looked up at the end, and only then, since few reads need them.
#pragma once

#include "kernels/csv/input.h"
#include "kernels/csv/read.h"

namespace gdf::csv {

constexpr size_t kMaxRejects = 10000;

/// Fills in lines, and the texts of the faults.
void locate(const ReadOptions& options, const Input& input, ReadResult& result);

}  // namespace gdf::csv

// What the first records of a file say of its columns: readCsv's sample.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/csv/options.h"

namespace gdf::csv {

struct Sampled {
  int64_t records = 0;  // whole ones, comments and empty lines left out
  int64_t end = 0;      // behind the last of them
  /// TextKind of all texts of a column, from records of as many fields as the file has; 0: no text but nulls.
  std::vector<uint8_t> kinds;
};

/// Of the options' only range, whose file lies in memory. `whole`: the file ends with the range.
Sampled sampleColumns(const ReadOptions& options, bool whole);

}  // namespace gdf::csv

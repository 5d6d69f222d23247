// Reading CSV: files to columns. The contract is kernels/csv/README.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/column.h"
#include "core/job.h"
#include "kernels/csv/decode.h"
#include "kernels/csv/options.h"

namespace gdf::csv {

struct ReadResult {
  int64_t rowCount = 0;
  std::vector<OwnedColumn> columns;    // none if there is a fatal fault or a conflict
  std::vector<Statistics> statistics;  // by column
  std::optional<Fault> fatal;          // ends the read
  std::vector<Fault> rejects;          // the first ones
  int64_t rejectCount = 0;
  std::vector<std::string> texts;   // of `rejects`, or of `fatal`
  std::vector<Conflict> conflicts;  // the first of each column, kinds of all
};

ReadResult readCsv(const ReadOptions& options, const Context& context);

/// Ranges of whole records, about `target` bytes each.
std::vector<Range> planRanges(const ReadOptions& options, int64_t target, const Context& context);

}  // namespace gdf::csv

// Reading CSV: files to columns. The contract is kernels/csv/README.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/column.h"
#include "core/thread_pool.h"
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

/// For each of the ascending positions in the options' only range, whose begin starts a record, the last start of a
/// record that is known there: within a chunk of it. -1: nothing behind it can be cut, since a record before it is too
/// long.
std::vector<int64_t> findCuts(const ReadOptions& options, const std::vector<int64_t>& positions,
                              const Context& context);

}  // namespace gdf::csv

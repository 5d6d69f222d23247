// Columns to CSV text. The contract is kernels/csv/README.md, "Writing"; src/io/csv/format.ts gives the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/buffer.h"
#include "core/column.h"
#include "core/thread_pool.h"
#include "kernels/csv/options.h"

namespace gdf::csv {

struct FormatColumn {
  ColumnView view;
  FieldType type = FieldType::String;
  int unitDigits = 6;  // Timestamp, Duration; Decimal: its scale
  bool zone = false;   // Timestamp: write Z
};

struct FormatOptions {
  char delimiter = ',';
  std::string nullValue;
};

/// Text of rows [begin, end), in pieces that follow each other.
std::vector<BufferPtr> formatRows(const std::vector<FormatColumn>& columns, int64_t begin, int64_t end,
                                  const FormatOptions& options, const Context& context);

}  // namespace gdf::csv

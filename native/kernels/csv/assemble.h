// The last step: what the regions of all threads left apart becomes columns.
#pragma once

#include <vector>

#include "core/column.h"
#include "core/thread_pool.h"
#include "kernels/csv/decode.h"

namespace gdf::csv {

/// Closes the gaps that regions with fewer rows than expected left. Afterwards row offsets are final.
void closeGaps(const ReadOptions& options, const Context& context, const std::vector<ColumnTarget>& targets,
               std::vector<RegionResult>& regions);

/// The columns of `rowCount` rows. One lane's dictionary is the column's if the others only know its entries; otherwise
/// all are merged by the row of first appearance.
std::vector<OwnedColumn> assembleColumns(const ReadOptions& options, const Context& context,
                                         std::vector<ColumnTarget>& targets, std::vector<RegionResult>& regions,
                                         std::vector<RegionDecoder>& lanes, int64_t rowCount);

/// Bytes of one value of a column's target.
size_t targetWidth(const ColumnSpec& spec);

}  // namespace gdf::csv

// The first k rows of a sorted order, without sorting the rest.
#pragma once

#include "core/buffer.h"
#include "core/thread_pool.h"
#include "kernels/sort/keys.h"

namespace gdf::sort {

BufferPtr topRows(const NormalizedKeys& keys, int64_t rowCount, int64_t limit, Context context);

}  // namespace gdf::sort

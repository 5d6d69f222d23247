// The order of a dictionary's entries.
#pragma once

#include <cstdint>
#include <vector>

#include "core/column.h"
#include "core/thread_pool.h"

namespace gdf::dictionary {

/// ranks[k]: how many entries are smaller than entry k by bytes. Entries are distinct.
std::vector<uint32_t> ranks(const DictionaryView& dictionary, Context context);

}  // namespace gdf::dictionary

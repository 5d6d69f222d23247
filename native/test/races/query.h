// Kernels as the tests run them: a call over a table of its own, and a digest of its result.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/thread_pool.h"

namespace gdf::races {

struct Query {
  std::string name;
  std::function<uint64_t(Context)> run;
};

/// Of rows: group, sort, join, gather, exchange.
std::vector<Query> rowQueries();
/// Of text: CSV, dictionaries.
std::vector<Query> textQueries();

}  // namespace gdf::races

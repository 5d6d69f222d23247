// How calls run, as JavaScript holds it: an opaque Run, the last argument of every kernel.
#pragma once

#include <napi.h>

#include <memory>

#include "core/cancellation.h"
#include "core/thread_pool.h"

namespace gdf {

/// What a job takes from its Run. To kernels it is a Context.
struct JobContext : Context {
  std::shared_ptr<Cancellation> cancellation;
};

/// Throws where the value is no Run.
JobContext contextOf(const Napi::Value& run);

}  // namespace gdf

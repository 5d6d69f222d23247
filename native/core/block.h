// Memory of results that JavaScript has not looked at: an opaque handle that V8 neither counts nor waits for, so that
// an intermediate result is freed when the engine says so. src/column/block.ts is its other half.
#pragma once

#include <napi.h>

#include <vector>

#include "core/buffer.h"

namespace gdf {

/// Results below are typed arrays at once: a handle costs as much as an array, and there may be thousands.
constexpr size_t kLeastBlock = 4096;

/// A handle that owns the buffer until it is shown or freed; the collector frees what was forgotten.
Napi::Value toBlock(Napi::Env env, const BufferPtr& buffer);

/// The buffer behind a handle. Throws Napi::Error where it was shown or freed.
BufferPtr blockOf(const Napi::Value& handle);

/// As blockOf, for a job: the next one that this thread starts owns the buffer too, so that the block may be freed
/// while it runs. Where arguments are at fault and no job starts, the one after it owns it, for nothing.
const Buffer& readByNextJob(const Napi::Value& handle);
void addReadByNextJob(BufferPtr buffer);
std::vector<BufferPtr> takeReadByNextJob();

}  // namespace gdf

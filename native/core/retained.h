// Memory that is freed and still the process's. malloc keeps freed blocks of up to 32 MiB in the arenas of the threads
// that used them, which is fast, and nothing bounds it: over data of many times a budget of 256 MiB that was 250 MiB.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gdf {

constexpr size_t kNoRetainedLimit = SIZE_MAX;

/// How far memory that is not in buffers may grow before what malloc keeps is given back to the system.
void limitRetained(size_t bytes);
/// Gives it back now, where malloc is glibc's.
void trimRetained();
/// At the end of a job, when its own memory is freed: gives back what is beyond the limit. Linux with glibc only.
void trimGrownRetained();

}  // namespace gdf

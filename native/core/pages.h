// Memory of large buffers, straight from the system, and a few freed runs of it that wait to be used again: their pages
// are there, where fresh ones would fault one by one. malloc keeps freed blocks too, but in arenas, without a bound.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gdf {

#if defined(__SANITIZE_ADDRESS__)
constexpr size_t kLeastPages = SIZE_MAX;  // malloc's, which the sanitizer watches
#else
constexpr size_t kLeastPages = size_t{256} << 10;
#endif

/// At least so many bytes, aligned to 4 KiB or, from two huge pages on, to those. Unspecified content. Null: none left.
uint8_t* takePages(size_t bytes);
/// `bytes` as they were taken.
void givePages(uint8_t* data, size_t bytes);
/// Bytes that wait at most when the next run is given back, of the whole process; the oldest go first.
void limitFreePages(size_t bytes);
/// Bytes that wait now.
size_t freePageBytes();
/// No more than `left` bytes wait any more. A gibibyte takes a tenth of a second.
void trimFreePages(size_t left = 0);

}  // namespace gdf

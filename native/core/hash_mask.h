// The bits of hashes that count: all, except in tests of what happens when they collide.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace gdf {

/// GPUDATAFRAME_TEST_HASH_MASK, read when the module is loaded: with 0 all hashes are equal, and only comparisons of
/// keys tell them apart. Every hash that chooses a slot or a partition is masked with it. A constant of the process, so
/// that a loop keeps it in a register.
inline const uint64_t kHashMask = [] {
  const char* text = std::getenv("GPUDATAFRAME_TEST_HASH_MASK");
  return text == nullptr || *text == '\0' ? ~uint64_t{0} : std::strtoull(text, nullptr, 0);
}();

}  // namespace gdf

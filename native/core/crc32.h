// CRC-32 as in zlib, gzip and PNG: reflected polynomial 0xedb88320, all ones before and after.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gdf {

/// Of the bytes after those whose checksum is `before` (0: of none).
uint32_t crc32(const uint8_t* bytes, size_t length, uint32_t before);

}  // namespace gdf

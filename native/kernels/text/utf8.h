// Code points of valid UTF-8.
#pragma once

#include <cstdint>
#include <vector>

namespace gdf::text {

inline bool isContinuation(uint8_t byte) {
  return (byte & 0xc0) == 0x80;
}

/// Bytes of the code point that begins with `lead`.
inline int64_t sequenceLength(uint8_t lead) {
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

inline uint32_t decodeAt(const uint8_t* bytes) {
  const uint32_t lead = bytes[0];
  if (lead < 0x80) return lead;
  if (lead < 0xe0) return (lead & 0x1f) << 6 | (bytes[1] & 0x3fu);
  if (lead < 0xf0) return (lead & 0x0f) << 12 | (bytes[1] & 0x3fu) << 6 | (bytes[2] & 0x3fu);
  return (lead & 0x07) << 18 | (bytes[1] & 0x3fu) << 12 | (bytes[2] & 0x3fu) << 6 | (bytes[3] & 0x3fu);
}

/// The beginning of the code point that ends before `at`.
inline const uint8_t* previousCodePoint(const uint8_t* at) {
  do --at;
  while (isContinuation(*at));
  return at;
}

inline void appendCodePoint(std::vector<uint8_t>& out, uint32_t codePoint) {
  const auto add = [&](uint32_t byte) { out.push_back(static_cast<uint8_t>(byte)); };
  const auto tail = [&](int shift) { add(0x80 | (codePoint >> shift & 0x3f)); };
  if (codePoint < 0x80) {
    add(codePoint);
  } else if (codePoint < 0x800) {
    add(0xc0 | codePoint >> 6), tail(0);
  } else if (codePoint < 0x10000) {
    add(0xe0 | codePoint >> 12), tail(6), tail(0);
  } else {
    add(0xf0 | codePoint >> 18), tail(12), tail(6), tail(0);
  }
}

inline int64_t countCodePoints(const uint8_t* bytes, int64_t length) {
  int64_t count = 0;
  for (int64_t i = 0; i < length; ++i) count += !isContinuation(bytes[i]);
  return count;
}

}  // namespace gdf::text

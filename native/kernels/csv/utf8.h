// Validation of UTF-8, as in the Unicode standard, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF.
// Distinct values are validated once, when they enter a dictionary, so that speed matters for plain columns only.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/csv/number.h"

namespace gdf::csv {

inline bool isUtf8(const uint8_t* text, size_t length) {
  size_t at = 0;
  while (at < length) {
    if (at + 8 <= length && (load8(text + at) & 0x8080808080808080ull) == 0) {
      at += 8;
      continue;
    }
    const uint8_t lead = text[at];
    if (lead < 0x80) {
      at += 1;
      continue;
    }
    const size_t size = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (size == 0 || at + size > length) return false;
    const uint8_t second = text[at + 1];
    const uint8_t least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const uint8_t most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (second < least || second > most) return false;
    for (size_t i = 2; i < size; ++i) {
      if ((text[at + i] & 0xC0) != 0x80) return false;
    }
    at += size;
  }
  return true;
}

}  // namespace gdf::csv

// Decimals as text.
#pragma once

#include <cstdint>

#include "core/int128.h"

namespace gdf::csv {

/// `[+-]?(D+(.D*)?|.D+)([eE][+-]?D{1,9})?` as an integer of units of 10^-scale. False for other texts, and where a
/// digit would be lost: behind the scale (zeros apart), or beyond the precision.
bool parseDecimal(const uint8_t* begin, const uint8_t* end, int precision, int scale, int128& value);

}  // namespace gdf::csv

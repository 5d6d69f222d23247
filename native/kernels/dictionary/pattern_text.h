// Dates and instants by a pattern, as src/column/pattern_text.ts writes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gdf::dictionary {

/// `value` is days, or units of 10^-fractionDigits seconds. The pattern holds only what the planner lets through.
void appendPattern(std::string& out, int64_t value, bool isDate, int fractionDigits, std::string_view pattern);

}  // namespace gdf::dictionary

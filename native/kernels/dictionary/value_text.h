// The text of a value, as the CSV writer and JavaScript write it.
#pragma once

#include <cstdint>
#include <string>

#include "core/int128.h"

namespace gdf::dictionary {

void appendInteger(std::string& out, int64_t value);
void appendUnsigned(std::string& out, uint64_t value);
/// The shortest digits that read back as the same bits, in JavaScript's notation; ".0" where they look whole.
void appendDouble(std::string& out, double value);
void appendFloat(std::string& out, float value);
/// YYYY-MM-DD; years beyond four digits have a sign and at least six.
void appendDate(std::string& out, int64_t days);
/// YYYY-MM-DDTHH:MM:SS[.fraction], the fraction only where it is not zero, with all digits of the unit.
void appendTimestamp(std::string& out, int64_t value, int fractionDigits);
/// ISO 8601: P1DT2H30M0.5S.
void appendDuration(std::string& out, int64_t value, int fractionDigits);

/// value * 10^-scale with all digits of the scale: 1.50.
void appendDecimal(std::string& out, int128 value, int scale);

}  // namespace gdf::dictionary

// Dates and instants from ISO 8601 text, the grammar of src/column/temporal_text.ts.
#pragma once

#include <cstdint>

namespace gdf::csv {

/// Days since 1970-01-01.
bool parseDate(const uint8_t* begin, const uint8_t* end, int32_t& days);

/// Units of 10^-unitDigits seconds since 1970-01-01T00:00:00Z.
bool parseTimestamp(const uint8_t* begin, const uint8_t* end, int unitDigits, int64_t& units);

/// The same, and the other dates that stand in files: YYYY/MM/DD and DD.MM.YYYY (kernels/csv/README.md).
bool parseFileDate(const uint8_t* begin, const uint8_t* end, int32_t& days);
bool parseFileTimestamp(const uint8_t* begin, const uint8_t* end, int unitDigits, int64_t& units);

/// Units of 10^-unitDigits seconds, of ISO 8601 weeks, days, hours, minutes and seconds; the grammar of
/// src/column/duration_text.ts.
bool parseDuration(const uint8_t* begin, const uint8_t* end, int unitDigits, int64_t& units);

}  // namespace gdf::csv

// Values to text, the notation of src/io/csv/format.ts. All functions write at `to`, which has kMaxValueText bytes of
// room, and return the end.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace gdf::csv {

constexpr size_t kMaxValueText = 64;

template <class T>
char* writeInteger(char* to, T value) {
  return std::to_chars(to, to + kMaxValueText, value).ptr;
}

/// The shortest digits that read back as the same bits, in JavaScript's notation; ".0" behind a whole number, so that
/// it stays a float.
template <class T>
char* writeFloat(char* to, T value);
extern template char* writeFloat<double>(char*, double);
extern template char* writeFloat<float>(char*, float);

/// YYYY-MM-DD; years outside 0..9999 have a sign and at least six digits.
char* writeDate(char* to, int64_t days);

/// YYYY-MM-DDTHH:MM:SS, with all digits of the unit if the fraction is not zero.
char* writeTimestamp(char* to, int64_t units, int unitDigits);

/// ISO 8601: P1DT2H30M0.5S. Zero parts are left out, the fraction has all digits of the unit; nothing is PT0S.
char* writeDuration(char* to, int64_t units, int unitDigits);

}  // namespace gdf::csv

#include "kernels/csv/text.h"

namespace gdf::csv {
namespace {

constexpr int64_t kUnitsPerSecond[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};

char* append(char* to, const char* text, size_t length) {
  std::memcpy(to, text, length);
  return to + length;
}

char* appendZeros(char* to, int count) {
  for (int i = 0; i < count; ++i) *to++ = '0';
  return to;
}

char* writePadded(char* to, int64_t value, int width) {
  for (int64_t power = 1, digits = 1; digits < width; ++digits) {
    power *= 10;
    if (value < power) *to++ = '0';
  }
  return writeInteger(to, value);
}

char* writeTwo(char* to, int64_t value) {
  *to++ = static_cast<char>('0' + value / 10);
  *to++ = static_cast<char>('0' + value % 10);
  return to;
}

int64_t floorDivide(int64_t a, int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

/// ECMAScript's Number::toString for digits d1 d2 ... dk and the value 0.d1d2...dk * 10^point.
char* writeDigits(char* to, const char* digits, int count, int point) {
  if (count <= point && point <= 21) {
    to = appendZeros(append(to, digits, static_cast<size_t>(count)), point - count);
    return append(to, ".0", 2);
  }
  if (0 < point && point <= 21) {
    to = append(to, digits, static_cast<size_t>(point));
    *to++ = '.';
    return append(to, digits + point, static_cast<size_t>(count - point));
  }
  if (-6 < point && point <= 0) {
    to = appendZeros(append(to, "0.", 2), -point);
    return append(to, digits, static_cast<size_t>(count));
  }
  *to++ = digits[0];
  if (count > 1) {
    *to++ = '.';
    to = append(to, digits + 1, static_cast<size_t>(count - 1));
  }
  *to++ = 'e';
  *to++ = point > 0 ? '+' : '-';
  return writeInteger(to, std::abs(point - 1));
}

}  // namespace

template <class T>
char* writeFloat(char* to, T value) {
  if (std::isnan(value)) return append(to, "NaN", 3);
  if (std::signbit(value)) {
    *to++ = '-';
    value = -value;
  }
  if (std::isinf(value)) return append(to, "Infinity", 8);
  if (value == 0) return append(to, "0.0", 3);
  // d[.ddd]e+xx
  char text[kMaxValueText];
  const char* const end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  char digits[32];
  int count = 0;
  const char* at = text;
  for (; *at != 'e'; ++at) {
    if (*at != '.') digits[count++] = *at;
  }
  int exponent = 0;
  std::from_chars(at[1] == '+' ? at + 2 : at + 1, end, exponent);
  return writeDigits(to, digits, count, exponent + 1);
}

template char* writeFloat<double>(char*, double);
template char* writeFloat<float>(char*, float);

/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (civil_from_days).
char* writeDate(char* to, int64_t days) {
  const int64_t shifted = days + 719468;
  const int64_t era = floorDivide(shifted, 146097);
  const int64_t dayOfEra = shifted - era * 146097;
  const int64_t yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const int64_t dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const int64_t shiftedMonth = (5 * dayOfYear + 2) / 153;
  const int64_t day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1;
  const int64_t month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const int64_t year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  if (year >= 0 && year <= 9999) {
    to = writePadded(to, year, 4);
  } else {
    *to++ = year < 0 ? '-' : '+';
    to = writePadded(to, year < 0 ? -year : year, 6);
  }
  *to++ = '-';
  to = writeTwo(to, month);
  *to++ = '-';
  return writeTwo(to, day);
}

char* writeTimestamp(char* to, int64_t units, int unitDigits) {
  const int64_t perSecond = kUnitsPerSecond[unitDigits];
  const int64_t seconds = floorDivide(units, perSecond);
  const int64_t fraction = (units % perSecond + perSecond) % perSecond;
  const int64_t days = floorDivide(seconds, 86400);
  const int64_t inDay = seconds - days * 86400;
  to = writeDate(to, days);
  *to++ = 'T';
  to = writeTwo(to, inDay / 3600);
  *to++ = ':';
  to = writeTwo(to, inDay / 60 % 60);
  *to++ = ':';
  to = writeTwo(to, inDay % 60);
  if (fraction == 0) return to;
  *to++ = '.';
  return writePadded(to, fraction, unitDigits);
}

char* writeDuration(char* to, int64_t units, int unitDigits) {
  const auto perSecond = static_cast<uint64_t>(kUnitsPerSecond[unitDigits]);
  if (units < 0) *to++ = '-';
  const uint64_t magnitude = units < 0 ? 0 - static_cast<uint64_t>(units) : static_cast<uint64_t>(units);
  const uint64_t total = magnitude / perSecond;
  const uint64_t below = magnitude % perSecond;
  const auto part = [&to](uint64_t value, char unit) {
    if (value == 0) return;
    to = writeInteger(to, value);
    *to++ = unit;
  };
  *to++ = 'P';
  part(total / 86400, 'D');
  if (total % 86400 == 0 && below == 0) return magnitude == 0 ? append(to, "T0S", 3) : to;
  *to++ = 'T';
  part(total / 3600 % 24, 'H');
  part(total / 60 % 60, 'M');
  if (below == 0) {
    part(total % 60, 'S');
    return to;
  }
  to = writeInteger(to, total % 60);
  *to++ = '.';
  to = writePadded(to, static_cast<int64_t>(below), unitDigits);
  *to++ = 'S';
  return to;
}

}  // namespace gdf::csv

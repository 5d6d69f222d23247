#include "kernels/dictionary/value_text.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "kernels/csv/text.h"

namespace gdf::dictionary {
namespace {

void appendPadded(std::string& out, uint64_t value, size_t width) {
  char digits[24];
  const char* end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  const auto length = static_cast<size_t>(end - digits);
  if (length < width) out.append(width - length, '0');
  out.append(digits, length);
}

/// JavaScript's notation (ECMA-262, Number::toString) of 0.d1 d2 ... dk * 10^point.
void appendDigits(std::string& out, const std::string& digits, int point) {
  const int count = static_cast<int>(digits.size());
  if (point > 21 || point <= -6) {
    out += digits[0];
    if (count > 1) out.append(1, '.').append(digits, 1);
    out += point > 0 ? "e+" : "e-";
    appendInteger(out, std::abs(point - 1));
  } else if (point <= 0) {
    out.append("0.").append(static_cast<size_t>(-point), '0').append(digits);
  } else if (count <= point) {
    out.append(digits).append(static_cast<size_t>(point - count), '0').append(".0");
  } else {
    out.append(digits, 0, static_cast<size_t>(point)).append(1, '.').append(digits, static_cast<size_t>(point));
  }
}

/// `text` is d[.ddd]e[+-]xx.
void appendScientific(std::string& out, const char* text, const char* end) {
  std::string digits;
  const char* at = text;
  for (; at < end && *at != 'e'; ++at) {
    if (*at != '.') digits += *at;
  }
  int exponent = 0;
  const char* number = at + 1 < end && at[1] == '+' ? at + 2 : at + 1;
  std::from_chars(number, end, exponent);
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
  appendDigits(out, digits, exponent + 1);
}

/// Whether the value is finished: specials, zeros; else its sign is written.
template <class Float>
bool appendSpecial(std::string& out, Float value) {
  if (value != value) {
    out += "NaN";
    return true;
  }
  if (std::signbit(value)) out += '-';
  if (std::isinf(value)) out += "Infinity";
  if (value == 0) out += "0.0";
  return std::isinf(value) || value == 0;
}

int64_t floorDivide(int64_t a, int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}
/// The product of the quotient need not fit.
int64_t floorModulo(int64_t a, int64_t b) {
  return a % b + (a % b < 0 ? b : 0);
}

}  // namespace

void appendInteger(std::string& out, int64_t value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void appendUnsigned(std::string& out, uint64_t value) {
  appendPadded(out, value, 1);
}

void appendDouble(std::string& out, double value) {
  if (appendSpecial(out, value)) return;
  char text[40];
  const char* end = std::to_chars(text, text + sizeof text, std::fabs(value), std::chars_format::scientific).ptr;
  appendScientific(out, text, end);
}

/// The fewest significant digits whose correctly rounded decimal reads back as the float. Not to_chars' shortest form:
/// next to a power of two that one may be a decimal which is not the closest of its length.
void appendFloat(std::string& out, float value) {
  if (appendSpecial(out, value)) return;
  const float magnitude = std::fabs(value);
  char text[40];
  for (int digits = 0; digits < 9; ++digits) {
    const char* end =
        std::to_chars(text, text + sizeof text, static_cast<double>(magnitude), std::chars_format::scientific, digits)
            .ptr;
    float read = 0;
    // JavaScript reads the decimal as a double and rounds that: the same two steps here.
    double wide = 0;
    std::from_chars(text, end, wide);
    read = static_cast<float>(wide);
    if (read == magnitude || digits == 8) return appendScientific(out, text, end);
  }
}

void appendDecimal(std::string& out, int128 value, int scale) {
  char digits[48];
  char* const end = digits + sizeof digits;
  char* at = end;
  // At least one digit before the point.
  uint128 rest = magnitude(value);
  for (int place = 0; rest != 0 || place <= scale; ++place) {
    if (place == scale && scale > 0) *--at = '.';
    *--at = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (value < 0) *--at = '-';
  out.append(at, end);
}

void appendDate(std::string& out, int64_t days) {
  // Howard Hinnant's civil_from_days; years start in March, eras have 400 years.
  const int64_t shifted = days + 719468;
  const int64_t era = floorDivide(shifted, 146097);
  const int64_t dayOfEra = shifted - era * 146097;
  const int64_t yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const int64_t dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const int64_t marchMonth = (5 * dayOfYear + 2) / 153;
  const int64_t day = dayOfYear - (153 * marchMonth + 2) / 5 + 1;
  const int64_t month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const int64_t year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  if (year >= 0 && year <= 9999) {
    appendPadded(out, static_cast<uint64_t>(year), 4);
  } else {
    out += year < 0 ? '-' : '+';
    appendPadded(out, static_cast<uint64_t>(std::abs(year)), 6);
  }
  out += '-';
  appendPadded(out, static_cast<uint64_t>(month), 2);
  out += '-';
  appendPadded(out, static_cast<uint64_t>(day), 2);
}

void appendTimestamp(std::string& out, int64_t value, int fractionDigits) {
  int64_t perSecond = 1;
  for (int i = 0; i < fractionDigits; ++i) perSecond *= 10;
  const int64_t seconds = floorDivide(value, perSecond);
  const int64_t fraction = floorModulo(value, perSecond);
  const int64_t days = floorDivide(seconds, 86400);
  const auto inDay = static_cast<uint64_t>(floorModulo(seconds, 86400));
  appendDate(out, days);
  out += 'T';
  appendPadded(out, inDay / 3600, 2);
  out += ':';
  appendPadded(out, inDay / 60 % 60, 2);
  out += ':';
  appendPadded(out, inDay % 60, 2);
  if (fraction == 0) return;
  out += '.';
  appendPadded(out, static_cast<uint64_t>(fraction), static_cast<size_t>(fractionDigits));
}

void appendDuration(std::string& out, int64_t value, int fractionDigits) {
  char text[csv::kMaxValueText];
  out.append(text, csv::writeDuration(text, value, fractionDigits));
}

}  // namespace gdf::dictionary

#include "kernels/dictionary/pattern_text.h"

#include <cstdlib>

namespace gdf::dictionary {
namespace {

constexpr const char* kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                   "July",    "August",   "September", "October", "November", "December"};
constexpr const char* kDays[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

int64_t floorDivide(int64_t a, int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}
int64_t floorModulo(int64_t a, int64_t b) {
  return a % b + (a % b < 0 ? b : 0);
}

bool isLeap(int64_t year) {
  return floorModulo(year, 4) == 0 && (floorModulo(year, 100) != 0 || floorModulo(year, 400) == 0);
}

/// 53 where 31 December is a Thursday, or that of the year before is a Wednesday.
int64_t weeksOf(int64_t year) {
  const auto lastWeekday = [](int64_t y) {
    return floorModulo(y + floorDivide(y, 4) - floorDivide(y, 100) + floorDivide(y, 400), 7);
  };
  return lastWeekday(year) == 4 || lastWeekday(year - 1) == 3 ? 53 : 52;
}

void appendPadded(std::string& out, int64_t value, size_t width, char fill = '0') {
  const std::string digits = std::to_string(std::abs(value));
  if (value < 0) out += '-';
  if (digits.size() < width) out.append(width - digits.size(), fill);
  out += digits;
}

struct Fields {
  int64_t days = 0;
  int64_t seconds = 0;  // since the epoch
  int64_t inDay = 0;    // seconds
  int64_t fraction = 0;
  int fractionDigits = 0;
  int64_t year = 0;
  int64_t month = 0;
  int64_t day = 0;
  int64_t weekday = 0;  // 1 is Monday
  int64_t ordinal = 0;
  int64_t isoYear = 0;
  int64_t isoWeek = 0;
};

/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (civil_from_days).
Fields fieldsOf(int64_t value, bool isDate, int fractionDigits) {
  Fields fields;
  int64_t perSecond = 1;
  for (int i = 0; i < fractionDigits && !isDate; ++i) perSecond *= 10;
  fields.fractionDigits = isDate ? 0 : fractionDigits;
  fields.seconds = isDate ? value * 86400 : floorDivide(value, perSecond);
  fields.fraction = isDate ? 0 : floorModulo(value, perSecond);
  fields.days = floorDivide(fields.seconds, 86400);
  fields.inDay = floorModulo(fields.seconds, 86400);
  const int64_t shifted = fields.days + 719468;
  const int64_t era = floorDivide(shifted, 146097);
  const int64_t dayOfEra = shifted - era * 146097;
  const int64_t yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const int64_t dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const int64_t marchMonth = (5 * dayOfYear + 2) / 153;
  fields.day = dayOfYear - (153 * marchMonth + 2) / 5 + 1;
  fields.month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  fields.year = yearOfEra + era * 400 + (fields.month <= 2 ? 1 : 0);
  fields.ordinal = fields.month <= 2 ? dayOfYear - 305 : dayOfYear + 60 + (isLeap(fields.year) ? 1 : 0);
  fields.weekday = floorModulo(fields.days + 3, 7) + 1;
  const int64_t week = (fields.ordinal - fields.weekday + 10) / 7;
  fields.isoYear = week < 1 ? fields.year - 1 : week > weeksOf(fields.year) ? fields.year + 1 : fields.year;
  fields.isoWeek = week < 1 ? weeksOf(fields.year - 1) : week > weeksOf(fields.year) ? 1 : week;
  return fields;
}

void appendYear(std::string& out, int64_t year) {
  if (year > 9999) out += '+';
  appendPadded(out, year, year >= 0 && year <= 9999 ? 4 : 6);
}

void appendField(std::string& out, const Fields& fields, char specifier) {
  const int64_t hour = fields.inDay / 3600;
  switch (specifier) {
    case 'Y':
      return appendYear(out, fields.year);
    case 'G':
      return appendYear(out, fields.isoYear);
    case 'y':
      return appendPadded(out, floorModulo(fields.year, 100), 2);
    case 'm':
      return appendPadded(out, fields.month, 2);
    case 'd':
      return appendPadded(out, fields.day, 2);
    case 'e':
      return appendPadded(out, fields.day, 2, ' ');
    case 'j':
      return appendPadded(out, fields.ordinal, 3);
    case 'V':
      return appendPadded(out, fields.isoWeek, 2);
    case 'u':
      return appendPadded(out, fields.weekday, 1);
    case 'w':
      return appendPadded(out, fields.weekday % 7, 1);
    case 'B':
      out += kMonths[fields.month - 1];
      return;
    case 'b':
      out.append(kMonths[fields.month - 1], 3);
      return;
    case 'A':
      out += kDays[fields.weekday - 1];
      return;
    case 'a':
      out.append(kDays[fields.weekday - 1], 3);
      return;
    case 'H':
      return appendPadded(out, hour, 2);
    case 'I':
      return appendPadded(out, (hour + 11) % 12 + 1, 2);
    case 'p':
      out += hour < 12 ? "AM" : "PM";
      return;
    case 'M':
      return appendPadded(out, fields.inDay / 60 % 60, 2);
    case 'S':
      return appendPadded(out, fields.inDay % 60, 2);
    case 'f':
      return appendPadded(out, fields.fraction,
                          fields.fractionDigits == 0 ? 1 : static_cast<size_t>(fields.fractionDigits));
    case 's':
      out += std::to_string(fields.seconds);
      return;
    default:
      out += specifier;  // %%
  }
}

}  // namespace

void appendPattern(std::string& out, int64_t value, bool isDate, int fractionDigits, std::string_view pattern) {
  const Fields fields = fieldsOf(value, isDate, fractionDigits);
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '%' && i + 1 < pattern.size()) {
      appendField(out, fields, pattern[++i]);
    } else {
      out += pattern[i];
    }
  }
}

}  // namespace gdf::dictionary

#include "kernels/csv/temporal.h"

#include <iterator>

#include "kernels/csv/number.h"

namespace gdf::csv {
namespace {

constexpr int64_t kUnitsPerSecond[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};

/// A reader that goes forward over the text.
struct Cursor {
  const uint8_t* at;
  const uint8_t* end;

  bool done() const { return at == end; }
  bool take(uint8_t byte) {
    if (at == end || *at != byte) return false;
    ++at;
    return true;
  }
  bool twoDigits(int& value) {
    if (end - at < 2 || !isDigit(at[0]) || !isDigit(at[1])) return false;
    value = (at[0] - '0') * 10 + (at[1] - '0');
    at += 2;
    return true;
  }
};

bool isLeap(int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int daysInMonth(int64_t year, int month) {
  constexpr uint8_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && isLeap(year) ? 29 : kDays[month - 1];
}

/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (days_from_civil).
int64_t daysFromCivil(int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t yearOfEra = year - era * 400;
  const int64_t dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

/// False where there is no such day.
bool toDays(int64_t year, int month, int day, int64_t& days) {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return false;
  days = daysFromCivil(year, month, day);
  return true;
}

/// Instants in seconds have years of 12 digits.
constexpr int kMostYearDigits = 12;

bool takeDate(Cursor& text, int64_t& days) {
  const bool negative = !text.done() && *text.at == '-';
  if (negative || (!text.done() && *text.at == '+')) ++text.at;
  int64_t year = 0;
  int digits = 0;
  for (; !text.done() && isDigit(*text.at) && digits <= kMostYearDigits; ++digits)
    year = year * 10 + (*text.at++ - '0');
  if (digits < 4 || digits > kMostYearDigits) return false;
  if (negative) year = -year;
  int month;
  int day;
  if (!text.take('-') || !text.twoDigits(month) || !text.take('-') || !text.twoDigits(day)) return false;
  return toDays(year, month, day, days);
}

/// ISO 8601, YYYY/MM/DD or DD.MM.YYYY. The year of the latter two has four digits.
bool takeFileDate(Cursor& text, int64_t& days) {
  if (text.end - text.at < 10) return false;
  const bool yearFirst = text.at[4] == '/';
  const bool dayFirst = text.at[2] == '.';
  if (!yearFirst && !dayFirst) return takeDate(text, days);
  const uint8_t separator = yearFirst ? '/' : '.';
  int century;
  int year;
  int month;
  int day;
  const bool complete = yearFirst ? text.twoDigits(century) && text.twoDigits(year) && text.take(separator) &&
                                        text.twoDigits(month) && text.take(separator) && text.twoDigits(day)
                                  : text.twoDigits(day) && text.take(separator) && text.twoDigits(month) &&
                                        text.take(separator) && text.twoDigits(century) && text.twoDigits(year);
  return complete && toDays(int64_t{century} * 100 + year, month, day, days);
}

/// `fraction`: units below the second. Digits below the unit must be zero.
bool takeFraction(Cursor& text, int unitDigits, int64_t& fraction) {
  int digits = 0;
  for (; !text.done() && isDigit(*text.at); ++text.at, ++digits) {
    const int digit = *text.at - '0';
    if (digits < unitDigits) {
      fraction = fraction * 10 + digit;
    } else if (digit != 0) {
      return false;
    }
  }
  if (digits < 1 || digits > 9) return false;
  for (; digits < unitDigits; ++digits) fraction *= 10;
  return true;
}

/// Z, +HH, +HHMM or +HH:MM; `seconds` east of UTC.
bool takeZone(Cursor& text, int& seconds) {
  if (text.take('Z')) return true;
  const bool negative = *text.at == '-';
  if (!negative && *text.at != '+') return false;
  ++text.at;
  int hours;
  int minutes = 0;
  if (!text.twoDigits(hours)) return false;
  if (!text.done()) {
    text.take(':');
    if (!text.twoDigits(minutes)) return false;
  }
  if (hours > 23 || minutes > 59) return false;
  seconds = (negative ? -1 : 1) * (hours * 3600 + minutes * 60);
  return true;
}

using DateForm = bool (*)(Cursor& text, int64_t& days);

/// The days of a date, which are an int32.
bool parseDays(const uint8_t* begin, const uint8_t* end, int32_t& days, DateForm takeForm) {
  Cursor text{begin, end};
  int64_t wide;
  if (!takeForm(text, wide) || !text.done()) return false;
  days = static_cast<int32_t>(wide);
  return days == wide;
}

bool parseInstant(const uint8_t* begin, const uint8_t* end, int unitDigits, int64_t& units, DateForm takeForm) {
  Cursor text{begin, end};
  int64_t days;
  if (!takeForm(text, days)) return false;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int zone = 0;
  int64_t fraction = 0;
  if (!text.done()) {
    if (!text.take('T') && !text.take(' ')) return false;
    if (!text.twoDigits(hour) || !text.take(':') || !text.twoDigits(minute)) return false;
    if (text.take(':')) {
      if (!text.twoDigits(second)) return false;
      if (text.take('.') && !takeFraction(text, unitDigits, fraction)) return false;
    }
    if (!text.done() && !takeZone(text, zone)) return false;
    if (!text.done() || hour > 23 || minute > 59 || second > 59) return false;
  }
  const __int128 seconds = static_cast<__int128>(days) * 86400 + hour * 3600 + minute * 60 + second - zone;
  // The product alone may lie just below the range that the sum is in.
  const __int128 wide = seconds * kUnitsPerSecond[unitDigits] + fraction;
  units = static_cast<int64_t>(wide);
  return units == wide;
}

}  // namespace

bool parseDate(const uint8_t* begin, const uint8_t* end, int32_t& days) {
  return parseDays(begin, end, days, takeDate);
}

bool parseFileDate(const uint8_t* begin, const uint8_t* end, int32_t& days) {
  return parseDays(begin, end, days, takeFileDate);
}

bool parseTimestamp(const uint8_t* begin, const uint8_t* end, int unitDigits, int64_t& units) {
  return parseInstant(begin, end, unitDigits, units, takeDate);
}

bool parseFileTimestamp(const uint8_t* begin, const uint8_t* end, int unitDigits, int64_t& units) {
  return parseInstant(begin, end, unitDigits, units, takeFileDate);
}

bool parseDuration(const uint8_t* begin, const uint8_t* end, int unitDigits, int64_t& units) {
  struct Part {
    char unit;
    bool inClock;
    int seconds;
  };
  constexpr Part kParts[] = {
      {'W', false, 604800}, {'D', false, 86400}, {'H', true, 3600}, {'M', true, 60}, {'S', true, 1}};
  constexpr int kMostDigits = 18;  // so that the sum below cannot leave 128 bits
  Cursor text{begin, end};
  const bool negative = text.take('-');
  if (!negative) text.take('+');
  if (!text.take('P')) return false;
  __int128 seconds = 0;
  int64_t fraction = 0;
  bool inClock = false;
  size_t next = 0;
  bool any = false;
  while (!text.done() || !any) {
    if (!inClock && text.take('T')) inClock = true;
    int64_t value = 0;
    int digits = 0;
    for (; !text.done() && isDigit(*text.at) && digits < kMostDigits; ++digits) value = value * 10 + (*text.at++ - '0');
    if (digits == 0 || text.done()) return false;
    const bool hasFraction = text.take('.');
    if (hasFraction && !takeFraction(text, unitDigits, fraction)) return false;
    while (next < std::size(kParts) &&
           (text.done() || kParts[next].unit != *text.at || kParts[next].inClock != inClock))
      ++next;
    if (next == std::size(kParts) || (hasFraction && kParts[next].unit != 'S')) return false;
    ++text.at;
    seconds += static_cast<__int128>(value) * kParts[next++].seconds;
    any = true;
  }
  __int128 wide = seconds * kUnitsPerSecond[unitDigits] + fraction;
  if (negative) wide = -wide;
  units = static_cast<int64_t>(wide);
  return units == wide;
}

}  // namespace gdf::csv

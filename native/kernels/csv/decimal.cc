#include "kernels/csv/decimal.h"

namespace gdf::csv {
namespace {

constexpr int kMostDigits = 38;
constexpr int64_t kMostBytes = 1'000'000;  // as src/column/decimal.ts

bool isDigit(uint8_t byte) {
  return byte >= '0' && byte <= '9';
}

/// An optional exponent that ends the text.
bool parseExponent(const uint8_t* at, const uint8_t* end, int64_t& exponent) {
  exponent = 0;
  if (at == end) return true;
  if (*at != 'e' && *at != 'E') return false;
  ++at;
  const bool negative = at != end && *at == '-';
  if (at != end && (*at == '-' || *at == '+')) ++at;
  if (at == end || end - at > 9) return false;
  for (; at != end; ++at) {
    if (!isDigit(*at)) return false;
    exponent = exponent * 10 + (*at - '0');
  }
  if (negative) exponent = -exponent;
  return true;
}

}  // namespace

bool parseDecimal(const uint8_t* begin, const uint8_t* end, int precision, int scale, int128& value) {
  if (end - begin > kMostBytes) return false;
  const uint8_t* at = begin;
  const bool negative = at != end && *at == '-';
  if (at != end && (*at == '-' || *at == '+')) ++at;
  // number * 10^unit is what the digits so far say. Zeros wait until a digit follows them.
  uint128 number = 0;
  int digits = 0;
  int64_t unit = 0;
  int64_t zeros = 0;
  bool any = false;
  bool afterPoint = false;
  int64_t fraction = 0;
  for (; at != end; ++at) {
    if (*at == '.' && !afterPoint) {
      afterPoint = true;
      continue;
    }
    if (!isDigit(*at)) break;
    any = true;
    fraction += afterPoint ? 1 : 0;
    if (*at == '0') {
      zeros += digits > 0 ? 1 : 0;
      unit += digits > 0 && !afterPoint ? 1 : 0;
      continue;
    }
    if (digits + zeros + 1 > kMostDigits) return false;
    for (; zeros > 0; --zeros, ++digits) number *= 10;
    number = number * 10 + static_cast<uint128>(*at - '0');
    ++digits;
    unit = -fraction;
  }
  int64_t exponent = 0;
  if (!any || !parseExponent(at, end, exponent)) return false;
  value = 0;
  if (digits == 0) return true;
  const int64_t shift = scale + exponent + unit;
  if (shift < 0 || digits + shift > precision) return false;
  for (int64_t i = 0; i < shift; ++i) number *= 10;
  value = negative ? -static_cast<int128>(number) : static_cast<int128>(number);
  return true;
}

}  // namespace gdf::csv

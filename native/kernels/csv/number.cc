#include "kernels/csv/number.h"

#include <algorithm>
#include <string_view>

namespace gdf::csv {
namespace {

bool equalsFolded(const uint8_t* begin, const uint8_t* end, std::string_view lower) {
  return static_cast<size_t>(end - begin) == lower.size() &&
         std::equal(begin, end, lower.begin(), [](uint8_t a, char b) { return (a | 0x20) == b; });
}

template <class T>
bool parseSpecial(const uint8_t* begin, const uint8_t* end, T& value) {
  if (equalsFolded(begin, end, "nan")) {
    value = std::numeric_limits<T>::quiet_NaN();
    return true;
  }
  const bool negative = *begin == '-';
  if (negative || *begin == '+') ++begin;
  if (!equalsFolded(begin, end, "inf") && !equalsFolded(begin, end, "infinity")) return false;
  value = negative ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::infinity();
  return true;
}

/// Of a text that is a number out of the range of T: is its magnitude too large, rather than too small?
bool isLarge(const uint8_t* at, const uint8_t* end) {
  int64_t exponent = 0;  // of the first digit that is not zero
  bool point = false;
  bool nonZero = false;
  for (; at < end && (isDigit(*at) || *at == '.'); ++at) {
    if (*at == '.') {
      point = true;
      continue;
    }
    if (!nonZero && *at != '0') {
      nonZero = true;
      exponent = point ? exponent - 1 : 0;
    } else if (nonZero ? !point : point) {
      exponent += nonZero ? 1 : -1;
    }
  }
  if (at < end) {
    const bool negative = at[1] == '-';
    int64_t written = 0;
    for (++at; at < end; ++at) {
      if (isDigit(*at)) written = std::min<int64_t>(written * 10 + (*at - '0'), int64_t{1} << 50);
    }
    exponent += negative ? -written : written;
  }
  return nonZero && exponent >= 0;
}

}  // namespace

template <class T>
bool parseFloatSlow(const uint8_t* begin, const uint8_t* end, T& value) {
  if (begin == end) return false;
  const uint8_t* at = begin;
  const bool negative = *at == '-';
  if (negative || *at == '+') ++at;
  if (at == end) return false;
  if (!isDigit(*at) && *at != '.') return parseSpecial(begin, end, value);
  T magnitude{};
  const char* last = reinterpret_cast<const char*>(end);
  const auto [stop, error] = std::from_chars(reinterpret_cast<const char*>(at), last, magnitude);
  if (stop != last || error == std::errc::invalid_argument) return false;
  // from_chars leaves the value alone then; IEEE 754 rounds to an infinity or to zero.
  if (error == std::errc::result_out_of_range) magnitude = isLarge(at, end) ? std::numeric_limits<T>::infinity() : T{0};
  value = negative ? -magnitude : magnitude;
  return true;
}

template bool parseFloatSlow<double>(const uint8_t*, const uint8_t*, double&);
template bool parseFloatSlow<float>(const uint8_t*, const uint8_t*, float&);

}  // namespace gdf::csv

// Numbers from text. The grammar is in kernels/csv/README.md; all functions may read 8 bytes before and after the text.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

namespace gdf::csv {

inline uint64_t load8(const uint8_t* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, 8);
  return word;
}

inline bool isDigit(uint8_t byte) {
  return static_cast<uint8_t>(byte - '0') < 10;
}

inline bool isDigits(const uint8_t* begin, const uint8_t* end) {
  while (begin < end && isDigit(*begin)) ++begin;
  return begin == end;
}

/// The value of 8 decimal digits, the first one in the lowest byte, each 0..9.
/// Source: Johnny Lee and Daniel Lemire, "Quickly parsing eight digits" (2018).
inline uint64_t eightDigits(uint64_t digits) {
  digits = digits * 10 + (digits >> 8);
  const uint64_t low = (digits & 0x000000FF000000FFull) * (100 + (uint64_t{1000000} << 32));
  const uint64_t high = ((digits >> 16) & 0x000000FF000000FFull) * (1 + (uint64_t{10000} << 32));
  return (low + high) >> 32;
}

inline bool allDigits(uint64_t digits) {
  return (((digits + 0x7676767676767676ull) | digits) & 0x8080808080808080ull) == 0;
}

constexpr uint64_t kZeros = 0x3030303030303030ull;

/// The last `count` (1..8) bytes before `end` as digits 0..9 behind leading zeros.
inline uint64_t lastDigits(const uint8_t* end, size_t count) {
  const int unused = static_cast<int>(64 - 8 * count);
  return ((load8(end - 8) ^ kZeros) >> unused) << unused;
}

/// Unsigned digits without sign; false if there is another byte or the value does not fit.
inline bool parseDigits(const uint8_t* begin, const uint8_t* end, uint64_t& value) {
  size_t count = static_cast<size_t>(end - begin);
  if (count - 1 < 8) {
    const uint64_t digits = lastDigits(end, count);
    value = eightDigits(digits);
    return allDigits(digits);
  }
  if (count == 0) return false;
  for (; count > 20 && *begin == '0'; --count) ++begin;
  if (count > 20) return false;
  const size_t head = count % 8 == 0 ? 8 : count % 8;
  uint64_t digits = lastDigits(begin + head, head);
  bool valid = allDigits(digits);
  uint64_t sum = eightDigits(digits);
  for (begin += head; begin < end; begin += 8) {
    digits = load8(begin) ^ kZeros;
    valid &= allDigits(digits);
    uint64_t scaled;
    if (__builtin_mul_overflow(sum, uint64_t{100000000}, &scaled)) return false;
    if (__builtin_add_overflow(scaled, eightDigits(digits), &sum)) return false;
  }
  value = sum;
  return valid;
}

/// `Lossless` refuses a leading zero before another digit.
template <bool Lossless, class T>
bool parseInteger(const uint8_t* begin, const uint8_t* end, T& value) {
  bool negative = false;
  if (begin < end && (*begin == '-' || *begin == '+')) {
    negative = *begin == '-';
    ++begin;
  }
  uint64_t magnitude;
  if (!parseDigits(begin, end, magnitude)) return false;
  if (Lossless && *begin == '0' && end - begin > 1) return false;
  if constexpr (std::is_unsigned_v<T>) {
    if (magnitude > std::numeric_limits<T>::max() || (negative && magnitude != 0)) return false;
    value = static_cast<T>(magnitude);
  } else {
    const uint64_t limit = static_cast<uint64_t>(std::numeric_limits<T>::max()) + (negative ? 1 : 0);
    if (magnitude > limit) return false;
    value = static_cast<T>(negative ? ~magnitude + 1 : magnitude);
  }
  return true;
}

/// Everything that the fast path leaves: many digits, large exponents, nan, inf. Rounds once.
template <class T>
bool parseFloatSlow(const uint8_t* begin, const uint8_t* end, T& value);
extern template bool parseFloatSlow<double>(const uint8_t*, const uint8_t*, double&);
extern template bool parseFloatSlow<float>(const uint8_t*, const uint8_t*, float&);

/// Clinger's fast path: an integer and a power of ten that are both exact in T, so that one operation rounds once.
template <class T>
struct ExactRange;
template <>
struct ExactRange<double> {
  static constexpr uint64_t kInteger = uint64_t{1} << 53;
  static constexpr int kPower = 22;
};
template <>
struct ExactRange<float> {
  static constexpr uint64_t kInteger = uint64_t{1} << 24;
  static constexpr int kPower = 10;
};

constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr uint64_t kIntegerPowersOfTen[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

/// `Lossless` refuses a leading zero before another digit, and integers beyond int64.
template <bool Lossless, class T>
bool parseFloat(const uint8_t* begin, const uint8_t* end, T& value) {
  const uint8_t* at = begin;
  bool negative = false;
  if (at < end && (*at == '-' || *at == '+')) {
    negative = *at == '-';
    ++at;
  }
  const uint8_t* const digits = at;
  uint64_t integer = 0;
  while (at < end && isDigit(*at)) integer = integer * 10 + (*at++ - '0');
  const auto whole = static_cast<size_t>(at - digits);
  if (Lossless && whole > 1 && *digits == '0') return false;
  size_t fraction = 0;
  if (at < end && *at == '.') {
    ++at;
    fraction = static_cast<size_t>(end - at);
    // The whole fraction in one step, where it is at most 8 digits and no exponent follows.
    const uint64_t tail = fraction - 1 < 8 ? lastDigits(end, fraction) : ~uint64_t{0};
    if (allDigits(tail)) {
      integer = integer * kIntegerPowersOfTen[fraction] + eightDigits(tail);
      at = end;
    } else {
      const uint8_t* const begun = at;
      while (at < end && isDigit(*at)) integer = integer * 10 + (*at++ - '0');
      fraction = static_cast<size_t>(at - begun);
    }
  }
  using Exact = ExactRange<T>;
  const bool fast = at == end && whole + fraction - 1 < 19 && integer <= Exact::kInteger &&
                    fraction <= static_cast<size_t>(Exact::kPower);
  if (!fast) {
    int64_t whole64;
    if (Lossless && isDigits(digits, end) && !parseInteger<true>(begin, end, whole64)) return false;
    return parseFloatSlow<T>(begin, end, value);
  }
  const T magnitude = static_cast<T>(integer) / static_cast<T>(kPowersOfTen[fraction]);
  value = negative ? -magnitude : magnitude;
  return true;
}

}  // namespace gdf::csv

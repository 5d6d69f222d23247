// One field: its content without quotes and escapes, whether it is null, and what dtypes its text fits.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "kernels/csv/options.h"
#include "kernels/csv/rows.h"

namespace gdf::csv {

struct Content {
  const uint8_t* begin = nullptr;
  const uint8_t* end = nullptr;
  bool quoted = false;
  bool copied = false;  // into the reader's scratch memory: valid until the next field
};

enum class FieldState { Content, Null, Malformed };

class FieldReader {
 public:
  FieldReader(const Dialect& dialect, const std::vector<std::string>& nullValues);

  FieldState read(const Rows& rows, uint32_t begin, uint32_t end, Content& content);

  /// Whether an unquoted field of at least one byte can be null: its first byte begins a null text.
  bool canBeNull(uint8_t first) const { return nullFirst_[first]; }
  bool isNull(const uint8_t* begin, const uint8_t* end) const;
  bool emptyIsNull() const { return emptyIsNull_; }
  /// Whether no text but the empty one is null.
  bool onlyEmptyIsNull() const { return nullTexts_.empty(); }

 private:
  FieldState unescape(const uint8_t* begin, const uint8_t* end, Content& content);

  const Dialect& dialect_;
  std::vector<std::string> nullTexts_;  // that are not empty
  std::array<bool, 256> nullFirst_{};
  bool emptyIsNull_ = false;
  PaddedBytes scratch_;
};

/// Whether a quote or an escape lies in [begin, end).
bool hasSpecial(const uint64_t* special, uint32_t begin, uint32_t end);

// The numbers are shared with src/device/cpu/csv.ts.
enum TextKind : uint8_t { kBool = 1, kInteger = 2, kFloat = 4, kDate = 8, kTimestamp = 16, kString = 32 };

/// The narrowest kind that takes the text, as inference decides it.
TextKind textKind(const uint8_t* begin, const uint8_t* end);

bool parseBool(const uint8_t* begin, const uint8_t* end, bool& value);

}  // namespace gdf::csv

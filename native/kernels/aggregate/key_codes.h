// Key columns as one integer a row: equal codes are equal keys. Each key becomes a code in [0, size) (an offset from
// the minimum, a dictionary code, the canonical bits of a float; a code of its own for null), and the codes are packed
// as the digits of a mixed-radix number. Keys too wide for 64 bits are first replaced by dense ids of their distinct
// values.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/thread_pool.h"
#include "kernels/aggregate/plan.h"

namespace gdf::aggregate {

struct KeyPart {
  enum class Source : uint8_t { Values, NullFlags, Ids };
  Source source = Source::Values;
  const ColumnView* column = nullptr;
  std::shared_ptr<std::vector<uint32_t>> ids;
  bool nullable = false;
  bool isHighHalf = false;  // of a 128-bit column: its high 64 bits; otherwise the low ones
  uint64_t base = 0;        // the value of code 0
  uint64_t size = 0;        // number of codes, null's included; 0: 2^64
  uint64_t nullCode = 0;    // of Values
  uint64_t stride = 1;
};

class KeyCodes {
 public:
  static KeyCodes make(const Plan& plan, const std::vector<ColumnView>& columns, int64_t rowCount, Context context);

  /// Of (group, value of `column`), for counting distinct values. Groups are below `groups`, or kNoPosition.
  static KeyCodes makePairs(const std::vector<uint32_t>& rowPositions, size_t groups, const ColumnView& column,
                            const Bounds& bounds, Context context);

  /// Codes are below this; 0: up to 2^64.
  uint64_t domain() const { return domain_; }

  /// One thread's buffers.
  struct Scratch {
    std::vector<uint8_t> bytes;
    std::vector<uint8_t> valid;
  };
  /// Codes of rows [base, base + count); `base` is a multiple of 64. Code is uint32_t (domain at most 2^32) or
  /// uint64_t. Throws std::logic_error where a value lies outside the statistics of its column.
  template <class Code>
  void fill(int64_t base, size_t count, Code* codes, Scratch& scratch) const;

 private:
  friend class KeyCodesBuilder;
  std::vector<KeyPart> parts_;
  uint64_t domain_ = 1;
};

}  // namespace gdf::aggregate

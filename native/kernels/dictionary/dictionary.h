// Work on whole dictionaries: what resolving the strings of a program, concat and join ask of them. Contract:
// kernels/dictionary/README.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/buffer.h"
#include "core/column.h"
#include "core/thread_pool.h"

namespace gdf::dictionary {

enum class Predicate : int32_t { Contains = 0, StartsWith = 1, EndsWith = 2, Like = 3 };

/// Bit k of the result: does entry k satisfy the predicate?
BufferPtr match(const DictionaryView& dictionary, Predicate predicate, const std::vector<uint8_t>& pattern,
                Context context);

struct Unified {
  /// Empty: no dictionary has an entry that the first one lacks.
  BufferPtr offsets;
  BufferPtr bytes;
  std::vector<BufferPtr> remaps;  // u32, one a dictionary
};
Unified unify(const std::vector<DictionaryView>& dictionaries, Context context);

/// remap[k] is the code in `to` of entry k of `from`, or kMissing.
inline constexpr uint32_t kMissing = 0xffffffffu;
std::vector<uint32_t> translate(const DictionaryView& from, const DictionaryView& to, Context context);

/// As translate(texts, dictionary), for few texts (not necessarily distinct) and a large dictionary.
std::vector<uint32_t> find(const DictionaryView& dictionary, const DictionaryView& texts, Context context);

/// Plain to dictionary: codes in order of first appearance, 0 under a null. The validity stays the input's.
OwnedColumn encode(const ColumnView& plain, Context context);

/// In every row one text after the other, encoded as by `encode`. Dictionary or plain columns of one length; under a
/// null, any text.
OwnedColumn concatTexts(const ColumnView& a, const ColumnView& b, Context context);

/// How a value is written: the forms of kernels/csv/README.md.
struct TextForm {
  enum class Kind : int32_t {
    Number = 0,
    Date = 1,
    Timestamp = 2,
    Duration = 3,
    Decimal = 4
  } kind;                  // Number: also bool
  int fractionDigits = 0;  // of the unit: 0, 3, 6, 9; of a decimal: its scale
  std::string pattern;     // of dates and timestamps that are written; empty: ISO 8601
};
struct Parsed {
  BufferPtr words;  // as in a LookupTable of the dtype's lane: bits, u32 or two u32 an entry
  BufferPtr fits;   // bit k: entry k is such a value
};
/// Every entry as the CSV reader reads it; int64 in another radix where it is not 10.
Parsed parse(const DictionaryView& dictionary, Storage storage, const TextForm& form, int radix, Context context);

/// The text of every row's value, encoded as by `encode`. Under a null, any text.
OwnedColumn format(const ColumnView& values, const TextForm& form, Context context);

}  // namespace gdf::dictionary

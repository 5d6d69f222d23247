// Functions of texts over whole dictionaries. Contract: kernels/text/README.md; what each function gives is specified
// by src/text/text_function.ts.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/buffer.h"
#include "core/column.h"
#include "core/thread_pool.h"
#include "kernels/text/regex.h"

namespace gdf::text {

/// Bit k: does the pattern match anywhere in entry k? Whole u32 words.
BufferPtr matchRegex(const DictionaryView& dictionary, const Regex& regex, Context context);

/// u32 an entry: code points, or bytes.
BufferPtr lengths(const DictionaryView& dictionary, bool inBytes, Context context);

/// Letter case, as the JavaScript runtime has it. Pages as in Alphabet.
struct CaseTables {
  const uint16_t* pages = nullptr;
  /// What a code point becomes, as a difference; at or above kSpecial: four numbers of `specials` from there on.
  const int32_t* upper = nullptr;
  const int32_t* lower = nullptr;
  /// A count, then up to three code points.
  const uint32_t* specials = nullptr;
  /// Bit 0: cased, bit 1: does not end a word for the final sigma, bit 2: white space.
  const uint8_t* properties = nullptr;

  static constexpr int32_t kSpecial = 0x1000000;
  size_t indexOf(uint32_t codePoint) const { return 256u * pages[codePoint >> 8] + (codePoint & 255); }
};

struct Function {
  enum class Kind : int32_t {
    Upper = 0,
    Lower = 1,
    Trim = 2,
    TrimStart = 3,
    TrimEnd = 4,
    Reverse = 5,
    Slice = 6,           // numbers: start, 1 for a length, length
    Part = 7,            // texts: separator; numbers: index
    ReplaceText = 8,     // texts: pattern, replacement; numbers: 1 for all
    ReplaceMatches = 9,  // numbers: 1 for all, then pieces: a group, or -1 - k for text k
    PadStart = 10,       // texts: fill; numbers: length
    PadEnd = 11,
    Repeat = 12,    // numbers: count
    Surround = 13,  // texts: before, after
  };
  Kind kind = Kind::Upper;
  std::vector<int32_t> numbers;
  DictionaryView texts;
  Regex regex;
  CaseTables cases;
};

struct Mapped {
  OwnedColumn column;  // codes and dictionary: the distinct results in order of first appearance
  BufferPtr exists;    // bit k: entry k has a result; empty: all have
};
Mapped map(const DictionaryView& dictionary, const Function& function, Context context);

/// Applies one function to texts; an object of one thread's own.
class TextMapper {
 public:
  virtual ~TextMapper() = default;
  /// Appends the result to `out`; false where there is none.
  virtual bool apply(const Text& text, std::vector<uint8_t>& out) = 0;
};
std::unique_ptr<TextMapper> makeMapper(const Function& function);
std::unique_ptr<TextMapper> makeCaseMapper(const Function& function);
std::unique_ptr<TextMapper> makeReplacer(const Function& function);

inline void append(std::vector<uint8_t>& out, const uint8_t* begin, const uint8_t* end) {
  out.insert(out.end(), begin, end);
}
inline void append(std::vector<uint8_t>& out, const Text& text) {
  append(out, text.bytes, text.bytes + text.length);
}

}  // namespace gdf::text

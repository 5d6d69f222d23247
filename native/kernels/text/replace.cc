// Replacing occurrences of a text, and matches of a regular expression.
#include <cstring>

#include "kernels/text/text.h"

namespace gdf::text {
namespace {

class TextReplacer final : public TextMapper {
 public:
  explicit TextReplacer(const Function& function)
      : pattern_(dictionary::textAt(function.texts, 0)),
        replacement_(dictionary::textAt(function.texts, 1)),
        all_(function.numbers[0] != 0) {}

  bool apply(const Text& text, std::vector<uint8_t>& out) override {
    const uint8_t* copied = text.bytes;
    const uint8_t* end = text.bytes + text.length;
    for (const uint8_t* at = find(copied, end); at != nullptr; at = find(copied, end)) {
      append(out, copied, at);
      append(out, replacement_);
      copied = at + pattern_.length;
      if (!all_) break;
    }
    append(out, copied, end);
    return true;
  }

 private:
  const uint8_t* find(const uint8_t* at, const uint8_t* end) const {
    if (end - at < pattern_.length) return nullptr;
    const uint8_t* last = end - pattern_.length;
    for (; at <= last; ++at) {
      at = static_cast<const uint8_t*>(std::memchr(at, pattern_.bytes[0], static_cast<size_t>(last - at + 1)));
      if (at == nullptr) return nullptr;
      if (std::memcmp(at, pattern_.bytes, static_cast<size_t>(pattern_.length)) == 0) return at;
    }
    return nullptr;
  }

  Text pattern_;
  Text replacement_;
  bool all_;
};

class MatchReplacer final : public TextMapper {
 public:
  explicit MatchReplacer(const Function& function)
      : function_(function), runner_(function.regex, true), all_(function.numbers[0] != 0) {}

  bool apply(const Text& text, std::vector<uint8_t>& out) override {
    const bool hasAutomaton = function_.regex.dfa.next != nullptr;
    if (hasAutomaton && !matchesDfa(function_.regex, text)) {
      append(out, text);
      return true;
    }
    int64_t copied = 0;
    for (int64_t from = 0; from <= text.length && runner_.find(text, from);) {
      const int32_t begin = runner_.slots()[0];
      const int32_t end = runner_.slots()[1];
      append(out, text.bytes + copied, text.bytes + begin);
      appendPieces(text, out);
      copied = end;
      if (!all_) break;
      // After an empty match the next one begins a code point later.
      from = end;
      if (end == begin) from += end < text.length ? sequenceLength(text.bytes[end]) : 1;
    }
    append(out, text.bytes + copied, text.bytes + text.length);
    return true;
  }

 private:
  void appendPieces(const Text& text, std::vector<uint8_t>& out) const {
    const int32_t* slots = runner_.slots();
    for (size_t i = 1; i < function_.numbers.size(); ++i) {
      const int32_t piece = function_.numbers[i];
      if (piece < 0) {
        append(out, dictionary::textAt(function_.texts, -1 - piece));
      } else if (slots[2 * piece] >= 0) {
        append(out, text.bytes + slots[2 * piece], text.bytes + slots[2 * piece + 1]);
      }
    }
  }

  const Function& function_;
  ProgramRunner runner_;
  bool all_;
};

}  // namespace

std::unique_ptr<TextMapper> makeReplacer(const Function& function) {
  if (function.kind == Function::Kind::ReplaceText) return std::make_unique<TextReplacer>(function);
  return std::make_unique<MatchReplacer>(function);
}

}  // namespace gdf::text

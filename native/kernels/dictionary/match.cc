// The predicates on text, by bytes. UTF-8 is self-synchronising, so that comparing bytes compares code points.
#include <bit>
#include <cstring>

#include "core/morsel.h"
#include "kernels/dictionary/dictionary.h"
#include "kernels/dictionary/entry_table.h"

namespace gdf::dictionary {
namespace {

using Pattern = std::vector<uint8_t>;

bool startsWith(const Text& text, const Pattern& pattern) {
  const auto length = static_cast<int64_t>(pattern.size());
  if (pattern.empty()) return true;  // its address may be null
  return text.length >= length && std::memcmp(text.bytes, pattern.data(), pattern.size()) == 0;
}

bool endsWith(const Text& text, const Pattern& pattern) {
  const auto length = static_cast<int64_t>(pattern.size());
  if (pattern.empty()) return true;
  return text.length >= length && std::memcmp(text.bytes + text.length - length, pattern.data(), pattern.size()) == 0;
}

bool contains(const Text& text, const Pattern& pattern) {
  if (pattern.empty()) return true;
  const auto length = static_cast<int64_t>(pattern.size());
  if (text.length < length) return false;
  const uint8_t* last = text.bytes + text.length - length;
  for (const uint8_t* at = text.bytes; at <= last; ++at) {
    at = static_cast<const uint8_t*>(std::memchr(at, pattern[0], static_cast<size_t>(last - at + 1)));
    if (at == nullptr) return false;
    if (std::memcmp(at, pattern.data(), pattern.size()) == 0) return true;
  }
  return false;
}

/// What a position of a LIKE pattern asks for.
struct Token {
  enum class Kind : uint8_t { Byte, AnyText, OneCodePoint } kind;
  uint8_t byte;
};

/// A backslash takes the next byte literally; at the end it stands for itself.
std::vector<Token> likeTokens(const Pattern& pattern) {
  std::vector<Token> tokens;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '%') {
      tokens.push_back({Token::Kind::AnyText, 0});
    } else if (pattern[i] == '_') {
      tokens.push_back({Token::Kind::OneCodePoint, 0});
    } else {
      if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
      tokens.push_back({Token::Kind::Byte, pattern[i]});
    }
  }
  return tokens;
}

int64_t nextCodePoint(const Text& text, int64_t position) {
  ++position;
  while (position < text.length && (text.bytes[position] & 0xc0) == 0x80) ++position;
  return position;
}

/// Greedy with one point of return: on a mismatch the last % takes one code point more. An earlier % can give nothing
/// that the last one cannot.
bool like(const Text& text, const std::vector<Token>& tokens) {
  int64_t position = 0;
  size_t token = 0;
  size_t resumeToken = tokens.size();
  int64_t resumePosition = 0;
  while (position < text.length) {
    const Token* expected = token < tokens.size() ? &tokens[token] : nullptr;
    if (expected != nullptr && expected->kind == Token::Kind::AnyText) {
      resumeToken = token++;
      resumePosition = position;
    } else if (expected != nullptr && expected->kind == Token::Kind::OneCodePoint) {
      position = nextCodePoint(text, position);
      ++token;
    } else if (expected != nullptr && expected->byte == text.bytes[position]) {
      ++position;
      ++token;
    } else if (resumeToken < tokens.size()) {
      resumePosition = nextCodePoint(text, resumePosition);
      position = resumePosition;
      token = resumeToken + 1;
    } else {
      return false;
    }
  }
  while (token < tokens.size() && tokens[token].kind == Token::Kind::AnyText) ++token;
  return token == tokens.size();
}

template <class Test>
BufferPtr matchAll(const DictionaryView& dictionary, Context context, const Test& test) {
  // Whole u32 words: JavaScript reads the result as a Uint32Array.
  BufferPtr bits = Buffer::allocateZeroed(static_cast<size_t>((dictionary.size + 31) / 32 * 4));
  forMorsels(context, dictionary.size, [&](int64_t begin, int64_t end, int64_t, int) {
    for (int64_t k = begin; k < end; ++k) {
      if (test(textAt(dictionary, k))) bits->data()[k >> 3] |= static_cast<uint8_t>(1 << (k & 7));
    }
  });
  return bits;
}

}  // namespace

BufferPtr match(const DictionaryView& dictionary, Predicate predicate, const Pattern& pattern, Context context) {
  switch (predicate) {
    case Predicate::Contains:
      return matchAll(dictionary, context, [&](const Text& text) { return contains(text, pattern); });
    case Predicate::StartsWith:
      return matchAll(dictionary, context, [&](const Text& text) { return startsWith(text, pattern); });
    case Predicate::EndsWith:
      return matchAll(dictionary, context, [&](const Text& text) { return endsWith(text, pattern); });
    case Predicate::Like:
      break;
  }
  const std::vector<Token> tokens = likeTokens(pattern);
  return matchAll(dictionary, context, [&](const Text& text) { return like(text, tokens); });
}

}  // namespace gdf::dictionary

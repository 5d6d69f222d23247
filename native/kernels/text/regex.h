// Regular expressions as src/text/regex compiles them: the deterministic automaton where there is one, else the
// program.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "kernels/dictionary/entry_table.h"
#include "kernels/text/utf8.h"

namespace gdf::text {

using dictionary::Text;

/// class of c = classes[256 * pages[c >> 8] + (c & 255)]
struct Alphabet {
  const uint16_t* pages = nullptr;
  const uint16_t* classes = nullptr;

  uint16_t classOf(uint32_t codePoint) const { return classes[256u * pages[codePoint >> 8] + (codePoint & 255)]; }
};

/// Bytes that a search may pass over where it stands at its beginning: those of the classes that leave it there. Bytes
/// above ASCII are passed over only if all of them are, so that a search never stops within a code point.
class SkipTable {
 public:
  SkipTable() = default;
  template <class Stays>
  SkipTable(const Alphabet& alphabet, size_t classes, const Stays& stays) {
    const size_t ascii = 256u * alphabet.pages[0];
    bool restStays = true;
    for (size_t k = 0; k < classes; ++k) restStays = restStays && (k - ascii < 128 || stays(alphabet.classes[k]));
    for (size_t byte = 0; byte < 256; ++byte) {
      skip_[byte] = byte < 128 ? stays(alphabet.classes[ascii + byte]) : restStays;
      if (!skip_[byte]) only_ = stops_++ == 0 ? static_cast<int>(byte) : -1;
    }
  }

  /// The first byte from `at` on that may not be passed over, or `end`.
  const uint8_t* next(const uint8_t* at, const uint8_t* end) const {
    if (at == end) return end;
    if (only_ >= 0) {
      const void* found = std::memchr(at, only_, static_cast<size_t>(end - at));
      return found != nullptr ? static_cast<const uint8_t*>(found) : end;
    }
    while (at < end && skip_[*at]) ++at;
    return at;
  }

 private:
  std::array<bool, 256> skip_{};
  int stops_ = 0;
  int only_ = -1;  // the only byte that stops
};

struct Dfa {
  static constexpr uint16_t kAccept = 0;
  static constexpr uint16_t kDead = 1;
  const uint16_t* next = nullptr;  // [state * classCount + class]; null: the pattern has no automaton
  const uint8_t* acceptsAtEnd = nullptr;
  uint32_t classCount = 0;
  uint16_t start = 0;
  SkipTable skip;  // bytes that lead from the start to itself
};

/// Four numbers an instruction: operation, next, two operands.
struct Program {
  enum Op : int32_t { Match = 0, Set = 1, Split = 2, Save = 3, Assert = 4, Clear = 5, Fail = 6 };
  const int32_t* code = nullptr;
  int32_t instructions = 0;
  int32_t start = 0;
  int32_t slotCount = 0;
  const uint8_t* contexts = nullptr;  // by class: bit 0 ends a line, bit 1 is part of a word
  const uint8_t* members = nullptr;   // [set * classCount + class]
  SkipTable skip;                     // bytes with which no match begins
};

/// Beyond an end of the text.
inline constexpr int kEnd = -1;

/// @param assertion its number in src/text/regex/program.ts; before, after: contexts of the neighbours, or kEnd
bool holds(int32_t assertion, int before, int after);

struct Regex {
  Alphabet alphabet;
  Dfa dfa;
  Program program;
};

/// Does the automaton find a match in the text?
bool matchesDfa(const Regex& regex, const Text& text);

/// Runs the program of a pattern; an object of one thread's own. Its memory is reused from text to text. Short texts
/// are searched depth first, with a bit for every (instruction, place) that has failed, so that none is tried twice;
/// long ones breadth first, all threads together. Both are linear and find the same; the first is several times faster.
class ProgramRunner {
 public:
  /// Without slots it only tells whether there is a match.
  ProgramRunner(const Regex& regex, bool withSlots);

  /// The first match that begins at byte `from` or later; its slots, in bytes, stay until the next call. After a call
  /// from 0, calls from later places of the same text share what it learned: all matches together take linear time too.
  bool find(const Text& text, int64_t from = 0);
  const int32_t* slots() const { return found_.data(); }

 private:
  static constexpr int64_t kMaxBits = 1 << 15;  // of failed places; they are cleared for every search

  bool findDepthFirst(const Text& text, int64_t from);
  bool walk(const Text& text, int64_t from, int64_t start);
  bool findBreadthFirst(const Text& text, int64_t from);
  void dropHopeless(const Text& text, int64_t position, bool matched);
  void learnHopeless();
  int contextBefore(const Text& text, int64_t position) const;
  int contextAfter(const Text& text, int64_t position) const;

  struct Thread {
    int32_t instruction;
    int32_t slots;  // where its slots begin
  };
  struct Frame {
    int32_t instruction;  // -1: puts a slot back
    int32_t slot;
    int32_t value;  // of the slot, or (depth first) the place
  };
  struct ThreadList {
    std::vector<Thread> threads;
    std::vector<int32_t> slots;
    void clear() { threads.clear(), slots.clear(); }
  };

  void advance(const Thread& thread, int index);
  bool isMember(int32_t instruction, int index) const;
  bool expand(int32_t instruction, int64_t position, int before, int after, int next);
  void follow(int32_t instruction, int64_t position, int before, int after);
  void setSlot(int32_t slot, int32_t value);
  void keep(int32_t instruction);

  const Regex& regex_;
  const int32_t slotCount_;
  ThreadList current_;
  ThreadList next_;
  std::vector<int32_t> working_;
  std::vector<int32_t> found_;
  std::vector<uint64_t> visited_;
  uint64_t generation_ = 0;
  std::vector<Frame> stack_;
  std::vector<uint64_t> failed_;

  // Breadth first, at checkpoints of the text: instructions from which no match can be reached. A search that has found
  // a match and still hopes for a preferred one reads on until its threads die; the next search would read the same
  // again.
  // With as many bytes between two checkpoints as there are instructions, what is remembered is a few bytes a byte of
  // text.
  static constexpr int64_t kLeastStride = 32;
  struct Sighting {
    size_t checkpoint;
    int32_t instruction;
  };
  const int64_t stride_;
  std::vector<std::vector<int32_t>> hopeless_;
  std::vector<Sighting> sightings_;  // since the last match: hopeless if none follows
};

/// Whether texts match: by the automaton where there is one. An object of one thread's own.
class Matcher {
 public:
  explicit Matcher(const Regex& regex) : regex_(regex), runner_(regex, false) {}
  bool operator()(const Text& text) {
    return regex_.dfa.next != nullptr ? matchesDfa(regex_, text) : runner_.find(text);
  }

 private:
  const Regex& regex_;
  ProgramRunner runner_;
};

}  // namespace gdf::text

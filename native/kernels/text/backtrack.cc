// The search in depth: a backtracking matcher that remembers what has failed, so that it takes at most a step for every
// pair of instruction and place (RE2's BitState; Cox, "Regular Expression Matching in the Wild", 2010). What failed
// from one beginning fails from the next one too.
#include <algorithm>

#include "kernels/text/regex.h"

namespace gdf::text {

bool ProgramRunner::findDepthFirst(const Text& text, int64_t from) {
  const auto bits = static_cast<size_t>(regex_.program.instructions) * static_cast<size_t>(text.length - from + 1);
  failed_.assign((bits + 63) / 64, 0);
  const uint8_t* end = text.bytes + text.length;
  for (int64_t start = from;;) {
    start = regex_.program.skip.next(text.bytes + start, end) - text.bytes;
    std::fill(working_.begin(), working_.end(), -1);
    if (walk(text, from, start)) {
      found_ = working_;
      return true;
    }
    if (start >= text.length) return false;
    start += sequenceLength(text.bytes[start]);
  }
}

/// Whether a match begins at `start`; its slots are then in working_.
bool ProgramRunner::walk(const Text& text, int64_t from, int64_t start) {
  const Program& program = regex_.program;
  const auto width = static_cast<uint64_t>(text.length - from + 1);
  stack_.clear();
  stack_.push_back({program.start, 0, static_cast<int32_t>(start)});
  while (!stack_.empty()) {
    const Frame frame = stack_.back();
    stack_.pop_back();
    if (frame.instruction < 0) {
      working_[static_cast<size_t>(frame.slot)] = frame.value;
      continue;
    }
    int64_t position = frame.value;
    for (int32_t instruction = frame.instruction; instruction >= 0;) {
      const uint64_t bit = static_cast<uint64_t>(instruction) * width + static_cast<uint64_t>(position - from);
      uint64_t& word = failed_[bit / 64];
      if ((word >> (bit % 64) & 1) != 0) break;
      word |= uint64_t{1} << (bit % 64);
      const int32_t* code = program.code + 4 * instruction;
      instruction = code[1];
      switch (code[0]) {
        case Program::Match:
          return true;
        case Program::Set: {
          if (position >= text.length) {
            instruction = -1;
            break;
          }
          const uint8_t* at = text.bytes + position;
          const uint32_t index = regex_.alphabet.classOf(decodeAt(at));
          if (program.members[static_cast<uint32_t>(code[2]) * regex_.dfa.classCount + index] == 0) instruction = -1;
          position += sequenceLength(*at);
          break;
        }
        case Program::Split:
          stack_.push_back({code[2], 0, static_cast<int32_t>(position)});
          break;
        case Program::Save:
          if (slotCount_ > 0) setSlot(code[2], static_cast<int32_t>(position));
          break;
        case Program::Clear:
          for (int32_t slot = code[2]; slot <= code[3] && slotCount_ > 0; ++slot) setSlot(slot, -1);
          break;
        case Program::Assert:
          if (!holds(code[2], contextBefore(text, position), contextAfter(text, position))) instruction = -1;
          break;
        default:  // Fail
          instruction = -1;
      }
    }
  }
  return false;
}

}  // namespace gdf::text

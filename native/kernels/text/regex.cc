// Both run in time linear in the text: the automaton one step a code point, the program all threads together (Pike's
// algorithm; src/text/regex/pike.ts is the specification).
#include "kernels/text/regex.h"

#include <algorithm>

namespace gdf::text {
bool holds(int32_t assertion, int before, int after) {
  switch (assertion) {
    case 0:
      return before == kEnd;
    case 1:
      return after == kEnd;
    case 2:
      return before == kEnd || (before & 1) != 0;
    case 3:
      return after == kEnd || (after & 1) != 0;
    default: {
      const bool wordBefore = before != kEnd && (before & 2) != 0;
      const bool wordAfter = after != kEnd && (after & 2) != 0;
      return (wordBefore != wordAfter) == (assertion == 4);
    }
  }
}

bool matchesDfa(const Regex& regex, const Text& text) {
  const Dfa& dfa = regex.dfa;
  const uint16_t* ascii = regex.alphabet.classes + 256u * regex.alphabet.pages[0];
  const uint8_t* at = text.bytes;
  const uint8_t* end = at + text.length;
  uint32_t state = dfa.start;
  while (at < end) {
    if (state == dfa.start) {
      at = dfa.skip.next(at, end);
      if (at == end) break;
    }
    uint32_t index;
    if (*at < 0x80) {
      index = ascii[*at++];
    } else {
      index = regex.alphabet.classOf(decodeAt(at));
      at += sequenceLength(*at);
    }
    state = dfa.next[state * dfa.classCount + index];
    if (state <= Dfa::kDead) return state == Dfa::kAccept;
  }
  return dfa.acceptsAtEnd[state] != 0;
}

ProgramRunner::ProgramRunner(const Regex& regex, bool withSlots)
    : regex_(regex),
      slotCount_(withSlots ? regex.program.slotCount : 0),
      working_(static_cast<size_t>(slotCount_)),
      found_(static_cast<size_t>(slotCount_)),
      visited_(static_cast<size_t>(regex.program.instructions)),
      stride_(std::max<int64_t>(kLeastStride, regex.program.instructions)) {}

bool ProgramRunner::find(const Text& text, int64_t from) {
  const int64_t bits = regex_.program.instructions * (text.length - from + 1);
  return bits <= kMaxBits ? findDepthFirst(text, from) : findBreadthFirst(text, from);
}

int ProgramRunner::contextBefore(const Text& text, int64_t position) const {
  if (position == 0) return kEnd;
  return regex_.program.contexts[regex_.alphabet.classOf(decodeAt(previousCodePoint(text.bytes + position)))];
}

int ProgramRunner::contextAfter(const Text& text, int64_t position) const {
  if (position >= text.length) return kEnd;
  return regex_.program.contexts[regex_.alphabet.classOf(decodeAt(text.bytes + position))];
}

bool ProgramRunner::findBreadthFirst(const Text& text, int64_t from) {
  const Program& program = regex_.program;
  int before = contextBefore(text, from);
  current_.clear();
  sightings_.clear();
  if (from == 0) hopeless_.clear();
  bool matched = false;
  for (int64_t position = from;;) {
    if (!matched && current_.threads.empty()) {
      const uint8_t* at = program.skip.next(text.bytes + position, text.bytes + text.length);
      if (at > text.bytes + position) {
        position = at - text.bytes;
        before = contextBefore(text, position);
      }
    }
    dropHopeless(text, position, matched);
    const bool atEnd = position >= text.length;
    const int index = atEnd ? kEnd : regex_.alphabet.classOf(decodeAt(text.bytes + position));
    const int after = atEnd ? kEnd : program.contexts[index];
    ++generation_;
    next_.clear();
    bool cut = false;  // threads after one that matched are less preferred
    for (size_t i = 0; i < current_.threads.size() && !cut; ++i) {
      const Thread thread = current_.threads[i];
      if (program.code[4 * thread.instruction] == Program::Set) {
        advance(thread, index);
        continue;
      }
      std::copy_n(current_.slots.begin() + thread.slots, slotCount_, working_.begin());
      cut = expand(thread.instruction, position, before, after, index);
    }
    if (!cut && !matched) {
      std::fill(working_.begin(), working_.end(), -1);
      cut = expand(program.start, position, before, after, index);
    }
    if (cut) sightings_.clear();
    matched |= cut;
    std::swap(current_, next_);
    if (atEnd || (matched && current_.threads.empty())) {
      learnHopeless();
      return matched;
    }
    if (matched && slotCount_ == 0) return true;
    before = after;
    position += sequenceLength(text.bytes[position]);
  }
}

/// A thread that waits for a class, as most do: what expand would do, without its stack and the working slots.
void ProgramRunner::advance(const Thread& thread, int index) {
  uint64_t& visited = visited_[static_cast<size_t>(thread.instruction)];
  if (visited == generation_) return;
  visited = generation_;
  if (index == kEnd || !isMember(thread.instruction, index)) return;
  const auto slots = static_cast<int32_t>(next_.slots.size());
  next_.threads.push_back({regex_.program.code[4 * thread.instruction + 1], slots});
  if (slotCount_ == 0) return;
  const auto begin = current_.slots.begin() + thread.slots;
  next_.slots.insert(next_.slots.end(), begin, begin + slotCount_);
}

/// Has the set of an instruction the class?
bool ProgramRunner::isMember(int32_t instruction, int index) const {
  const auto set = static_cast<uint32_t>(regex_.program.code[4 * instruction + 2]);
  return regex_.program.members[set * regex_.dfa.classCount + static_cast<uint32_t>(index)] != 0;
}

/// At a checkpoint: threads that cannot match go; behind a match the others are seen. Before the first match nothing
/// need be: it would be forgotten there, or there is none and no search follows.
void ProgramRunner::dropHopeless(const Text& text, int64_t position, bool matched) {
  if (current_.threads.empty() || slotCount_ == 0) return;
  // The first code point that begins at a multiple of the stride or behind it: so is it for every search.
  const int64_t checkpoint = position / stride_;
  for (int64_t at = checkpoint * stride_; at < position; ++at) {
    if (!isContinuation(text.bytes[at])) return;
  }
  const auto number = static_cast<size_t>(checkpoint);
  std::vector<Thread>& threads = current_.threads;
  if (number < hopeless_.size() && !hopeless_[number].empty()) {
    ++generation_;
    for (const int32_t instruction : hopeless_[number]) visited_[static_cast<size_t>(instruction)] = generation_;
    threads.erase(std::remove_if(threads.begin(), threads.end(),
                                 [&](const Thread& thread) {
                                   return visited_[static_cast<size_t>(thread.instruction)] == generation_;
                                 }),
                  threads.end());
  }
  if (!matched) return;
  for (const Thread& thread : threads) sightings_.push_back({number, thread.instruction});
}

/// The search has ended, and nothing that was seen since its last match has matched.
void ProgramRunner::learnHopeless() {
  for (const Sighting& seen : sightings_) {
    if (seen.checkpoint >= hopeless_.size()) hopeless_.resize(seen.checkpoint + 1);
    hopeless_[seen.checkpoint].push_back(seen.instruction);
  }
}

/// Walks from an instruction, in order of preference, to those that wait for a class; true at a match, which ends it.
bool ProgramRunner::expand(int32_t instruction, int64_t position, int before, int after, int index) {
  const Program& program = regex_.program;
  stack_.clear();
  stack_.push_back({instruction, 0, 0});
  while (!stack_.empty()) {
    const Frame frame = stack_.back();
    stack_.pop_back();
    if (frame.instruction < 0) {
      working_[static_cast<size_t>(frame.slot)] = frame.value;
      continue;
    }
    if (visited_[static_cast<size_t>(frame.instruction)] == generation_) continue;
    visited_[static_cast<size_t>(frame.instruction)] = generation_;
    const int32_t* code = program.code + 4 * frame.instruction;
    if (code[0] == Program::Match) {
      found_ = working_;
      return true;
    }
    if (code[0] == Program::Set) {
      if (index != kEnd && isMember(frame.instruction, index)) keep(code[1]);
      continue;
    }
    follow(frame.instruction, position, before, after);
  }
  return false;
}

/// Pushes what comes after an instruction that consumes nothing.
void ProgramRunner::follow(int32_t instruction, int64_t position, int before, int after) {
  const int32_t* code = regex_.program.code + 4 * instruction;
  const Frame next{code[1], 0, 0};
  switch (code[0]) {
    case Program::Split:
      stack_.push_back({code[2], 0, 0});
      stack_.push_back(next);
      break;
    case Program::Save:
      if (slotCount_ > 0) setSlot(code[2], static_cast<int32_t>(position));
      stack_.push_back(next);
      break;
    case Program::Clear:
      for (int32_t slot = code[2]; slot <= code[3] && slotCount_ > 0; ++slot) setSlot(slot, -1);
      stack_.push_back(next);
      break;
    case Program::Assert:
      if (holds(code[2], before, after)) stack_.push_back(next);
      break;
    default:
      break;  // Fail
  }
}

/// Sets a slot until all that follows has been walked.
void ProgramRunner::setSlot(int32_t slot, int32_t value) {
  int32_t& current = working_[static_cast<size_t>(slot)];
  stack_.push_back({-1, slot, current});
  current = value;
}

void ProgramRunner::keep(int32_t instruction) {
  next_.threads.push_back({instruction, static_cast<int32_t>(next_.slots.size())});
  next_.slots.insert(next_.slots.end(), working_.begin(), working_.end());
}

}  // namespace gdf::text

// The state of one thread that interprets a program: the slots (registers) of one vector of rows.
//
//   arena   slots x kVectorRows x 8 bytes, 16 in programs with 128-bit values; bool values are bytes of 0 or 1
//   write   where an instruction puts slot s: its part of the arena, or, for outputs, the result's own memory
//   read    where the value of slot s is: as `write`, or inside a column, for loads that need no conversion
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "kernels/evaluate/program.h"

namespace gdf::evaluate {

// 16 KiB a slot: long enough to hide the interpreter's own cost, short enough that a dozen slots stay in the L2 cache.
inline constexpr int64_t kVectorRows = 2048;

/// The failing check with the smallest row, and in that row the smallest site.
struct Failure {
  int64_t row = std::numeric_limits<int64_t>::max();
  int32_t site = std::numeric_limits<int32_t>::max();

  bool happened() const { return row != std::numeric_limits<int64_t>::max(); }
  void merge(const Failure& other) {
    if (other.row < row || (other.row == row && other.site < site)) *this = other;
  }
};

struct Frame {
  /// Fills the constants' slots.
  Frame(const Program& program, const std::vector<ColumnView>& columns);
  Frame(const Frame&) = delete;  // its pointers lead into its own arena
  Frame(Frame&&) = default;

  const Program& program;
  const std::vector<ColumnView>& columns;
  std::vector<uint8_t> arena;
  std::vector<uint8_t*> write;
  std::vector<const uint8_t*> read;
  // Slots of outputs, whose values must be at `write` and not inside a column.
  std::vector<uint8_t> direct;

  int64_t count = 0;                    // rows of this vector
  int64_t base = 0;                     // their first row in the batch
  const uint32_t* selection = nullptr;  // their row numbers; null: base, base + 1, ...
  Failure failure;

  template <class T>
  const T* in(int32_t slot) const {
    return reinterpret_cast<const T*>(read[static_cast<size_t>(slot)]);
  }
  template <class T>
  T* out(int32_t slot) {
    const auto index = static_cast<size_t>(slot);
    read[index] = write[index];
    return reinterpret_cast<T*>(write[index]);
  }
  /// Null: no guard.
  const uint8_t* guard(const Instruction& instruction) const {
    return instruction.guard < 0 ? nullptr : in<uint8_t>(instruction.guard);
  }
  void fail(int64_t index, int32_t site) {
    failure.merge({selection == nullptr ? base + index : int64_t{selection[index]}, site});
  }
  void run(const std::vector<Instruction>& code) {
    for (const Instruction& instruction : code) instruction.kernel(instruction, *this);
  }
  uint8_t* arenaSlot(int32_t slot) { return arena.data() + static_cast<size_t>(slot) * slotBytes(); }
  size_t slotBytes() const { return static_cast<size_t>(kVectorRows) * (program.isWide ? 16 : 8); }
};

}  // namespace gdf::evaluate

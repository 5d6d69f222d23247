// A program as the interpreter runs it. The numbers of Op and Lane, and the layout of the code, are those of
// src/codegen/cpu (opcodes.ts, compile.ts).
#pragma once

#include <cstdint>
#include <vector>

#include "core/column.h"

namespace gdf::evaluate {

enum class Op : int32_t {
  Load,
  LoadValidity,
  Constant,
  Add,
  Sub,
  Mul,
  Div,
  Rem,
  FloorDiv,
  Mod,
  Shl,
  Shr,
  BitAnd,
  BitOr,
  BitXor,
  Neg,
  Abs,
  Sqrt,
  Floor,
  Ceil,
  Trunc,
  Round,
  Eq,
  Ne,
  Lt,
  Le,
  And,
  Or,
  Xor,
  Not,
  IsNan,
  IsFinite,
  Select,
  Convert,
  Fits,
  Require,
  InSet,
  Lookup,
  Call,
  Rank,
  Quotient,
  RoundedProduct,
  RowNumber,
};

// I8 .. U16 exist only as limits of Fits: in registers these values are I32 and U32.
enum class Lane : int32_t { Bool, I32, U32, I64, U64, F32, F64, I8, I16, U8, U16, I128 };

struct Frame;
struct Instruction;
using Kernel = void (*)(const Instruction& instruction, Frame& frame);

struct Instruction {
  Op op;
  Lane lane;
  int32_t target;  // slot
  int32_t a;       // slot, or where the operation has none: column, constant, set, table, lane or routine
  int32_t b;
  int32_t c;
  int32_t guard;  // slot, or -1: every row
  int32_t site;   // -1: unchecked
  Kernel kernel;
};

struct SetView {
  const void* values = nullptr;  // ascending in the engine's order, distinct
  int64_t size = 0;
};
struct TableView {
  const uint32_t* words = nullptr;  // bool: bits; 4-byte lanes: one word a value; 8-byte lanes: two
  int64_t size = 0;
};

struct OutputSpec {
  Storage storage;
  int32_t slot;
  int32_t validity;  // slot, or -1: never null
};

struct Program {
  bool hasPredicate = false;
  int32_t predicateSlot = -1;
  std::vector<Instruction> fills;  // constants: run once a thread
  std::vector<Instruction> predicate;
  std::vector<Instruction> code;
  int32_t slots = 0;
  std::vector<uint64_t> constants;  // two words each
  bool isWide = false;              // has 128-bit values: slots are twice as large
  std::vector<SetView> sets;
  std::vector<TableView> tables;
  std::vector<OutputSpec> outputs;
};

/// The kernel of an instruction. Throws KernelError for a combination that the IR does not have.
Kernel selectKernel(const Instruction& instruction);

}  // namespace gdf::evaluate

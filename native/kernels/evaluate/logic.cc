// Bool operations on bytes of 0 or 1, select, and the bare check.
#include "kernels/evaluate/kernels.h"

namespace gdf::evaluate {
namespace {

struct And {
  static uint8_t apply(uint8_t a, uint8_t b) { return a & b; }
};
struct Or {
  static uint8_t apply(uint8_t a, uint8_t b) { return a | b; }
};
struct Xor {
  static uint8_t apply(uint8_t a, uint8_t b) { return a ^ b; }
};
struct Not {
  static uint8_t apply(uint8_t a) { return a ^ 1; }
};

template <class T>
void choose(const Instruction& instruction, Frame& frame) {
  const uint8_t* GDF_RESTRICT condition = frame.in<uint8_t>(instruction.a);
  const T* GDF_RESTRICT a = frame.in<T>(instruction.b);
  const T* GDF_RESTRICT b = frame.in<T>(instruction.c);
  T* GDF_RESTRICT out = frame.out<T>(instruction.target);
  const int64_t count = frame.count;
  for (int64_t i = 0; i < count; ++i) {
    const T whenTrue = a[i];
    const T whenFalse = b[i];
    out[i] = condition[i] != 0 ? whenTrue : whenFalse;
  }
}

void require(const Instruction& instruction, Frame& frame) {
  const uint8_t* GDF_RESTRICT condition = frame.in<uint8_t>(instruction.a);
  const uint8_t* GDF_RESTRICT guard = frame.guard(instruction);
  uint8_t* GDF_RESTRICT out = frame.out<uint8_t>(instruction.target);
  uint8_t failed = 0;
  for (int64_t i = 0; i < frame.count; ++i) {
    out[i] = condition[i];
    failed |= (condition[i] ^ 1) & (guard == nullptr ? 1 : guard[i]);
  }
  if (failed != 0) reportFirst(instruction, frame, [&](int64_t i) { return condition[i] == 0; });
}

Kernel selectChoose(Lane lane) {
  switch (lane) {
    case Lane::Bool:
      return choose<uint8_t>;
    case Lane::I32:
    case Lane::U32:
    case Lane::F32:
      return choose<uint32_t>;
    default:
      return choose<uint64_t>;
  }
}

}  // namespace

Kernel selectLogic(const Instruction& instruction) {
  switch (instruction.op) {
    case Op::And:
      return binary<uint8_t, uint8_t, And>;
    case Op::Or:
      return binary<uint8_t, uint8_t, Or>;
    case Op::Xor:
      return binary<uint8_t, uint8_t, Xor>;
    case Op::Not:
      return unary<uint8_t, uint8_t, Not>;
    case Op::Select:
      return selectChoose(instruction.lane);
    case Op::Require:
      return require;
    default:
      return nullptr;
  }
}

}  // namespace gdf::evaluate

// Loads: columns to slots. Without a selection, a column whose values have the lane's width is read where it is.
#include <cstring>

#include "core/bitmap.h"
#include "kernels/evaluate/kernels.h"

namespace gdf::evaluate {
namespace {

const ColumnView& columnOf(const Instruction& instruction, const Frame& frame) {
  return frame.columns[static_cast<size_t>(instruction.a)];
}

void loadBitmap(const uint8_t* bitmap, Frame& frame, uint8_t* out) {
  if (frame.selection == nullptr) return expandBits(bitmap, frame.base, frame.count, out);
  for (int64_t i = 0; i < frame.count; ++i) {
    const uint32_t row = frame.selection[i];
    out[i] = (bitmap[row >> 3] >> (row & 7)) & 1;
  }
}

void loadBool(const Instruction& instruction, Frame& frame) {
  loadBitmap(columnOf(instruction, frame).as<uint8_t>(), frame, frame.out<uint8_t>(instruction.target));
}

void loadValidity(const Instruction& instruction, Frame& frame) {
  uint8_t* out = frame.out<uint8_t>(instruction.target);
  const uint8_t* validity = columnOf(instruction, frame).validity;
  if (validity == nullptr) {
    std::memset(out, 1, static_cast<size_t>(frame.count));
  } else {
    loadBitmap(validity, frame, out);
  }
}

template <class Stored, class Lane>
void loadValues(const Instruction& instruction, Frame& frame) {
  const Stored* GDF_RESTRICT values = columnOf(instruction, frame).template as<Stored>();
  const auto slot = static_cast<size_t>(instruction.target);
  const int64_t count = frame.count;
  if (frame.selection != nullptr) {
    const uint32_t* GDF_RESTRICT rows = frame.selection;
    Lane* GDF_RESTRICT out = frame.out<Lane>(instruction.target);
    for (int64_t i = 0; i < count; ++i) out[i] = values[rows[i]];
  } else if (std::is_same_v<Stored, Lane> && frame.direct[slot] == 0) {
    frame.read[slot] = reinterpret_cast<const uint8_t*>(values + frame.base);
  } else {
    Lane* GDF_RESTRICT out = frame.out<Lane>(instruction.target);
    for (int64_t i = 0; i < count; ++i) out[i] = values[frame.base + i];
  }
}

template <class A, class B, class C>
void loadWidening(const Instruction& instruction, Frame& frame) {
  switch (storageBytes(columnOf(instruction, frame).storage)) {
    case 1:
      return loadValues<A, C>(instruction, frame);
    case 2:
      return loadValues<B, C>(instruction, frame);
    default:
      return loadValues<C, C>(instruction, frame);
  }
}

template <class T>
void fill(const Instruction& instruction, Frame& frame) {
  T value;
  std::memcpy(&value, &frame.program.constants[2 * static_cast<size_t>(instruction.a)], sizeof(T));
  T* out = frame.out<T>(instruction.target);
  for (int64_t i = 0; i < kVectorRows; ++i) out[i] = value;
}

void rowNumber(const Instruction& instruction, Frame& frame) {
  uint32_t* out = frame.out<uint32_t>(instruction.target);
  for (int64_t i = 0; i < frame.count; ++i) {
    out[i] = frame.selection == nullptr ? static_cast<uint32_t>(frame.base + i) : frame.selection[i];
  }
}

Kernel selectFill(Lane lane) {
  switch (lane) {
    case Lane::Bool:
      return fill<uint8_t>;
    case Lane::I32:
    case Lane::U32:
    case Lane::F32:
      return fill<uint32_t>;
    default:
      return fill<uint64_t>;
  }
}

}  // namespace

Kernel selectLoad(const Instruction& instruction) {
  if (instruction.op == Op::LoadValidity) return loadValidity;
  if (instruction.op == Op::RowNumber) return rowNumber;
  if (instruction.op == Op::Constant) return selectFill(instruction.lane);
  if (instruction.op != Op::Load) return nullptr;
  switch (instruction.lane) {
    case Lane::Bool:
      return loadBool;
    case Lane::I32:
      return loadWidening<int8_t, int16_t, int32_t>;
    case Lane::U32:
      return loadWidening<uint8_t, uint16_t, uint32_t>;
    case Lane::F32:
      return loadValues<float, float>;
    case Lane::F64:
      return loadValues<double, double>;
    default:
      return loadValues<uint64_t, uint64_t>;
  }
}

}  // namespace gdf::evaluate

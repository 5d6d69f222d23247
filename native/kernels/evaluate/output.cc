#include "kernels/evaluate/output.h"

#include <cstring>
#include <set>

namespace gdf::evaluate {
namespace {

bool isComputed(const Program& program, int32_t slot) {
  for (const Instruction& instruction : program.code) {
    if (instruction.target == slot) return true;
  }
  return false;
}

uint8_t* bitsOf(const BufferPtr& buffer) {
  return buffer ? buffer->data() : nullptr;
}

template <class From, class To>
void narrow(const Frame& frame, int32_t slot, uint8_t* out) {
  const From* GDF_RESTRICT values = frame.in<From>(slot);
  To* GDF_RESTRICT target = reinterpret_cast<To*>(out);
  for (int64_t i = 0; i < frame.count; ++i) target[i] = static_cast<To>(values[i]);
}

void copyValues(const Frame& frame, const OutputSpec& spec, uint8_t* out) {
  switch (spec.storage) {
    case Storage::I8:
      return narrow<int32_t, int8_t>(frame, spec.slot, out);
    case Storage::U8:
      return narrow<uint32_t, uint8_t>(frame, spec.slot, out);
    case Storage::I16:
      return narrow<int32_t, int16_t>(frame, spec.slot, out);
    case Storage::U16:
      return narrow<uint32_t, uint16_t>(frame, spec.slot, out);
    default:
      std::memcpy(out, frame.in<uint8_t>(spec.slot), static_cast<size_t>(frame.count * storageBytes(spec.storage)));
  }
}

}  // namespace

OutputSet::OutputSet(const Program& program, int64_t rowCount) {
  std::set<int32_t> aimed;
  for (const OutputSpec& spec : program.outputs) {
    Output output{spec, false, {}, std::make_unique<std::atomic<int64_t>>(0)};
    OwnedColumn& column = output.column;
    column.storage = spec.storage;
    column.length = rowCount;
    const int width = storageBytes(spec.storage);
    column.values = spec.storage == Storage::Bool ? Buffer::allocateZeroed(static_cast<size_t>(bitmapBytes(rowCount)))
                                                  : Buffer::allocate(static_cast<size_t>(rowCount * width));
    if (spec.validity >= 0) column.validity = Buffer::allocateZeroed(static_cast<size_t>(bitmapBytes(rowCount)));
    output.direct = width >= 4 && isComputed(program, spec.slot) && aimed.insert(spec.slot).second;
    outputs_.push_back(std::move(output));
  }
}

void OutputSet::markDirect(Frame& frame) const {
  for (const Output& output : outputs_) {
    if (output.direct) frame.direct[static_cast<size_t>(output.spec.slot)] = 1;
  }
}

std::vector<OwnedColumn> OutputSet::take() {
  std::vector<OwnedColumn> columns;
  for (Output& output : outputs_) {
    output.column.nullCount = *output.nulls;
    if (output.column.nullCount == 0) output.column.validity.reset();
    columns.push_back(std::move(output.column));
  }
  return columns;
}

MorselWriter::MorselWriter(OutputSet& outputs, int64_t row) : outputs_(outputs.outputs_), row_(row) {
  for (const OutputSet::Output& output : outputs_) {
    bitmaps_.push_back(
        {BitmapWriter(bitsOf(output.column.values), row), BitmapWriter(bitsOf(output.column.validity), row)});
  }
}

void MorselWriter::aim(Frame& frame) const {
  for (OutputSet::Output& output : outputs_) {
    if (!output.direct) continue;
    const int64_t offset = row_ * storageBytes(output.spec.storage);
    frame.write[static_cast<size_t>(output.spec.slot)] = output.column.values->data() + offset;
  }
}

void MorselWriter::collect(const Frame& frame) {
  for (size_t i = 0; i < outputs_.size(); ++i) {
    const OutputSet::Output& output = outputs_[i];
    const OutputSpec& spec = output.spec;
    if (spec.storage == Storage::Bool) {
      bitmaps_[i].values.appendBytes(frame.in<uint8_t>(spec.slot), frame.count);
    } else if (!output.direct) {
      copyValues(frame, spec, output.column.values->data() + row_ * storageBytes(spec.storage));
    }
    if (spec.validity >= 0) {
      bitmaps_[i].nulls +=
          frame.count - bitmaps_[i].validity.appendBytes(frame.in<uint8_t>(spec.validity), frame.count);
    }
  }
  row_ += frame.count;
}

void MorselWriter::finish() {
  for (size_t i = 0; i < outputs_.size(); ++i) {
    if (outputs_[i].spec.storage == Storage::Bool) bitmaps_[i].values.finish();
    if (outputs_[i].spec.validity < 0) continue;
    bitmaps_[i].validity.finish();
    *outputs_[i].nulls += bitmaps_[i].nulls;
  }
}

}  // namespace gdf::evaluate

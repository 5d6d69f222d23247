#include "core/key_codes.h"

#include <algorithm>
#include <mutex>

#include "core/bitmap.h"
#include "core/error.h"
#include "core/int128.h"
#include "core/morsel.h"
#include "core/ordered.h"

namespace gdf {
namespace {

constexpr int64_t kVector = 1024;

template <class T>
void loadOrdered(const T* values, int64_t count, uint64_t* out) {
  for (int64_t i = 0; i < count; ++i) out[i] = orderedCode(values[i]);
}

void loadEntries(const KeyCodes& codes, int64_t begin, int64_t count, uint64_t* out) {
  const uint32_t* values = codes.view.as<uint32_t>() + begin;
  if (codes.remap == nullptr) return loadOrdered(values, count, out);
  const auto size = static_cast<uint64_t>(codes.view.dictionary.size);
  // The code under a null may lie outside the dictionary.
  for (int64_t i = 0; i < count; ++i) out[i] = values[i] < size ? codes.remap[values[i]] : 0;
}

void loadBits(const KeyCodes& codes, int64_t begin, int64_t count, uint64_t* out) {
  const auto* bits = codes.view.as<uint8_t>();
  for (int64_t i = 0; i < count; ++i) out[i] = (bits[(begin + i) >> 3] >> ((begin + i) & 7)) & 1;
}

void loadHalves(const KeyCodes& codes, int64_t begin, int64_t count, uint64_t* out) {
  for (int64_t i = 0; i < count; ++i) {
    const int128 value = loadInt128(codes.view.values, begin + i);
    out[i] = codes.isHighHalf ? orderedCode(highHalf(value)) : lowHalf(value);
  }
}

CodeRange rangeOfRows(const KeyCodes& codes, int64_t begin, int64_t end) {
  CodeRange range;
  uint64_t values[kVector];
  uint8_t valid[kVector];
  for (int64_t row = begin; row < end; row += kVector) {
    const int64_t count = std::min(kVector, end - row);
    codes.load(row, count, values);
    if (codes.view.validity == nullptr) {
      for (int64_t i = 0; i < count; ++i) {
        range.min = std::min(range.min, values[i]);
        range.max = std::max(range.max, values[i]);
      }
      continue;
    }
    expandBits(codes.view.validity, row, count, valid);
    for (int64_t i = 0; i < count; ++i) {
      range.min = std::min(range.min, valid[i] != 0 ? values[i] : ~uint64_t{0});
      range.max = std::max(range.max, valid[i] != 0 ? values[i] : 0);
    }
  }
  return range;
}

}  // namespace

void KeyCodes::load(int64_t begin, int64_t count, uint64_t* out) const {
  switch (view.storage) {
    case Storage::Bool:
      return loadBits(*this, begin, count, out);
    case Storage::I8:
      return loadOrdered(view.as<int8_t>() + begin, count, out);
    case Storage::U8:
      return loadOrdered(view.as<uint8_t>() + begin, count, out);
    case Storage::I16:
      return loadOrdered(view.as<int16_t>() + begin, count, out);
    case Storage::U16:
      return loadOrdered(view.as<uint16_t>() + begin, count, out);
    case Storage::I32:
      return loadOrdered(view.as<int32_t>() + begin, count, out);
    case Storage::U32:
      return loadOrdered(view.as<uint32_t>() + begin, count, out);
    case Storage::I64:
      return loadOrdered(view.as<int64_t>() + begin, count, out);
    case Storage::U64:
      return loadOrdered(view.as<uint64_t>() + begin, count, out);
    case Storage::F32:
      return loadOrdered(view.as<float>() + begin, count, out);
    case Storage::F64:
      return loadOrdered(view.as<double>() + begin, count, out);
    case Storage::Dictionary:
      return loadEntries(*this, begin, count, out);
    case Storage::I128:
      return loadHalves(*this, begin, count, out);
    case Storage::Words:
    case Storage::Plain:
      break;
  }
  throw KernelError("NOT_SUPPORTED", "a key column of this storage has no codes");
}

uint64_t KeyCodes::at(int64_t row) const {
  uint64_t code;
  load(row, 1, &code);
  return code;
}

CodeRange rangeOf(const KeyCodes& codes, Context context) {
  CodeRange range;
  std::mutex mutex;
  forMorsels(context, codes.view.length, [&](int64_t begin, int64_t end, int64_t, int) {
    const CodeRange part = rangeOfRows(codes, begin, end);
    std::lock_guard lock(mutex);
    range.min = std::min(range.min, part.min);
    range.max = std::max(range.max, part.max);
  });
  return range;
}

}  // namespace gdf

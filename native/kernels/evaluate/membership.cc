// Sets and lookup tables.
#include <algorithm>
#include <cstring>

#include "kernels/evaluate/kernels.h"

namespace gdf::evaluate {
namespace {

// Up to here comparing with every value beats a binary search, because it vectorises.
constexpr int64_t kLinearSet = 16;

template <class T>
void inSmallSet(const T* GDF_RESTRICT a, const T* values, int64_t size, int64_t count, uint8_t* GDF_RESTRICT out) {
  std::memset(out, 0, static_cast<size_t>(count));
  for (int64_t k = 0; k < size; ++k) {
    const T value = values[k];
    for (int64_t i = 0; i < count; ++i) out[i] |= static_cast<uint8_t>(equals(a[i], value));
  }
}

template <class T>
bool isAmong(const T* values, int64_t size, T value) {
  const T* first = values;
  for (int64_t length = size; length > 1;) {  // branchless: the outcome of a search is not predictable
    const int64_t half = length / 2;
    first += lessThan(value, first[half]) ? 0 : half;
    length -= half;
  }
  return equals(*first, value);
}

template <class T>
void inSet(const Instruction& instruction, Frame& frame) {
  const SetView& set = frame.program.sets[static_cast<size_t>(instruction.b)];
  const auto* values = static_cast<const T*>(set.values);
  const T* GDF_RESTRICT a = frame.in<T>(instruction.a);
  uint8_t* GDF_RESTRICT out = frame.out<uint8_t>(instruction.target);
  if (set.size <= kLinearSet) return inSmallSet(a, values, set.size, frame.count, out);
  for (int64_t i = 0; i < frame.count; ++i) out[i] = isAmong(values, set.size, a[i]);
}

/// How many values of the set are not above `a`. Instants of a column lie close together: mostly the last answer holds.
void rank(const Instruction& instruction, Frame& frame) {
  const SetView& set = frame.program.sets[static_cast<size_t>(instruction.b)];
  const auto* values = static_cast<const int64_t*>(set.values);
  const int64_t* GDF_RESTRICT a = frame.in<int64_t>(instruction.a);
  uint32_t* GDF_RESTRICT out = frame.out<uint32_t>(instruction.target);
  int64_t last = 0;
  for (int64_t i = 0; i < frame.count; ++i) {
    const bool holds = (last == 0 || values[last - 1] <= a[i]) && (last == set.size || a[i] < values[last]);
    if (!holds) last = std::upper_bound(values, values + set.size, a[i]) - values;
    out[i] = static_cast<uint32_t>(last);
  }
}

void lookupBool(const Instruction& instruction, Frame& frame) {
  const TableView table = frame.program.tables[static_cast<size_t>(instruction.b)];
  const uint32_t* GDF_RESTRICT a = frame.in<uint32_t>(instruction.a);
  uint8_t* GDF_RESTRICT out = frame.out<uint8_t>(instruction.target);
  for (int64_t i = 0; i < frame.count; ++i) {
    const uint32_t key = a[i];
    out[i] = int64_t{key} < table.size ? (table.words[key >> 5] >> (key & 31)) & 1 : 0;
  }
}

template <class T>
void lookup(const Instruction& instruction, Frame& frame) {
  const TableView table = frame.program.tables[static_cast<size_t>(instruction.b)];
  const uint32_t* GDF_RESTRICT a = frame.in<uint32_t>(instruction.a);
  T* GDF_RESTRICT out = frame.out<T>(instruction.target);
  for (int64_t i = 0; i < frame.count; ++i) {
    T value = 0;
    if (int64_t{a[i]} < table.size) {
      std::memcpy(&value, table.words + size_t{a[i]} * (sizeof(T) / 4), sizeof(T));
    }
    out[i] = value;
  }
}

Kernel selectSet(Lane lane) {
  switch (lane) {
    case Lane::I32:
      return inSet<int32_t>;
    case Lane::U32:
      return inSet<uint32_t>;
    case Lane::I64:
      return inSet<int64_t>;
    case Lane::U64:
      return inSet<uint64_t>;
    case Lane::F32:
      return inSet<float>;
    case Lane::F64:
      return inSet<double>;
    default:
      return nullptr;
  }
}

Kernel selectLookup(Lane lane) {
  switch (lane) {
    case Lane::Bool:
      return lookupBool;
    case Lane::I32:
    case Lane::U32:
    case Lane::F32:
      return lookup<uint32_t>;
    default:
      return lookup<uint64_t>;
  }
}

}  // namespace

Kernel selectMembership(const Instruction& instruction) {
  if (instruction.op == Op::InSet) return selectSet(instruction.lane);
  if (instruction.op == Op::Lookup) return selectLookup(instruction.lane);
  if (instruction.op == Op::Rank) return rank;
  return nullptr;
}

}  // namespace gdf::evaluate

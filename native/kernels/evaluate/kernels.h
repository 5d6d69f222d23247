// The kernels by family, and the loops that they share. A family returns null for what it does not have.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "kernels/evaluate/frame.h"

#if defined(_MSC_VER)
#define GDF_RESTRICT __restrict
#else
#define GDF_RESTRICT __restrict__
#endif

namespace gdf::evaluate {

Kernel selectLoad(const Instruction& instruction);
Kernel selectInteger(const Instruction& instruction);
Kernel selectFloat(const Instruction& instruction);
Kernel selectCompare(const Instruction& instruction);
Kernel selectLogic(const Instruction& instruction);
Kernel selectConvert(const Instruction& instruction);
Kernel selectMembership(const Instruction& instruction);
Kernel selectRoutine(const Instruction& instruction);
Kernel selectWide(const Instruction& instruction);
Kernel selectQuotient(const Instruction& instruction);
Kernel selectRoundedProduct(const Instruction& instruction);

template <class T>
constexpr T canonicalNan(T value) {
  return value != value ? std::numeric_limits<T>::quiet_NaN() : value;
}

/// The order of keys: NaN equals NaN and is above every number, -0 equals 0.
template <class T>
constexpr bool equals(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return (a == b) | ((a != a) & (b != b));
  return a == b;
}
template <class T>
constexpr bool lessThan(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return (a < b) | ((b != b) & (a == a));
  return a < b;
}
template <class T>
constexpr bool lessOrEqual(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return (a <= b) | (b != b);
  return a <= b;
}

/// F::apply(a, b) row by row.
template <class A, class R, class F>
void binary(const Instruction& instruction, Frame& frame) {
  const A* GDF_RESTRICT a = frame.in<A>(instruction.a);
  const A* GDF_RESTRICT b = frame.in<A>(instruction.b);
  R* GDF_RESTRICT out = frame.out<R>(instruction.target);
  const int64_t count = frame.count;
  for (int64_t i = 0; i < count; ++i) out[i] = F::apply(a[i], b[i]);
}

template <class A, class R, class F>
void unary(const Instruction& instruction, Frame& frame) {
  const A* GDF_RESTRICT a = frame.in<A>(instruction.a);
  R* GDF_RESTRICT out = frame.out<R>(instruction.target);
  const int64_t count = frame.count;
  for (int64_t i = 0; i < count; ++i) out[i] = F::apply(a[i]);
}

/// Reports the first row for which `fails(row)` holds under the guard.
template <class Fails>
void reportFirst(const Instruction& instruction, Frame& frame, const Fails& fails) {
  const uint8_t* guard = frame.guard(instruction);
  for (int64_t i = 0; i < frame.count; ++i) {
    if ((guard == nullptr || guard[i] != 0) && fails(i)) return frame.fail(i, instruction.site);
  }
}

/// As `binary`; F::fails(a, b) says where the exact result does not fit. Failures are rare: the loop only gathers
/// whether there is any, and a second one then finds it.
template <class A, class F>
void checkedBinary(const Instruction& instruction, Frame& frame) {
  const A* GDF_RESTRICT a = frame.in<A>(instruction.a);
  const A* GDF_RESTRICT b = frame.in<A>(instruction.b);
  const uint8_t* GDF_RESTRICT guard = frame.guard(instruction);
  A* GDF_RESTRICT out = frame.out<A>(instruction.target);
  const int64_t count = frame.count;
  A failed = 0;
  if (guard == nullptr) {
    for (int64_t i = 0; i < count; ++i) {
      out[i] = F::apply(a[i], b[i]);
      failed |= static_cast<A>(F::fails(a[i], b[i]));
    }
  } else {
    for (int64_t i = 0; i < count; ++i) {
      out[i] = F::apply(a[i], b[i]);
      failed |= static_cast<A>(F::fails(a[i], b[i])) & static_cast<A>(guard[i]);
    }
  }
  if (failed != 0) reportFirst(instruction, frame, [&](int64_t i) { return F::fails(a[i], b[i]); });
}

}  // namespace gdf::evaluate

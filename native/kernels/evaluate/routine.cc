// Calls of routines: mathematical functions of doubles, in integer instructions, eight rows at a time with AVX-512 and
// four with AVX2. The bits do not depend on that.
#include <cstring>

#if defined(__GNUC__) && !defined(__clang__)
// GCC's own intrinsics start from registers that they leave uninitialised on purpose (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

#include "kernels/evaluate/kernels.h"
#include "kernels/evaluate/routines.generated.h"

namespace gdf::evaluate {
namespace {

constexpr int64_t kLanes = GDF_ROUTINE_LANES;
using Words = routines::Words64;
using routines::load;
using routines::store;
#define GDF_ROUTINE_CALL(name) routines::name<routines::Words64, routines::Words32, routines::Flags>

/// The rows that do not fill the registers, by way of a copy that does.
template <class F, class... Operands>
void remainder(const F& routine, int64_t count, double* out, const Operands*... operands) {
  const auto padded = [count](const double* values) {
    double copy[kLanes] = {};
    std::memcpy(copy, values, static_cast<size_t>(count) * sizeof(double));
    return load(copy);
  };
  double result[kLanes];
  store(result, routine(padded(operands)...));
  std::memcpy(out, result, static_cast<size_t>(count) * sizeof(double));
}

template <class F>
void unaryRoutine(const Instruction& instruction, Frame& frame, const F& routine) {
  const double* GDF_RESTRICT a = frame.in<double>(instruction.a);
  double* GDF_RESTRICT out = frame.out<double>(instruction.target);
  int64_t i = 0;
  for (; i + kLanes <= frame.count; i += kLanes) store(out + i, routine(load(a + i)));
  if (i < frame.count) remainder(routine, frame.count - i, out + i, a + i);
}

template <class F>
void binaryRoutine(const Instruction& instruction, Frame& frame, const F& routine) {
  const double* GDF_RESTRICT a = frame.in<double>(instruction.a);
  const double* GDF_RESTRICT b = frame.in<double>(instruction.b);
  double* GDF_RESTRICT out = frame.out<double>(instruction.target);
  int64_t i = 0;
  for (; i + kLanes <= frame.count; i += kLanes) store(out + i, routine(load(a + i), load(b + i)));
  if (i < frame.count) remainder(routine, frame.count - i, out + i, a + i, b + i);
}

#define GDF_UNARY_ENTRY(name)                                                            \
  [](const Instruction& instruction, Frame& frame) {                                     \
    unaryRoutine(instruction, frame, [](Words a) { return GDF_ROUTINE_CALL(name)(a); }); \
  },
#define GDF_BINARY_ENTRY(name)                                                                        \
  [](const Instruction& instruction, Frame& frame) {                                                  \
    binaryRoutine(instruction, frame, [](Words a, Words b) { return GDF_ROUTINE_CALL(name)(a, b); }); \
  },

constexpr Kernel kRoutines[] = {GDF_UNARY_ROUTINES(GDF_UNARY_ENTRY) GDF_BINARY_ROUTINES(GDF_BINARY_ENTRY)};

}  // namespace

Kernel selectRoutine(const Instruction& instruction) {
  if (instruction.op != Op::Call || instruction.lane != Lane::F64) return nullptr;
  const auto number = static_cast<size_t>(instruction.c);
  return number < std::size(kRoutines) ? kRoutines[number] : nullptr;
}

}  // namespace gdf::evaluate

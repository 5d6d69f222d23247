// An aggregate operation as plain data: src/physical/operation.ts in C++.
#pragma once

#include <cstdint>
#include <vector>

#include "core/column.h"

namespace gdf::aggregate {

// The numbers of these enumerations are shared with src/device/cpu/operations/aggregate_plan.ts.
enum class Phase : uint8_t { Complete = 0, Partial = 1, Final = 2 };

enum class MonoidKind : uint8_t {
  Count = 0,
  CountValues = 1,
  Sum = 2,
  Min = 3,
  Max = 4,
  First = 5,
  Last = 6,
  Any = 7,
  All = 8,
};

enum class CallKind : uint8_t {
  Value = 0,
  Sum = 1,
  Mean = 2,
  Ratio = 3,
  Quantile = 4,
  NUnique = 5,
  Mode = 6,
  ArgExtreme = 7
};

enum class Interpolation : uint8_t { Linear = 0, Lower = 1, Higher = 2, Nearest = 3, Midpoint = 4 };

/// What a sum keeps: a two's complement integer of 32 * limbs bits in units of 2^lowExponent.
struct Window {
  int lowExponent = 0;
  int limbs = 0;  // 0: not given
};

struct Monoid {
  MonoidKind kind = MonoidKind::Count;
  int column = -1;  // -1: none (count)
  int power = 1;
  int other = -1;      // sum, countValues: only rows where this column is not null either
  int otherPower = 0;  // sum: 1 multiplies by it
  bool keepNulls = false;
  Window window;
};

enum class StepOp : uint8_t { Constant = 0, State = 1, Add = 2, Subtract = 3, Multiply = 4 };

/// An exact number: a constant, a monoid's state, or made of two earlier steps.
struct Step {
  StepOp op = StepOp::Constant;
  int left = 0;  // the constant, the monoid, or a step
  int right = 0;
};

struct Call {
  CallKind kind = CallKind::Value;
  int monoid = -1;  // value: the monoid; sum, mean: the sum
  int count = -1;
  int scale = 0;            // mean: the values are units of 10^-scale
  std::vector<Step> steps;  // ratio
  int numerator = 0;
  int denominator = 0;
  int sign = -1;  // the step whose sign the root takes; -1: no root
  int least = 0;
  int column = -1;     // holistic calls
  bool upper = false;  // argExtreme: the highest
  double q = 0;
  Interpolation interpolation = Interpolation::Linear;
  Storage storage = Storage::F64;  // of the output column
};

/// Whether a call needs all values of a group at once.
inline bool isHolistic(const Call& call) {
  return call.kind >= CallKind::Quantile;
}

/// Column statistics, as far as they are known. Bounds, not promises of tightness.
struct Bounds {
  bool hasRange = false;  // integers, dates, timestamps; 64-bit two's complement, or unsigned for U64
  uint64_t min = 0;
  uint64_t max = 0;
  bool hasExponents = false;  // floats: multiples of 2^lowExponent, below 2^highExponent
  int lowExponent = 0;
  int highExponent = 0;
  bool hasSpecials = true;  // false: no NaN, no infinity
};

struct Plan {
  Phase phase = Phase::Complete;
  bool dropNullKeys = false;
  std::vector<int> keys;
  std::vector<Monoid> monoids;
  std::vector<Call> calls;
  std::vector<Bounds> bounds;  // one a column
};

}  // namespace gdf::aggregate

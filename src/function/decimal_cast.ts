// Casts from and to decimals.
//
//   decimal to decimal    to fewer digits after the point: halves away from zero, as SQL engines do
//   decimal to integer    toward zero, as of floats
//   decimal to float      the nearest one: rounded once
//   integer to decimal    exact
//   float to decimal      x * 10^scale in float64, halves away from zero
//   bool                  0 and 1; to bool: not zero
//
// Where the result has more digits than the dtype, the cast fails.

import {
  BOOL,
  type DecimalType,
  type DType,
  decimalLimit,
  decimalOfInteger,
  integerLimits,
  isFloat,
  isInteger,
  powerOfTen,
  wholeDigits,
} from "../dtype/index.ts";
import { laneOf, narrowLaneOf, type ValueId } from "../ir/index.ts";
import type { Conversion, ProgramBuilder } from "./builder.ts";
import { floatPowerOfTen, hasDigits, isWithin, scaleDown, scaleUp, toFloat } from "./decimal.ts";

/** To a decimal, from a number or a bool. */
export function toDecimal(
  builder: ProgramBuilder,
  from: DType,
  to: DecimalType,
  a: ValueId,
): Conversion {
  if (isFloat(from)) return fromFloat(builder, builder.convert(laneOf(from), "f64", a), to);
  if (from.kind === "decimal") return rescale(builder, from, to, a);
  const limit = from === BOOL ? 1n : integerLimits(from).max;
  return grow(builder, to, builder.convert(laneOf(from), "i128", a), to.scale, limit);
}

/** `limit`: no value is above it, or below -(limit + 1). */
function grow(
  builder: ProgramBuilder,
  to: DecimalType,
  wide: ValueId,
  digits: number,
  limit: bigint,
): Conversion {
  const value = scaleUp(builder, wide, digits);
  const most = decimalLimit(to.precision) / powerOfTen(digits);
  return { value, fits: limit < most ? null : isWithin(builder, wide, most) };
}

function rescale(
  builder: ProgramBuilder,
  from: DecimalType,
  to: DecimalType,
  a: ValueId,
): Conversion {
  if (to.scale >= from.scale) {
    if (wholeDigits(from) <= wholeDigits(to)) {
      return { value: scaleUp(builder, a, to.scale - from.scale), fits: null };
    }
    return grow(builder, to, a, to.scale - from.scale, decimalLimit(from.precision));
  }
  const value = scaleDown(builder, a, from.scale - to.scale, "halfAway");
  // Rounding may carry into one digit more.
  const fits = wholeDigits(from) < wholeDigits(to) ? null : hasDigits(builder, value, to.precision);
  return { value, fits };
}

function fromFloat(builder: ProgramBuilder, a: ValueId, to: DecimalType): Conversion {
  const factor = builder.constant("f64", floatPowerOfTen(to.scale));
  const scaled = to.scale === 0 ? a : builder.arithmetic("mul", "f64", a, factor);
  const rounded = builder.unary("round", "f64", scaled);
  const value = builder.convert("f64", "i128", rounded);
  const isInteger128 = builder.fits("f64", "i128", rounded);
  return { value, fits: builder.and(isInteger128, hasDigits(builder, value, to.precision)) };
}

/** From a decimal, to a number or a bool. */
export function fromDecimal(
  builder: ProgramBuilder,
  from: DecimalType,
  to: DType,
  a: ValueId,
): Conversion {
  if (to === BOOL) return { value: builder.convert("i128", "bool", a), fits: null };
  if (isFloat(to)) {
    const lane = to.kind === "float32" ? "f32" : "f64";
    return { value: toFloat(builder, lane, a, from), fits: null };
  }
  const whole = scaleDown(builder, a, from.scale, "trunc");
  const value = builder.convert("i128", laneOf(to), whole);
  if (isInteger(to) && to.kind.startsWith("int")) {
    const isNarrower = wholeDigits(from) < decimalOfInteger(to).precision;
    if (isNarrower) return { value, fits: null };
  }
  return { value, fits: builder.fits("i128", narrowLaneOf(to), whole) };
}

// Casts from and to decimals.
//
//   decimal to decimal    to fewer digits after the point: halves away from zero, as SQL engines do
//   decimal to integer    toward zero, as of floats
//   decimal to float      the nearest one: rounded once
//   integer to decimal    exact
//   float to decimal      the nearest one: x * 10^scale exactly, rounded once, halves away from zero
//   bool                  0 and 1; to bool: not zero
//
// Where the result has more digits than the dtype, the cast fails.

import { decompose, roundRatio } from "../base/index.ts";
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
import { hasDigits, isWithin, scaleDown, scaleUp, toFloat } from "./decimal.ts";

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
  const value = builder.roundedProduct(a, builder.constant("i128", powerOfTen(to.scale)));
  return { value, fits: roundsWithin(builder, a, to) };
}

/** Is |x| below limit + 1/2, in units of the last digit? Decided exactly; no NaN and no infinity is. */
function roundsWithin(builder: ProgramBuilder, a: ValueId, { precision, scale }: DecimalType) {
  const [numerator, denominator] = [2n * decimalLimit(precision) + 1n, 2n * powerOfTen(scale)];
  const nearest = roundRatio(numerator, denominator);
  const { mantissa, exponent } = decompose(nearest);
  const [up, down] = [BigInt(Math.max(exponent, 0)), BigInt(Math.max(-exponent, 0))];
  const isBelow = (mantissa << up) * denominator < numerator << down;
  const magnitude = builder.unary("abs", "f64", a);
  return builder.compare(isBelow ? "le" : "lt", "f64", magnitude, builder.constant("f64", nearest));
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

// Decimals in the IR: unscaled values in the i128 lane. What every decimal function and cast is built from.

import { type DecimalType, decimalLimit, MAX_PRECISION, powerOfTen } from "../dtype/index.ts";
import type { Check, ValueId } from "../ir/index.ts";
import type { ProgramBuilder } from "./builder.ts";

/** value * 10^digits, modulo 2^128 or checked. */
export function scaleUp(
  builder: ProgramBuilder,
  value: ValueId,
  digits: number,
  check: Check | null = null,
): ValueId {
  if (digits === 0) return value;
  const factor = builder.constant("i128", powerOfTen(digits));
  return builder.arithmetic("mul", "i128", value, factor, check);
}

/** How the digits behind a decimal's new last one go. */
export type Rounding = "halfAway" | "trunc" | "floor" | "ceil";

/** value / 10^digits of a value of at most 38 digits. */
export function scaleDown(
  builder: ProgramBuilder,
  value: ValueId,
  digits: number,
  rounding: Rounding,
): ValueId {
  if (digits === 0) return value;
  // 10^39 and above exceed every value: half of 10^38 is reached by none, so all that is left is the sign.
  const divisor = powerOfTen(Math.min(digits, MAX_PRECISION));
  const constant = (number: bigint) => builder.constant("i128", number);
  switch (rounding) {
    case "trunc":
      return builder.arithmetic("div", "i128", value, constant(divisor));
    case "floor":
      return builder.arithmetic("floorDiv", "i128", value, constant(divisor));
    case "ceil": {
      const negated = builder.unary("neg", "i128", value);
      const floor = builder.arithmetic("floorDiv", "i128", negated, constant(divisor));
      return builder.unary("neg", "i128", floor);
    }
    case "halfAway": {
      if (digits > MAX_PRECISION) return constant(0n);
      // 1.5 * 10^38 is below 2^127: adding the half does not overflow.
      const half = divisor / 2n;
      const isNegative = builder.compare("lt", "i128", value, constant(0n));
      const bias = builder.select("i128", isNegative, constant(-half), constant(half));
      const biased = builder.arithmetic("add", "i128", value, bias);
      return builder.arithmetic("div", "i128", biased, constant(divisor));
    }
  }
}

/** Has the value at most so many digits? */
export function hasDigits(builder: ProgramBuilder, value: ValueId, precision: number): ValueId {
  return isWithin(builder, value, decimalLimit(precision));
}

/** -limit <= value <= limit. */
export function isWithin(builder: ProgramBuilder, value: ValueId, limit: bigint): ValueId {
  const above = builder.compare("le", "i128", builder.constant("i128", -limit), value);
  const below = builder.compare("le", "i128", value, builder.constant("i128", limit));
  return builder.and(above, below);
}

/** The float nearest to a decimal: rounded once. */
export function toFloat(
  builder: ProgramBuilder,
  lane: "f32" | "f64",
  value: ValueId,
  { scale }: DecimalType,
): ValueId {
  if (scale === 0) return builder.convert("i128", lane, value);
  return builder.quotient(lane, value, builder.constant("i128", powerOfTen(scale)));
}

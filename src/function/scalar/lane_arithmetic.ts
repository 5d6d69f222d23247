// Integer arithmetic of one lane without checks, for programs that are written out by hand.

import type { ArithmeticOp, ValueId } from "../../ir/index.ts";
import type { ProgramBuilder } from "../builder.ts";

/** Days of dates and of instants in us and ns fit 32 bits; those of instants in s and ms do not. */
export type DayLane = "i32" | "i64";

/** Unchecked operations of one lane. */
export interface LaneArithmetic {
  readonly op: (name: ArithmeticOp, a: ValueId, b: ValueId) => ValueId;
  /** A constant of the lane. */
  readonly k: (value: number | bigint) => ValueId;
}

export function arithmeticOn(builder: ProgramBuilder, lane: DayLane): LaneArithmetic {
  return {
    op: (name, a, b) => builder.arithmetic(name, lane, a, b),
    k: (value) => builder.constant(lane, value),
  };
}

/** Floored quotient and remainder by a positive constant, with one division: it is what costs, in 64 bits above all. */
export function divMod(
  { op, k }: LaneArithmetic,
  a: ValueId,
  divisor: number | bigint,
): { readonly quotient: ValueId; readonly rest: ValueId } {
  const quotient = op("floorDiv", a, k(divisor));
  return { quotient, rest: op("sub", a, op("mul", quotient, k(divisor))) };
}

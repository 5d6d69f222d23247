// The arithmetic of the IR (src/ir/README.md) on plain values. Integers are bigints in every lane: an operation is
// computed exactly, then wrapped to the lane; what changes by wrapping is what a check reports.

import { assertNever, BINARY32, BINARY64, decompose, roundRatio } from "../../base/index.ts";
import type { ArithmeticOp, Lane, NarrowLane, NumericLane, UnaryOp } from "../../ir/index.ts";
import { floorDivMod, roundHalfAway } from "./float_ops.ts";
import type { Scalar } from "./values.ts";

export interface Checked {
  readonly value: Scalar;
  /** The lane cannot hold the exact result. */
  readonly failed: boolean;
}

type IntegerLane = "i32" | "u32" | "i64" | "u64" | "i128";
const WIDTH: Readonly<Record<IntegerLane, number>> = {
  i32: 32,
  u32: 32,
  i64: 64,
  u64: 64,
  i128: 128,
};

export function isFloatLane(lane: Lane): lane is "f32" | "f64" {
  return lane === "f32" || lane === "f64";
}

function isIntegerLane(lane: NarrowLane | Lane): lane is IntegerLane {
  return lane in WIDTH;
}

export function arithmetic(op: ArithmeticOp, lane: NumericLane, a: Scalar, b: Scalar): Checked {
  if (isFloatLane(lane)) {
    return { value: floatArithmetic(op, lane, a as number, b as number), failed: false };
  }
  return wrap(lane, integerArithmetic(op, lane, a as bigint, b as bigint));
}

export function unary(op: UnaryOp, lane: NumericLane, a: Scalar): Checked {
  if (isFloatLane(lane)) return { value: floatUnary(op, lane, a as number), failed: false };
  const value = a as bigint;
  switch (op) {
    case "neg":
      return wrap(lane, -value);
    case "abs":
      return wrap(lane, value < 0n ? -value : value);
    default:
      throw new Error(`${op} is no integer operation`);
  }
}

function wrap(lane: IntegerLane, exact: bigint): Checked {
  const value = wrapTo(lane, exact);
  return { value, failed: value !== exact };
}

function wrapTo(lane: IntegerLane, exact: bigint): bigint {
  const signed = lane.startsWith("i");
  return signed ? BigInt.asIntN(WIDTH[lane], exact) : BigInt.asUintN(WIDTH[lane], exact);
}

/** The exact result. A zero divisor gives zero: its value is unspecified, but it must not trap. */
function integerArithmetic(op: ArithmeticOp, lane: IntegerLane, a: bigint, b: bigint): bigint {
  const count = BigInt.asUintN(WIDTH[lane], b) % BigInt(WIDTH[lane]);
  switch (op) {
    case "add":
      return a + b;
    case "sub":
      return a - b;
    case "mul":
      return a * b;
    case "div":
      return b === 0n ? 0n : a / b;
    case "rem":
      return b === 0n ? 0n : a % b;
    case "floorDiv":
      return b === 0n ? 0n : floorDiv(a, b);
    case "mod":
      return b === 0n ? 0n : a - floorDiv(a, b) * b;
    case "shl":
      return wrapTo(lane, a << count);
    case "shr":
      return a >> count;
    case "bitAnd":
      return a & b;
    case "bitOr":
      return a | b;
    case "bitXor":
      return a ^ b;
    default:
      return assertNever(op);
  }
}

function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

const exactly = (value: number) => value;
const rounding = (lane: "f32" | "f64") => (lane === "f32" ? Math.fround : exactly);

function floatArithmetic(op: ArithmeticOp, lane: "f32" | "f64", a: number, b: number): number {
  const round = rounding(lane);
  switch (op) {
    case "add":
      return round(a + b);
    case "sub":
      return round(a - b);
    case "mul":
      return round(a * b);
    case "div":
      return round(a / b);
    case "rem":
      return a % b;
    case "floorDiv":
      return floorDivMod(a, b, round).quotient;
    case "mod":
      return floorDivMod(a, b, round).modulus;
    default:
      throw new Error(`${op} is no float operation`);
  }
}

function floatUnary(op: UnaryOp, lane: "f32" | "f64", a: number): number {
  switch (op) {
    case "neg":
      return -a;
    case "abs":
      return Math.abs(a);
    case "sqrt":
      return rounding(lane)(Math.sqrt(a));
    case "floor":
      return Math.floor(a);
    case "ceil":
      return Math.ceil(a);
    case "trunc":
      return Math.trunc(a);
    case "round":
      return roundHalfAway(a);
    default:
      return assertNever(op);
  }
}

/** a / b, rounded once to the lane; zero is +0 of 128 bits, else it has the sign of b. */
export function quotient(
  lane: "f32" | "f64",
  of: "i64" | "u64" | "i128",
  a: bigint,
  b: bigint,
): number {
  if (b === 0n) return 0;
  if (a === 0n && b < 0n && of !== "i128") return -0;
  const [numerator, denominator] = b < 0n ? [-a, -b] : [a, b];
  return roundRatio(numerator, denominator, 0, lane === "f32" ? BINARY32 : BINARY64);
}

/** a * b, rounded once to an integer, halves away from zero. */
export function roundedProduct(a: number, b: bigint): bigint {
  if (!Number.isFinite(a)) return 0n;
  const { mantissa, exponent } = decompose(a);
  const product = mantissa * b;
  if (exponent >= 0) return wrapTo("i128", product << BigInt(exponent));
  const magnitude = product < 0n ? -product : product;
  // Half of the last place is the bit below it.
  const rounded = ((magnitude >> BigInt(-exponent - 1)) + 1n) >> 1n;
  return wrapTo("i128", product < 0n ? -rounded : rounded);
}

/** `convert`. Where the value does not fit, the result is unspecified; here it is wrapped, or zero. */
export function convert(from: Lane, to: Lane, value: Scalar): Scalar {
  if (from === "bool") return convert("i32", to, value ? 1n : 0n);
  if (to === "bool") return typeof value === "bigint" ? value !== 0n : value !== 0;
  if (typeof value === "bigint") {
    if (to === "f64") return Number(value);
    if (to === "f32") return roundRatio(value, 1n, 0, BINARY32);
    if (isIntegerLane(to)) return wrapTo(to, value);
  }
  if (typeof value === "number") {
    if (to === "f64") return value;
    if (to === "f32") return Math.fround(value);
    if (isIntegerLane(to))
      return Number.isFinite(value) ? wrapTo(to, BigInt(Math.trunc(value))) : 0n;
  }
  throw new Error(`no conversion from ${from} to ${to}`);
}

const RANGES: Readonly<Record<Exclude<NarrowLane, "f32" | "f64">, readonly [bigint, bigint]>> = {
  i8: [-128n, 127n],
  i16: [-32768n, 32767n],
  i32: [-(1n << 31n), (1n << 31n) - 1n],
  i64: [-(1n << 63n), (1n << 63n) - 1n],
  i128: [-(1n << 127n), (1n << 127n) - 1n],
  u8: [0n, 255n],
  u16: [0n, 65535n],
  u32: [0n, (1n << 32n) - 1n],
  u64: [0n, (1n << 64n) - 1n],
};

/** `fits`. */
export function fits(to: NarrowLane, value: Scalar): boolean {
  if (to === "f64") return true;
  if (to === "f32") {
    return (
      typeof value === "bigint" ||
      !Number.isFinite(value as number) ||
      Number.isFinite(Math.fround(value as number))
    );
  }
  if (typeof value === "number" && !Number.isFinite(value)) return false;
  const whole = typeof value === "bigint" ? value : BigInt(Math.trunc(value as number));
  const [min, max] = RANGES[to];
  return whole >= min && whole <= max;
}

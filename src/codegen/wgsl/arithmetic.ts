// Arithmetic instructions as WGSL expressions, and when their checks fail. Registers: bool, i32 and u32 are WGSL's own;
// f32 is its bits in a u32; i64, u64 and f64 are vec2<u32>, i128 is vec4<u32>, low word first.

import { assertNever } from "../../base/index.ts";
import type { ArithmeticOp, NumericLane, UnaryOp } from "../../ir/index.ts";

/** The suffix of a lane in the names of kernels/shared. */
const SUFFIX: Readonly<Record<NumericLane, string>> = {
  i32: "I32",
  u32: "U32",
  i64: "I64",
  u64: "U64",
  i128: "I128",
  f32: "F32",
  f64: "F64",
};

const NATIVE: Readonly<Partial<Record<ArithmeticOp, string>>> = {
  add: "+",
  sub: "-",
  mul: "*",
  bitAnd: "&",
  bitOr: "|",
  bitXor: "^",
};

export function arithmeticText(op: ArithmeticOp, lane: NumericLane, a: string, b: string): string {
  switch (lane) {
    case "f32":
    case "f64":
      return `${op}${SUFFIX[lane]}(${a}, ${b})`;
    case "i32":
    case "u32":
      return arithmetic32(op, lane, a, b);
    case "i64":
    case "u64":
      return arithmetic64(op, lane, a, b);
    case "i128":
      return arithmetic128(op, a, b);
    default:
      return assertNever(lane);
  }
}

function arithmetic32(op: ArithmeticOp, lane: "i32" | "u32", a: string, b: string): string {
  const operator = NATIVE[op];
  if (operator !== undefined) return `(${a} ${operator} ${b})`;
  if (op === "shl" || op === "shr") return `(${a} ${op === "shl" ? "<<" : ">>"} (u32(${b}) & 31u))`;
  if (lane === "i32") return `${op}I32(${a}, ${b})`;
  return op === "div" || op === "floorDiv" ? `(${a} / ${b})` : `(${a} % ${b})`;
}

function arithmetic64(op: ArithmeticOp, lane: "i64" | "u64", a: string, b: string): string {
  switch (op) {
    case "add":
    case "sub":
    case "mul":
      return `${op}64(${a}, ${b})`;
    case "bitAnd":
    case "bitOr":
    case "bitXor":
      return `(${a} ${NATIVE[op]} ${b})`;
    case "shl":
      return `shl64(${a}, ${b}.x & 63u)`;
    case "shr":
      return `shr${SUFFIX[lane]}(${a}, ${b}.x & 63u)`;
    case "div":
    case "rem":
      return `${op}${SUFFIX[lane]}(${a}, ${b})`;
    case "floorDiv":
      return lane === "i64" ? `floorDivI64(${a}, ${b})` : `divU64(${a}, ${b})`;
    case "mod":
      return lane === "i64" ? `modI64(${a}, ${b})` : `remU64(${a}, ${b})`;
    default:
      return assertNever(op);
  }
}

function arithmetic128(op: ArithmeticOp, a: string, b: string): string {
  switch (op) {
    case "add":
    case "sub":
    case "mul":
      return `${op}128(${a}, ${b})`;
    case "bitAnd":
    case "bitOr":
    case "bitXor":
      return `(${a} ${NATIVE[op]} ${b})`;
    case "shl":
      return `shl128(${a}, ${b}.x & 127u)`;
    case "shr":
      return `shrI128(${a}, ${b}.x & 127u)`;
    case "div":
    case "rem":
    case "floorDiv":
    case "mod":
      return `${op}I128(${a}, ${b})`;
    default:
      return assertNever(op);
  }
}

/** True where the exact result does not fit the lane; null where it always does. */
export function overflowText(
  op: ArithmeticOp,
  lane: NumericLane,
  a: string,
  b: string,
): string | null {
  if (lane === "f32" || lane === "f64") return null;
  const signed = lane.startsWith("i");
  switch (op) {
    case "add":
    case "mul":
      return `${op}Overflows${SUFFIX[lane]}(${a}, ${b})`;
    case "sub":
      if (signed) return `subOverflows${SUFFIX[lane]}(${a}, ${b})`;
      return lane === "u32" ? `(${a} < ${b})` : `ltU64(${a}, ${b})`;
    case "div":
    case "floorDiv":
      return signed ? `divOverflows${SUFFIX[lane]}(${a}, ${b})` : null;
    default:
      return null;
  }
}

export function unaryText(op: UnaryOp, lane: NumericLane, a: string): string {
  switch (lane) {
    case "f32":
    case "f64":
      return `${op}${SUFFIX[lane]}(${a})`;
    case "i32":
      return op === "neg" ? `(0i - ${a})` : `abs(${a})`;
    case "u32":
      return op === "neg" ? `(0u - ${a})` : a;
    case "i64":
      return op === "neg" ? `neg64(${a})` : `absI64(${a})`;
    case "u64":
      return op === "neg" ? `neg64(${a})` : a;
    case "i128":
      return op === "neg" ? `neg128(${a})` : `absI128(${a})`;
    default:
      return assertNever(lane);
  }
}

export function unaryOverflowText(op: UnaryOp, lane: NumericLane, a: string): string | null {
  switch (lane) {
    case "i32":
    case "i64":
    case "i128":
      return `isMinimum${SUFFIX[lane]}(${a})`;
    case "u32":
      return op === "neg" ? `(${a} != 0u)` : null;
    case "u64":
      return op === "neg" ? `!isZero64(${a})` : null;
    default:
      return null;
  }
}

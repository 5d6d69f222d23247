// The numbers of operations and lanes in native code. They are those of native/kernels/evaluate/program.h.

import { assert } from "../../base/index.ts";
import type { Lane, NarrowLane, ResolvedInstruction } from "../../ir/index.ts";

const OPCODES = [
  "load",
  "loadValidity",
  "constant",
  "add",
  "sub",
  "mul",
  "div",
  "rem",
  "floorDiv",
  "mod",
  "shl",
  "shr",
  "bitAnd",
  "bitOr",
  "bitXor",
  "neg",
  "abs",
  "sqrt",
  "floor",
  "ceil",
  "trunc",
  "round",
  "eq",
  "ne",
  "lt",
  "le",
  "and",
  "or",
  "xor",
  "not",
  "isNan",
  "isFinite",
  "select",
  "convert",
  "fits",
  "require",
  "inSet",
  "lookup",
  "call",
  "rank",
  "quotient",
  "roundedProduct",
] as const satisfies readonly ResolvedInstruction["op"][];

/** No operation of the IR: the row's number in the batch. The interpreter has it for columns that are gathered apart. */
export const ROW_NUMBER = OPCODES.length;

const LANES = [
  "bool",
  "i32",
  "u32",
  "i64",
  "u64",
  "f32",
  "f64",
  "i8",
  "i16",
  "u8",
  "u16",
  "i128",
] as const;

const opcodes: ReadonlyMap<string, number> = new Map(OPCODES.map((op, code) => [op, code]));
const lanes: ReadonlyMap<string, number> = new Map(LANES.map((lane, code) => [lane, code]));

export function opcodeOf(op: ResolvedInstruction["op"]): number {
  const code = opcodes.get(op);
  assert(code !== undefined, `${op} has a number`);
  return code;
}

/** Strings are codes by now. */
export function laneCode(lane: Lane | NarrowLane): number {
  const code = lanes.get(lane === "string" ? "u32" : lane);
  assert(code !== undefined, `${lane} has a number`);
  return code;
}

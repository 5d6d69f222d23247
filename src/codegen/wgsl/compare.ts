// Comparisons and membership as WGSL expressions: NaN equals NaN and is above every number, -0 equals 0, false < true.

import { assertNever } from "../../base/index.ts";
import type { CompareOp, Lane } from "../../ir/index.ts";

export function compareText(op: CompareOp, of: Lane, a: string, b: string): string {
  switch (op) {
    case "eq":
      return equalText(of, a, b);
    case "ne":
      return `!${equalText(of, a, b)}`;
    case "lt":
      return lessText(of, a, b);
    // The order is total.
    case "le":
      return `!${lessText(of, b, a)}`;
    default:
      return assertNever(op);
  }
}

function equalText(of: Lane, a: string, b: string): string {
  switch (of) {
    case "bool":
    case "i32":
    case "u32":
      return `(${a} == ${b})`;
    case "i64":
    case "u64":
      return `eq64(${a}, ${b})`;
    case "i128":
      return `eq128(${a}, ${b})`;
    case "f32":
      return `eqF32(${a}, ${b})`;
    case "f64":
      return `eqF64(${a}, ${b})`;
    case "string":
      throw new Error("strings are resolved before they are rendered");
    default:
      return assertNever(of);
  }
}

function lessText(of: Lane, a: string, b: string): string {
  switch (of) {
    case "bool":
      return `(!${a} && ${b})`;
    case "i32":
    case "u32":
      return `(${a} < ${b})`;
    case "i64":
      return `ltI64(${a}, ${b})`;
    case "u64":
      return `ltU64(${a}, ${b})`;
    case "i128":
      return `ltI128(${a}, ${b})`;
    case "f32":
      return `ltF32(${a}, ${b})`;
    case "f64":
      return `ltF64(${a}, ${b})`;
    case "string":
      throw new Error("strings are resolved before they are rendered");
    default:
      return assertNever(of);
  }
}

/** Membership in the set of a literal slot, whose values are stored in order-preserving form (kernels/shared/order). */
export function inSetText(of: Lane, slot: number, a: string): string {
  switch (of) {
    case "i32":
      return `inSet32(${slot}u, orderI32(bitcast<u32>(${a})))`;
    case "u32":
      return `inSet32(${slot}u, ${a})`;
    case "f32":
      return `inSet32(${slot}u, orderF32(${a}))`;
    case "i64":
      return `inSet64(${slot}u, orderI64(${a}))`;
    case "u64":
      return `inSet64(${slot}u, ${a})`;
    case "i128":
      return `inSet128(${slot}u, orderI128(${a}))`;
    case "f64":
      return `inSet64(${slot}u, orderF64(${a}))`;
    default:
      throw new Error(`no sets of ${of}`);
  }
}

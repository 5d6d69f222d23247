// The uniform view of an instruction that code generation needs: what it reads, what it computes with, what it checks.

import {
  type Check,
  type Lane,
  type NarrowLane,
  type ResolvedInstruction,
  ROUTINES,
  type ValueId,
} from "../../ir/index.ts";

export interface Operands {
  /** The lane that selects the kernel: that of the operands where it differs from the result's. */
  readonly lane: Lane | NarrowLane;
  /** Values read, in the order of the encoded operands; the guard is not among them. */
  readonly reads: readonly ValueId[];
  /** The last encoded operand where it is no value: a column, a constant, a set, a table, a target lane, a routine. */
  readonly extra: number | Lane | NarrowLane | null;
  readonly check: Check | null;
}

export function operandsOf(instruction: ResolvedInstruction): Operands {
  const plain = (lane: Lane, reads: readonly ValueId[], check: Check | null = null): Operands => ({
    lane,
    reads,
    extra: null,
    check,
  });
  switch (instruction.op) {
    case "load":
    case "loadValidity":
      return withExtra(instruction.lane, [], instruction.column);
    case "constant":
      return withExtra(instruction.lane, [], instruction.constant);
    case "neg":
    case "abs":
    case "sqrt":
    case "floor":
    case "ceil":
    case "trunc":
    case "round":
      return plain(instruction.lane, [instruction.a], instruction.check);
    case "eq":
    case "ne":
    case "lt":
    case "le":
      return plain(instruction.of, [instruction.a, instruction.b]);
    case "and":
    case "or":
    case "xor":
      return plain("bool", [instruction.a, instruction.b]);
    case "not":
      return plain("bool", [instruction.a]);
    case "isNan":
    case "isFinite":
      return plain(instruction.of, [instruction.a]);
    case "select":
      return plain(instruction.lane, [instruction.condition, instruction.a, instruction.b]);
    case "quotient":
      return withExtra(instruction.of, [instruction.a, instruction.b], instruction.lane);
    case "roundedProduct":
      return plain(instruction.of, [instruction.a, instruction.b]);
    case "convert":
      return withExtra(instruction.from, [instruction.a], instruction.lane);
    case "fits":
      return withExtra(instruction.from, [instruction.a], instruction.to);
    case "call":
      return callOperands(instruction);
    case "require":
      return plain("bool", [instruction.condition], instruction.check);
    case "inSet":
    case "rank":
      return withExtra(instruction.of, [instruction.a], instruction.set);
    case "lookup":
      return withExtra(instruction.lane, [instruction.a], instruction.table);
    default:
      return plain(instruction.lane, [instruction.a, instruction.b], instruction.check);
  }
}

function withExtra(
  lane: Lane,
  reads: readonly ValueId[],
  extra: number | Lane | NarrowLane,
): Operands {
  return { lane, reads, extra, check: null };
}

/** One form for both arities. */
function callOperands(call: Extract<ResolvedInstruction, { readonly op: "call" }>): Operands {
  const b = "b" in call ? call.b : call.a;
  return withExtra("f64", [call.a, b], ROUTINES.indexOf(call.routine));
}

/** Every value that the instruction needs, its guard included. */
export function dependenciesOf(instruction: ResolvedInstruction): readonly ValueId[] {
  const { reads, check } = operandsOf(instruction);
  return check?.guard == null ? reads : [...reads, check.guard];
}

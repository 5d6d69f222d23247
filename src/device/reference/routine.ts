// Walks a routine (src/ir/routine.ts): u32 as numbers, u64 as bigints.

import { assertNever, at } from "../../base/index.ts";
import {
  type Routine,
  type RoutineInstruction,
  type RoutineName,
  routine,
  type WordLane,
  type WordOp,
} from "../../ir/index.ts";

type Word = boolean | number | bigint;
type Step = (values: readonly Word[], args: readonly bigint[]) => Word;
type Of<O extends RoutineInstruction["op"]> = Extract<RoutineInstruction, { readonly op: O }>;

const view = new DataView(new ArrayBuffer(8));
const compiled = new Map<RoutineName, (args: readonly number[]) => number>();

/** The routine as a function of doubles. */
export function routineFunction(name: RoutineName): (args: readonly number[]) => number {
  const known = compiled.get(name) ?? compile(routine(name));
  compiled.set(name, known);
  return known;
}

function compile({ instructions, result }: Routine): (args: readonly number[]) => number {
  const steps = instructions.map(stepOf);
  const values: Word[] = new Array(steps.length);
  return (args) => {
    const bits = args.map(bitsOf);
    for (const [id, step] of steps.entries()) values[id] = step(values, bits);
    view.setBigUint64(0, values[result] as bigint);
    return view.getFloat64(0);
  };
}

function bitsOf(value: number): bigint {
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

const small = (values: readonly Word[], id: number) => values[id] as number;
const large = (values: readonly Word[], id: number) => values[id] as bigint;
const flag = (values: readonly Word[], id: number) => values[id] as boolean;
const wordOf = (lane: WordLane, value: bigint): Word => (lane === "u32" ? Number(value) : value);

function stepOf(instruction: RoutineInstruction): Step {
  switch (instruction.op) {
    case "parameter":
      return (_, args) => at(args, instruction.index);
    case "constant": {
      const value = wordOf(instruction.lane, instruction.value);
      return () => value;
    }
    case "lookup":
      return lookupStep(instruction);
    case "select": {
      const { condition, a, b } = instruction;
      return (values) => values[flag(values, condition) ? a : b] as Word;
    }
    case "eq":
    case "lt":
    case "ltSigned":
    case "and":
    case "or":
    case "not":
      return flagStep(instruction);
    case "low":
    case "high":
    case "widen":
    case "leadingZeros":
      return partStep(instruction);
    case "shl":
    case "shr":
      return shiftStep(instruction);
    default:
      return instruction.lane === "u32" ? step32(instruction) : step64(instruction);
  }
}

function lookupStep({ lane, table, a }: Of<"lookup">): Step {
  const entries = table.values.map((value) => wordOf(lane, value));
  const beyond = wordOf(lane, 0n);
  return (values) => entries[small(values, a)] ?? beyond;
}

function flagStep(
  instruction: Of<"eq" | "lt"> | Of<"ltSigned"> | Of<"and" | "or"> | Of<"not">,
): Step {
  switch (instruction.op) {
    case "eq":
      return (values) => values[instruction.a] === values[instruction.b];
    case "lt":
      return (values) => (values[instruction.a] as Word) < (values[instruction.b] as Word);
    case "ltSigned":
      return (values) => (small(values, instruction.a) | 0) < (small(values, instruction.b) | 0);
    case "and":
      return (values) => flag(values, instruction.a) && flag(values, instruction.b);
    case "or":
      return (values) => flag(values, instruction.a) || flag(values, instruction.b);
    case "not":
      return (values) => !flag(values, instruction.a);
    default:
      return assertNever(instruction);
  }
}

function partStep(instruction: Of<"low" | "high"> | Of<"widen"> | Of<"leadingZeros">): Step {
  const { op, a } = instruction;
  switch (op) {
    case "low":
      return (values) => Number(BigInt.asUintN(32, large(values, a)));
    case "high":
      return (values) => Number(large(values, a) >> 32n);
    case "widen":
      return (values) => BigInt(small(values, a));
    case "leadingZeros":
      if (instruction.of === "u32") return (values) => Math.clz32(small(values, a));
      return (values) => {
        const high = Number(large(values, a) >> 32n);
        if (high !== 0) return Math.clz32(high);
        return 32 + Math.clz32(Number(large(values, a)));
      };
    default:
      return assertNever(op);
  }
}

function shiftStep({ op, lane, a, count }: Of<"shl" | "shr">): Step {
  if (lane === "u32") {
    if (op === "shl") return (values) => (small(values, a) << small(values, count)) >>> 0;
    return (values) => small(values, a) >>> small(values, count);
  }
  const by = (values: readonly Word[]) => BigInt(small(values, count) & 63);
  if (op === "shl") return (values) => BigInt.asUintN(64, large(values, a) << by(values));
  return (values) => large(values, a) >> by(values);
}

function step32({ op, a, b }: Of<WordOp>): Step {
  switch (op) {
    case "add":
      return (values) => (small(values, a) + small(values, b)) >>> 0;
    case "sub":
      return (values) => (small(values, a) - small(values, b)) >>> 0;
    case "mul":
      return (values) => Math.imul(small(values, a), small(values, b)) >>> 0;
    case "mulHigh":
      return (values) => Number((BigInt(small(values, a)) * BigInt(small(values, b))) >> 32n);
    case "bitAnd":
      return (values) => (small(values, a) & small(values, b)) >>> 0;
    case "bitOr":
      return (values) => (small(values, a) | small(values, b)) >>> 0;
    case "bitXor":
      return (values) => (small(values, a) ^ small(values, b)) >>> 0;
    default:
      return assertNever(op);
  }
}

function step64({ op, a, b }: Of<WordOp>): Step {
  switch (op) {
    case "add":
      return (values) => BigInt.asUintN(64, large(values, a) + large(values, b));
    case "sub":
      return (values) => BigInt.asUintN(64, large(values, a) - large(values, b));
    case "mul":
      return (values) => BigInt.asUintN(64, large(values, a) * large(values, b));
    case "mulHigh":
      return (values) => (large(values, a) * large(values, b)) >> 64n;
    case "bitAnd":
      return (values) => large(values, a) & large(values, b);
    case "bitOr":
      return (values) => large(values, a) | large(values, b);
    case "bitXor":
      return (values) => large(values, a) ^ large(values, b);
    default:
      return assertNever(op);
  }
}

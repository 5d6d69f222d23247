// A routine (src/ir/routine.ts) as a WGSL function. Registers: bool and u32 are WGSL's own, u64 is vec2<u32>. Tables lie
// among the literals (literals.ts).

import { assertNever } from "../../base/index.ts";
import type {
  ResolvedProgram,
  Routine,
  RoutineInstruction,
  RoutineName,
  RoutineTable,
  WordLane,
  WordOp,
} from "../../ir/index.ts";
import { routine } from "../../ir/index.ts";

export const routineFunctionName = (name: RoutineName): string => `routine_${name}`;

/** The tables of all routines that the program calls, in the order in which they are placed. */
export function routineTables({ instructions }: ResolvedProgram): RoutineTable[] {
  const tables = new Map<string, RoutineTable>();
  for (const instruction of instructions) {
    if (instruction.op !== "call") continue;
    for (const step of routine(instruction.routine).instructions) {
      if (step.op === "lookup") tables.set(step.table.name, step.table);
    }
  }
  return [...tables.values()];
}

export function routineText(
  { name, arity, instructions, result }: Routine,
  slotOf: (table: string) => number,
): string {
  const parameters = Array.from({ length: arity }, (_, k) => `p${k}: vec2<u32>`).join(", ");
  const products = new Map<string, number>();
  const lines = instructions.flatMap((instruction, id) => {
    if (instruction.op === "constant") return [];
    const text = instructionText(instruction, instructions, slotOf);
    if (!("b" in instruction) || instruction.lane !== "u64") return [`  let v${id} = ${text};`];
    // Both halves of a product come from one multiplication.
    const key = `${instruction.a} ${instruction.b}`;
    if (instruction.op === "mulHigh") {
      products.set(key, id);
      return [`  let w${id} = ${text};`, `  let v${id} = w${id}.zw;`];
    }
    const product = instruction.op === "mul" ? products.get(key) : undefined;
    return [`  let v${id} = ${product === undefined ? text : `w${product}.xy`};`];
  });
  return [
    `fn ${routineFunctionName(name as RoutineName)}(${parameters}) -> vec2<u32> {`,
    ...lines,
    `  return v${result};\n}`,
  ].join("\n");
}

function instructionText(
  instruction: Exclude<RoutineInstruction, { readonly op: "constant" }>,
  all: readonly RoutineInstruction[],
  slotOf: (table: string) => number,
): string {
  const use = (id: number) => operandText(all, id);
  switch (instruction.op) {
    case "parameter":
      return `p${instruction.index}`;
    case "lookup":
      return `lookup${instruction.lane === "u32" ? 32 : 64}(${slotOf(instruction.table.name)}u, ${use(instruction.a)})`;
    case "select":
      return `select(${use(instruction.b)}, ${use(instruction.a)}, ${use(instruction.condition)})`;
    case "eq":
      return equalText(instruction.of, use(instruction.a), use(instruction.b));
    case "lt":
      return instruction.of === "u32"
        ? `${use(instruction.a)} < ${use(instruction.b)}`
        : `ltU64(${use(instruction.a)}, ${use(instruction.b)})`;
    case "ltSigned":
      return `bitcast<i32>(${use(instruction.a)}) < bitcast<i32>(${use(instruction.b)})`;
    case "and":
    case "or":
      return `${use(instruction.a)} ${instruction.op === "and" ? "&&" : "||"} ${use(instruction.b)}`;
    case "not":
      return `!${use(instruction.a)}`;
    case "low":
      return `${use(instruction.a)}.x`;
    case "high":
      return `${use(instruction.a)}.y`;
    case "widen":
      return `vec2<u32>(${use(instruction.a)}, 0u)`;
    case "leadingZeros":
      return `${instruction.of === "u32" ? "countLeadingZeros" : "leadingZeros64"}(${use(instruction.a)})`;
    case "shl":
    case "shr":
      return shiftText(
        instruction.op,
        instruction.lane,
        use(instruction.a),
        use(instruction.count),
      );
    default:
      return wordText(instruction.op, instruction.lane, use(instruction.a), use(instruction.b));
  }
}

function operandText(all: readonly RoutineInstruction[], id: number): string {
  const instruction = all[id];
  if (instruction?.op !== "constant") return `v${id}`;
  const { lane, value } = instruction;
  return lane === "u32" ? `${value}u` : `vec2<u32>(${value & 0xffffffffn}u, ${value >> 32n}u)`;
}

function equalText(of: WordLane, a: string, b: string): string {
  return of === "u32" ? `${a} == ${b}` : `eq64(${a}, ${b})`;
}

function shiftText(op: "shl" | "shr", lane: WordLane, a: string, count: string): string {
  if (lane === "u32") return `${a} ${op === "shl" ? "<<" : ">>"} (${count} & 31u)`;
  return `${op === "shl" ? "shl64" : "shrU64"}(${a}, ${count} & 63u)`;
}

function wordText(op: WordOp, lane: WordLane, a: string, b: string): string {
  switch (op) {
    case "add":
    case "sub":
      if (lane === "u64") return `${op}64(${a}, ${b})`;
      return `${a} ${op === "add" ? "+" : "-"} ${b}`;
    case "mul":
      return lane === "u64" ? `mul64(${a}, ${b})` : `${a} * ${b}`;
    case "mulHigh":
      return lane === "u64" ? `mulWide64(${a}, ${b})` : `mul32(${a}, ${b}).y`;
    case "bitAnd":
      return `${a} & ${b}`;
    case "bitOr":
      return `${a} | ${b}`;
    case "bitXor":
      return `${a} ^ ${b}`;
    default:
      return assertNever(op);
  }
}

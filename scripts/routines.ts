// Writes the routines of src/ir/routines as C++ for the addon: native/kernels/evaluate/routines.generated.h. Run it after
// a routine has changed (npx tsx scripts/routines.ts); test/codegen/routines.test.ts says when that was forgotten.

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assertNever } from "../src/base/index.ts";
import {
  BINARY_ROUTINES,
  ROUTINES,
  type Routine,
  type RoutineInstruction,
  type RoutineLane,
  type RoutineTable,
  routine,
  UNARY_ROUTINES,
  type WordOp,
} from "../src/ir/index.ts";

export const ROUTINES_HEADER = fileURLToPath(
  new URL("../native/kernels/evaluate/routines.generated.h", import.meta.url),
);

/** Registers of whichever width the routine is instantiated for. */
const TYPES: Readonly<Record<RoutineLane, string>> = {
  bool: "Flag",
  u32: "U32",
  u64: "U64",
};

export function routinesHeader(): string {
  const routines = ROUTINES.map(routine);
  const tables = new Map<string, RoutineTable>();
  for (const { instructions } of routines) {
    for (const step of instructions) {
      if (step.op === "lookup") tables.set(step.table.name, step.table);
    }
  }
  return [
    "// Written by scripts/routines.ts from src/ir/routines: do not edit. In the order of ROUTINES, which numbers them.",
    "// clang-format off",
    "#pragma once",
    "",
    '#include "kernels/evaluate/routine_words_avx512.h"',
    '#include "kernels/evaluate/routine_words_avx2.h"',
    '#include "kernels/evaluate/routine_words.h"',
    "",
    "namespace gdf::evaluate::routines {",
    "",
    ...[...tables.values()].map(tableText),
    ...routines.map(routineText),
    `#define GDF_UNARY_ROUTINES(X) ${UNARY_ROUTINES.map((name) => `X(${name})`).join(" ")}`,
    `#define GDF_BINARY_ROUTINES(X) ${BINARY_ROUTINES.map((name) => `X(${name})`).join(" ")}`,
    "",
    "}  // namespace gdf::evaluate::routines",
    "",
  ].join("\n");
}

const tableName = ({ name }: RoutineTable) => `k${name[0]?.toUpperCase()}${name.slice(1)}`;
const hex = (value: bigint, lane: "u32" | "u64") =>
  `0x${value.toString(16)}${lane === "u32" ? "u" : "ull"}`;

function tableText(table: RoutineTable): string {
  const { lane, values } = table;
  const entries = values.map((value) => hex(value, lane));
  const rows: string[] = [];
  for (let row = 0; row < entries.length; row += 4) {
    rows.push(`    ${entries.slice(row, row + 4).join(", ")},`);
  }
  const type = lane === "u32" ? "uint32_t" : "uint64_t";
  return `inline constexpr ${type} ${tableName(table)}[] = {\n${rows.join("\n")}\n};\n`;
}

function routineText({ name, arity, instructions, result }: Routine): string {
  const parameters = Array.from({ length: arity }, (_, k) => `U64 p${k}`).join(", ");
  const lines = instructions.flatMap((instruction, id) =>
    instruction.op === "constant"
      ? []
      : [
          `  const ${TYPES[instruction.lane]} v${id} = ${instructionText(instruction, instructions)};`,
        ],
  );
  return [
    "template <class U64, class U32, class Flag>",
    `GDF_ROUTINE U64 ${name}(${parameters}) {`,
    ...lines,
    `  return v${result};`,
    "}",
    "",
  ].join("\n");
}

function instructionText(
  instruction: Exclude<RoutineInstruction, { readonly op: "constant" }>,
  all: readonly RoutineInstruction[],
): string {
  const use = (id: number) => {
    const operand = all[id];
    return operand?.op === "constant"
      ? `${TYPES[operand.lane]}(${hex(operand.value, operand.lane)})`
      : `v${id}`;
  };
  switch (instruction.op) {
    case "parameter":
      return `p${instruction.index}`;
    case "lookup":
      return `entry(${tableName(instruction.table)}, ${use(instruction.a)})`;
    case "select":
      return `pick(${use(instruction.condition)}, ${use(instruction.a)}, ${use(instruction.b)})`;
    case "eq":
      return `${use(instruction.a)} == ${use(instruction.b)}`;
    case "lt":
      return `${use(instruction.a)} < ${use(instruction.b)}`;
    case "ltSigned":
      return `lessSigned(${use(instruction.a)}, ${use(instruction.b)})`;
    case "not":
      return `!${use(instruction.a)}`;
    case "low":
    case "high":
    case "widen":
    case "leadingZeros":
      return `${instruction.op}(${use(instruction.a)})`;
    case "shl":
    case "shr": {
      const count = all[instruction.count];
      const operator = instruction.op === "shl" ? "<<" : ">>";
      if (count?.op === "constant") return `${use(instruction.a)} ${operator} ${count.value}`;
      return `${instruction.op}(${use(instruction.a)}, ${use(instruction.count)})`;
    }
    default:
      return wordText(instruction.op, use(instruction.a), use(instruction.b));
  }
}

function wordText(op: WordOp | "and" | "or", a: string, b: string): string {
  switch (op) {
    case "add":
      return `${a} + ${b}`;
    case "sub":
      return `${a} - ${b}`;
    case "mul":
      return `${a} * ${b}`;
    case "mulHigh":
      return `mulHigh(${a}, ${b})`;
    case "and":
    case "bitAnd":
      return `${a} & ${b}`;
    case "or":
    case "bitOr":
      return `${a} | ${b}`;
    case "bitXor":
      return `${a} ^ ${b}`;
    default:
      return assertNever(op);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(ROUTINES_HEADER, routinesHeader());
}

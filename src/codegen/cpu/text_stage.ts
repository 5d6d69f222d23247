// `format` gives texts that nobody knows before the rows are: no table per dictionary can hold them. So a program with
// `format` runs in stages: first the values to be written, then (outside) their texts as columns, then the rest of the
// program, which loads them.

import type { DType } from "../../dtype/index.ts";
import { STRING } from "../../dtype/index.ts";
import type { Instruction, Program } from "../../ir/index.ts";

export interface FormatStage {
  /** One output a column of texts, for every row of the batch; never fails. */
  readonly values: Program;
  readonly dtypes: readonly DType[];
  /** The program over the batch with the texts' columns appended. It may have a stage itself. */
  readonly rest: Program;
}

// Partitions of one query ask again, and what is remembered of programs is remembered by identity.
const stages = new WeakMap<Program, FormatStage | null>();

/** Null: the program formats nothing. */
export function formatStage(program: Program): FormatStage | null {
  const known = stages.get(program);
  if (known !== undefined) return known;
  const stage = findStage(program);
  stages.set(program, stage);
  return stage;
}

function findStage(program: Program): FormatStage | null {
  const first = program.instructions.findIndex(({ op }) => op === "format");
  if (first < 0) return null;
  const prefix = program.instructions.slice(0, first).map(withoutCheck);
  const formats = program.instructions.flatMap((instruction, id) =>
    instruction.op === "format" && instruction.a < first ? [{ ...instruction, id }] : [],
  );
  const columns = new Map(formats.map(({ id }, index) => [id, program.inputs.length + index]));
  return {
    values: {
      ...program,
      instructions: prefix,
      sites: [],
      predicate: null,
      outputs: formats.map(({ dtype, a }) => ({ dtype, value: a, validity: null })),
    },
    dtypes: formats.map(({ dtype }) => dtype),
    rest: {
      ...program,
      inputs: [...program.inputs, ...formats.map(() => STRING)],
      instructions: program.instructions.map((instruction, id): Instruction => {
        const column = columns.get(id);
        return column === undefined ? instruction : { op: "load", lane: "string", column };
      }),
    },
  };
}

/** The same value. Checks belong to the rest, which knows the predicate. */
function withoutCheck(instruction: Instruction): Instruction {
  if (instruction.op === "require") {
    return { op: "and", lane: "bool", a: instruction.condition, b: instruction.condition };
  }
  return "check" in instruction ? { ...instruction, check: null } : instruction;
}

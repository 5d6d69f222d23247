// `format` and `textConcat` give texts that nobody knows before the rows are: no table per dictionary can hold them. So a
// program with them runs in stages: first the values that they take, then (outside) their texts as columns, then the
// rest of the program, which loads them.

import { type DType, STRING } from "../../dtype/index.ts";
import type { Instruction, Program } from "../../ir/index.ts";

/** A column of texts, made of columns of the stage's values. */
export type TextColumn =
  | {
      readonly kind: "format";
      readonly dtype: DType;
      readonly pattern: string;
      readonly value: number;
    }
  | { readonly kind: "concat"; readonly values: readonly [number, number] };

export interface TextStage {
  /** What the texts are made of, for every row of the batch; never fails. */
  readonly values: Program;
  readonly texts: readonly TextColumn[];
  /** The program over the batch with the texts' columns appended. It may have a stage itself. */
  readonly rest: Program;
}

// Partitions of one query ask again, and what is remembered of programs is remembered by identity.
const stages = new WeakMap<Program, TextStage | null>();

/** Null: the program makes no texts of rows. */
export function textStage(program: Program): TextStage | null {
  const known = stages.get(program);
  if (known !== undefined) return known;
  const stage = findStage(program);
  stages.set(program, stage);
  return stage;
}

function findStage(program: Program): TextStage | null {
  const first = program.instructions.findIndex(makesTexts);
  if (first < 0) return null;
  const outputs: Program["outputs"][number][] = [];
  const output = (value: number, dtype: DType): number =>
    outputs.push({ dtype, value, validity: null }) - 1;
  const texts: TextColumn[] = [];
  const columns = new Map<number, number>();
  for (const [id, instruction] of program.instructions.entries()) {
    if (!makesTexts(instruction) || !readsBefore(instruction, first)) continue;
    columns.set(id, program.inputs.length + texts.length);
    if (instruction.op === "format") {
      const { dtype, a, pattern = "" } = instruction;
      texts.push({ kind: "format", dtype, pattern, value: output(a, dtype) });
    } else {
      const values = [output(instruction.a, STRING), output(instruction.b, STRING)] as const;
      texts.push({ kind: "concat", values });
    }
  }
  return {
    values: {
      ...program,
      instructions: program.instructions.slice(0, first).map(withoutCheck),
      sites: [],
      predicate: null,
      outputs,
    },
    texts,
    rest: {
      ...program,
      inputs: [...program.inputs, ...texts.map(() => STRING)],
      instructions: program.instructions.map((instruction, id): Instruction => {
        const column = columns.get(id);
        return column === undefined ? instruction : { op: "load", lane: "string", column };
      }),
    },
  };
}

type TextInstruction = Extract<Instruction, { readonly op: "format" | "textConcat" }>;

function makesTexts(instruction: Instruction): instruction is TextInstruction {
  return instruction.op === "format" || instruction.op === "textConcat";
}

function readsBefore(instruction: TextInstruction, first: number): boolean {
  return instruction.a < first && (instruction.op === "format" || instruction.b < first);
}

/** The same value. Checks belong to the rest, which knows the predicate. */
function withoutCheck(instruction: Instruction): Instruction {
  if (instruction.op === "require") {
    return { op: "and", lane: "bool", a: instruction.condition, b: instruction.condition };
  }
  return "check" in instruction ? { ...instruction, check: null } : instruction;
}

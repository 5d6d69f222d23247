// Which columns of the batch a program needs.

import { at } from "../../../base/index.ts";
import type { Instruction, Program, ProgramOutput, ValueId } from "../../../ir/index.ts";

/** The input column whose values the output's are, row by row, or null. */
export function sourceOf(program: Program, { value }: ProgramOutput): number | null {
  const instruction = at(program.instructions, value);
  return instruction.op === "load" ? instruction.column : null;
}

/** Columns whose values the predicate, an output or a check needs. */
export function loadedColumns({ instructions, predicate, outputs }: Program): number[] {
  // Marks: of a wide frame sets of numbers take ten times as long.
  const needed = new Uint8Array(instructions.length);
  for (const { value, validity } of outputs) {
    needed[value] = 1;
    if (validity !== null) needed[validity] = 1;
  }
  if (predicate !== null) needed[predicate] = 1;
  const columns: number[] = [];
  for (let id = instructions.length - 1; id >= 0; id--) {
    const instruction = at(instructions, id);
    const isChecked = "check" in instruction && instruction.check !== null;
    if (needed[id] === 0 && !isChecked) continue;
    if (instruction.op === "load") columns.push(instruction.column);
    else for (const read of readsOf(instruction)) needed[read] = 1;
  }
  return columns;
}

function readsOf(instruction: Instruction): ValueId[] {
  const reads: ValueId[] = [];
  if ("a" in instruction) reads.push(instruction.a);
  if ("b" in instruction) reads.push(instruction.b);
  if ("condition" in instruction) reads.push(instruction.condition);
  if ("check" in instruction && instruction.check?.guard != null)
    reads.push(instruction.check.guard);
  return reads;
}

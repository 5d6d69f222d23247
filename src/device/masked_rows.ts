// The rows that a mask keeps, as a program: what an executor runs that has nothing better for an operation with a mask.

import type { DType } from "../dtype/index.ts";
import { type Instruction, laneOf, type Program } from "../ir/index.ts";
import type { EvaluateOperation } from "../physical/index.ts";

/** All columns, of the rows where column `mask` is true. */
export function keepMasked(dtypes: readonly DType[], mask: number): EvaluateOperation {
  const instructions = dtypes.flatMap((dtype, column): Instruction[] => [
    { op: "load", lane: laneOf(dtype), column },
    { op: "loadValidity", lane: "bool", column },
  ]);
  const program: Program = {
    inputs: dtypes,
    instructions,
    constants: [],
    sets: [],
    tables: [],
    sites: [],
    predicate: 2 * mask,
    outputs: dtypes.map((dtype, column) => ({
      dtype,
      value: 2 * column,
      validity: 2 * column + 1,
    })),
  };
  return { kind: "evaluate", program };
}

// Rows [offset, offset + length), as far as there are any.

import type { Schema } from "../dtype/index.ts";
import { checkCount } from "./derive.ts";
import type { LogicalPlan } from "./logical_plan.ts";

export interface Slice {
  readonly kind: "slice";
  readonly schema: Schema;
  readonly input: LogicalPlan;
  readonly offset: number;
  readonly length: number;
}

/** The operator is the one that an error names. */
export function slice(
  input: LogicalPlan,
  offset: number,
  length: number,
  operator = "slice",
): Slice {
  checkCount(offset, "the offset", operator);
  checkCount(length, operator === "slice" ? "the length" : "the number of rows", operator);
  return Object.freeze({ kind: "slice", schema: input.schema, input, offset, length });
}

export function sliceText({ offset, length }: Slice): string {
  return offset === 0 ? `limit ${length}` : `slice of ${length} from ${offset}`;
}

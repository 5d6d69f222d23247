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

export function slice(input: LogicalPlan, offset: number, length: number): Slice {
  checkCount(offset, "the offset", "slice");
  checkCount(length, "the length", "slice");
  return Object.freeze({ kind: "slice", schema: input.schema, input, offset, length });
}

export function sliceText({ offset, length }: Slice): string {
  return offset === 0 ? `limit ${length}` : `slice of ${length} from ${offset}`;
}

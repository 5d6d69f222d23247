// The first row of each distinct combination of values; null equals null, NaN equals NaN. Keeps row order.

import type { Schema } from "../dtype/index.ts";
import { listText, nameText } from "./derive.ts";
import type { LogicalPlan } from "./logical_plan.ts";

export interface Distinct {
  readonly kind: "distinct";
  readonly schema: Schema;
  readonly input: LogicalPlan;
  /** The columns that tell rows apart; null: all. */
  readonly columns: readonly string[] | null;
}

export function distinct(input: LogicalPlan, columns: readonly string[] | null = null): Distinct {
  for (const name of columns ?? []) input.schema.indexOf(name, "distinct");
  return Object.freeze({
    kind: "distinct",
    schema: input.schema,
    input,
    columns: columns === null ? null : Object.freeze([...new Set(columns)]),
  });
}

export function distinctText({ columns }: Distinct): string {
  return columns === null ? "distinct" : `distinct by ${listText(columns.map(nameText))}`;
}

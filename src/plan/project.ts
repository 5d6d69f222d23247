// Exactly these columns, in this order. select, withColumns, drop, rename and cast are all projections. Keeps row order.

import { Schema } from "../dtype/index.ts";
import { columnsText, freezeColumns, type NamedExpr, scalarField } from "./derive.ts";
import type { LogicalPlan } from "./logical_plan.ts";

export interface Project {
  readonly kind: "project";
  readonly schema: Schema;
  readonly input: LogicalPlan;
  readonly columns: readonly NamedExpr[];
}

/** `operator` is the method that asked, for errors. */
export function project(
  input: LogicalPlan,
  columns: readonly NamedExpr[],
  operator = "select",
): Project {
  const fields = columns.map((column) => scalarField(column, input.schema, operator));
  return Object.freeze({
    kind: "project",
    schema: new Schema(fields, operator),
    input,
    columns: freezeColumns(columns),
  });
}

export function projectText({ columns }: Project): string {
  return `project ${columnsText(columns)}`;
}

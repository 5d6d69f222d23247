// The rows where a predicate is true; null is not true. Keeps row order.

import type { Schema } from "../dtype/index.ts";
import type { ExprNode } from "../expr/index.ts";
import { exprText } from "../function/index.ts";
import { checkBool, scalarField } from "./derive.ts";
import type { LogicalPlan } from "./logical_plan.ts";

export interface Filter {
  readonly kind: "filter";
  readonly schema: Schema;
  readonly input: LogicalPlan;
  readonly predicate: ExprNode;
}

export function filter(input: LogicalPlan, predicate: ExprNode): Filter {
  const { dtype } = scalarField({ name: "", expr: predicate }, input.schema, "filter");
  checkBool(predicate, dtype, "filter");
  return Object.freeze({ kind: "filter", schema: input.schema, input, predicate });
}

export function filterText({ predicate }: Filter): string {
  return `filter ${exprText(predicate)}`;
}

// groupRows: each partition keeps its own first rows of every group, then one partition keeps those of all. Ties keep
// partition order, so the whole order stays that of the rows.

import { at } from "../../base/index.ts";
import { bindExpression } from "../../function/index.ts";
import type { GroupRows } from "../../plan/index.ts";
import {
  allColumns,
  applyOperation,
  evaluate,
  gather,
  materialize,
  type PlanningContext,
} from "../build.ts";
import type { GroupRowsOperation } from "../operation.ts";
import type { PhysicalPlan } from "../plan.ts";
import { defer, needsStages, numberRows } from "../staged/parts.ts";

export function planGroupRows(
  context: PlanningContext,
  node: GroupRows,
  input: PhysicalPlan,
): PhysicalPlan {
  const exprs = [...node.keys, ...node.order].map(({ expr }) => expr);
  const bound = exprs.map((expr) => bindExpression(expr, input.schema, "groupBy"));
  const { plan, columns } = materialize(context, input, bound, "groupBy");
  const operation: GroupRowsOperation = {
    kind: "groupRows",
    keys: columns.slice(0, node.keys.length),
    order: node.order.map(({ descending, nulls }, index) => ({
      column: at(columns, node.keys.length + index),
      descending,
      nulls,
    })),
    count: node.count,
    end: node.end,
    dropNullKeys: node.dropNulls,
  };
  const keep = (from: PhysicalPlan) =>
    applyOperation(context, operation, [from], plan.schema, "groupBy");
  const narrowed = plan.partitions > 1 ? keep(plan) : plan;
  const kept = needsStages(context, narrowed)
    ? keepInParts(context, operation, narrowed)
    : keep(gather(context, narrowed, "groupBy"));
  return evaluate(context, kept, {
    outputs: allColumns(node.schema),
    predicate: null,
    schema: node.schema,
    operator: "groupBy",
  });
}

/** Rows with their numbers as a column more than the input's. */
function keepInParts(
  context: PlanningContext,
  operation: GroupRowsOperation,
  input: PhysicalPlan,
): PhysicalPlan {
  const numbered = numberRows(context, input, "groupBy");
  const step = { kind: "groupRows" as const, operation };
  const { schema } = numbered;
  return defer(context, step, { inputs: [numbered], operator: "groupBy", schema });
}

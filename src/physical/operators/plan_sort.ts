// sort: each partition keeps its own top rows if there is a limit, then one partition is sorted.

import { at } from "../../base/index.ts";
import { bindExpression } from "../../function/index.ts";
import type { Sort } from "../../plan/index.ts";
import {
  allColumns,
  applyOperation,
  evaluate,
  gather,
  materialize,
  type PlanningContext,
} from "../build.ts";
import type { SortOperation } from "../operation.ts";
import type { PhysicalPlan } from "../plan.ts";

export function planSort(context: PlanningContext, node: Sort, input: PhysicalPlan): PhysicalPlan {
  const bound = node.keys.map((key) => bindExpression(key.expr, input.schema, "sort"));
  const { plan, columns } = materialize(context, input, bound, "sort");
  const operation: SortOperation = {
    kind: "sort",
    keys: node.keys.map((key, index) => ({
      column: at(columns, index),
      descending: key.descending,
      nulls: key.nulls,
    })),
    limit: node.limit,
  };
  const sort = (from: PhysicalPlan) =>
    applyOperation(context, operation, [from], plan.schema, "sort");
  // Top rows of the whole are among the top rows of the partitions; ties keep partition order, so the sort stays stable.
  const narrowed = node.limit !== null && plan.partitions > 1 ? sort(plan) : plan;
  const sorted = sort(gather(context, narrowed, "sort"));
  return evaluate(context, sorted, {
    outputs: allColumns(node.schema),
    predicate: null,
    schema: node.schema,
    operator: "sort",
  });
}

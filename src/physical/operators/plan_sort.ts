// sort: each partition keeps its own top rows if there is a limit, then one partition is sorted, or ranges are.

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
  workingSetBytes,
} from "../build.ts";
import type { SortOperation } from "../operation.ts";
import type { PhysicalPlan } from "../plan.ts";
import { rowBytes } from "../size_estimate.ts";
import { needsStages, numberRows } from "../staged/parts.ts";
import { stagedSort } from "../staged/stage_sort.ts";
import { sliceRows } from "./plan_slice.ts";

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
  const sorted = sortRows(context, plan, operation, "sort");
  return evaluate(context, sorted, {
    outputs: allColumns(node.schema),
    predicate: null,
    schema: node.schema,
    operator: "sort",
  });
}

/** The input's columns, in the order of the operation. Over several partitions that are too much for one task, in parts. */
export function sortRows(
  context: PlanningContext,
  input: PhysicalPlan,
  operation: SortOperation,
  operator: string,
): PhysicalPlan {
  const { keys, limit } = operation;
  const sort = (from: PhysicalPlan) =>
    applyOperation(context, operation, [from], input.schema, operator);
  // Top rows of the whole are among the top rows of the partitions; ties keep partition order, so the sort stays stable.
  const narrowed = limit !== null && input.partitions > 1 ? sort(input) : input;
  const reach = limit === null ? Infinity : limit * input.partitions * rowBytes(input.schema);
  if (reach <= workingSetBytes(context) || !needsStages(context, narrowed)) {
    return sort(gather(context, narrowed, operator));
  }
  const numbered = numberRows(context, narrowed, operator);
  const ordered = stagedSort(
    context,
    numbered,
    {
      keys: [...keys, { column: input.schema.length, descending: false, nulls: "last" }],
      given: 1,
      outputs: [...input.schema.fields.keys()],
    },
    operator,
  );
  return limit === null
    ? ordered
    : sliceRows(context, ordered, { offset: 0, length: limit }, operator);
}

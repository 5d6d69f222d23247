// project and filter: one evaluation; a filter right below a projection is fused into it.

import type { Steps } from "../../base/index.ts";
import { bindExpression } from "../../function/index.ts";
import type { Filter, Project } from "../../plan/index.ts";
import { allColumns, boundAll, evaluated, type PlanningContext } from "../build.ts";
import type { PhysicalPlan } from "../plan.ts";

export function* planFilter(
  context: PlanningContext,
  node: Filter,
  input: PhysicalPlan,
): Steps<PhysicalPlan> {
  return yield* evaluated(context, input, {
    outputs: allColumns(input.schema),
    predicate: bindExpression(node.predicate, input.schema, "filter"),
    schema: node.schema,
    operator: "filter",
  });
}

/** `filter`: the node below the projection, whose own input is `input`; null: nothing is fused. */
export function* planProject(
  context: PlanningContext,
  node: Project,
  filter: Filter | null,
  input: PhysicalPlan,
): Steps<PhysicalPlan> {
  return yield* evaluated(context, input, {
    outputs: yield* boundAll(node.columns, input.schema),
    predicate: filter === null ? null : bindExpression(filter.predicate, input.schema, "filter"),
    schema: node.schema,
    operator: filter === null ? "select" : "filter + select",
  });
}

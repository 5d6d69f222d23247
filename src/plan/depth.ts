// How deep a plan is. As with expressions (src/expr/depth.ts), the operator that goes beyond what the walks have room for
// is refused.

import { NotSupportedError } from "../base/index.ts";
import type { LogicalPlan } from "./logical_plan.ts";
import { inputsOf } from "./tree.ts";

/** Half of what fits in a stack of 1 MB. */
const MOST_OPERATORS = 500;

const depths = new WeakMap<LogicalPlan, number>();

/** The operators on the longest way to a source, that one included. Counted once a node. */
function planDepth(plan: LogicalPlan): number {
  const known = depths.get(plan);
  if (known !== undefined) return known;
  let depth = 1;
  for (const input of inputsOf(plan)) depth = Math.max(depth, 1 + planDepth(input));
  depths.set(plan, depth);
  return depth;
}

/** @throws NotSupportedError for a plan that is too deep. */
export function checkPlanDepth(plan: LogicalPlan): LogicalPlan {
  if (planDepth(plan) <= MOST_OPERATORS) return plan;
  throw new NotSupportedError(`a query of more than ${MOST_OPERATORS} operators above each other`, {
    operator: plan.kind,
    hint: "Write await df.persist() in between, give withColumns() several columns at once, or concat() many frames at once.",
  });
}

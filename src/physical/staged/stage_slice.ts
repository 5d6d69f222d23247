// A slice of partitions whose rows are counted: each gives what lies in it, and the others are not read.

import { at } from "../../base/index.ts";
import { applyOperation, type PlanningContext } from "../build.ts";
import type { Held, PhysicalPlan } from "../plan.ts";
import { pick, union } from "./parts.ts";
import type { SliceStep } from "./step.ts";

export function planSliceStage(
  context: PlanningContext,
  { offset, length }: SliceStep,
  input: Held,
): PhysicalPlan {
  const { schema } = input;
  const plans: PhysicalPlan[] = [];
  let first = 0;
  for (const [index, { rows }] of input.sizes.entries()) {
    const start = Math.max(offset, first) - first;
    const count = Math.min(offset + length, first + rows) - first - start;
    first += rows;
    const isLast = index === input.sizes.length - 1 && plans.length === 0;
    if (count <= 0 && !isLast) continue;
    const own = pick(input, [index]);
    const isWhole = start === 0 && count === rows;
    const operation = { kind: "slice" as const, offset: start, length: Math.max(0, count) };
    plans.push(isWhole ? own : applyOperation(context, operation, [own], schema, own.operator));
  }
  return union(plans, schema, at(plans, 0).operator);
}

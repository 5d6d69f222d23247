// A slice of partitions whose rows are counted: each gives what lies in it, and the others are not read.

import { at } from "../../base/index.ts";
import { applyOperation, gather, type PlanningContext } from "../build.ts";
import { isOnePartition } from "../operators/plan_slice.ts";
import { placeOnHost } from "../placement.ts";
import type { Held, PhysicalPlan } from "../plan.ts";
import { pick, union } from "./parts.ts";
import type { SliceStep } from "./step.ts";

export function planSliceStage(
  context: PlanningContext,
  { offset, length }: SliceStep,
  input: Held,
): PhysicalPlan {
  const { schema } = input;
  // Where the rows are.
  const placement = { ...placeOnHost(context.policy), reason: "the rows are in host memory" };
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
    const { operator } = own;
    plans.push(
      isWhole ? own : { ...applyOperation(context, operation, [own], schema, operator), placement },
    );
  }
  const { operator } = at(plans, 0);
  const slices = union(plans, schema, operator);
  return isOnePartition(context, input, offset + length)
    ? gather(context, slices, operator)
    : slices;
}

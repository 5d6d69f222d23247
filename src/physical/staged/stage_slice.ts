// A slice of partitions whose rows are counted.

import { at } from "../../base/index.ts";
import { gather, type PlanningContext } from "../build.ts";
import { isOnePartition } from "../operators/plan_slice.ts";
import type { Held, PhysicalPlan } from "../plan.ts";
import { union } from "./parts.ts";
import { RowSlices } from "./row_slices.ts";
import type { SliceStep } from "./step.ts";

export function planSliceStage(
  context: PlanningContext,
  { offset, length }: SliceStep,
  input: Held,
): PhysicalPlan {
  const plans = new RowSlices(context, input).of({ offset, length }).map(({ plan }) => plan);
  const { operator } = at(plans, 0);
  const slices = union(plans, input.schema, operator);
  return isOnePartition(context, input, offset + length)
    ? gather(context, slices, operator)
    : slices;
}

// repartition of counted partitions: each share of the rows is gathered from the partitions that have them. One that is more
// than a task may hold stays in several.

import type { Steps } from "../../base/index.ts";
import { gather, type PlanningContext, workingSetBytes } from "../build.ts";
import type { Held, PhysicalPlan } from "../plan.ts";
import { shareOf } from "../row_shares.ts";
import { coalesced, union } from "./parts.ts";
import { RowSlices } from "./row_slices.ts";
import type { RepartitionStep } from "./step.ts";

export function* planRepartitionStage(
  context: PlanningContext,
  { partitions }: RepartitionStep,
  input: Held,
  operator: string,
): Steps<PhysicalPlan> {
  const { schema } = input;
  const slices = new RowSlices(context, input);
  const plans: PhysicalPlan[] = [];
  for (let share = 0; share < partitions; share++) {
    const { start, end } = shareOf(input.size.rows, share, partitions);
    const own = slices.of({ offset: start, length: end - start });
    for (const run of coalesced(own, workingSetBytes(context), ({ bytes }) => bytes)) {
      const rows = run.map(({ plan }) => plan);
      plans.push(gather(context, union(rows, schema, operator), operator));
      yield;
    }
  }
  return union(plans, schema, operator);
}

// repartition: one task a partition takes its share of all rows. Where these are more than a task may hold, their sizes are
// waited for: each share then reads only the partitions that have its rows.

import type { Repartition } from "../../plan/index.ts";
import type { PlanningContext } from "../build.ts";
import type { PhysicalPlan } from "../plan.ts";
import { defer, needsStages } from "../staged/parts.ts";

export function planRepartition(
  context: PlanningContext,
  { schema, partitions }: Repartition,
  input: PhysicalPlan,
): PhysicalPlan {
  const operator = "repartition";
  if (needsStages(context, input)) {
    const step = { kind: "repartition" as const, partitions };
    const deferred = defer(context, step, { inputs: [input], operator, schema });
    // They may be more: nobody is to take one of them for all rows.
    return { ...deferred, partitions: Math.max(2, partitions) };
  }
  return { kind: "split", operator, schema, partitions, input, runsEach: null };
}

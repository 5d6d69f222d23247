// What a query is planned with. Where what it meets contradicts that, it starts over, planned with what is known then.

import { JoinTooLarge, MOST_JOIN_RUNS, type PlanningContext } from "../physical/index.ts";
import type { LogicalPlan } from "../plan/index.ts";
import { promotedBy } from "./schema_conflict.ts";

export interface Attempt extends Pick<PlanningContext, "joinRuns"> {
  readonly plan: LogicalPlan;
}

/** Runs differ: some give more than the mean. */
const MARGIN = 2;

export function firstAttempt(plan: LogicalPlan): Attempt {
  return { plan, joinRuns: new Map() };
}

/**
 * The attempt after one that ended with the error. A schema is promoted at most three times a column, and the runs of a
 * join at least double. @throws the error, if another attempt would meet it again.
 */
export function nextAttempt(error: unknown, { plan, joinRuns }: Attempt): Attempt {
  if (!(error instanceof JoinTooLarge)) return { plan: promotedBy(error, plan), joinRuns };
  const { join, rows } = error.bound;
  const more = Math.min(Math.ceil((MARGIN * error.rows) / rows), error.leftRows);
  const runs = (joinRuns.get(join) ?? 1) * more;
  return { plan, joinRuns: new Map([...joinRuns, [join, Math.min(runs, MOST_JOIN_RUNS)]]) };
}

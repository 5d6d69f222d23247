// What a query is planned with. Where what it meets contradicts that, it starts over, planned with what is known then.

import { MemoryBudgetError } from "../base/index.ts";
import { JoinTooLarge, MOST_JOIN_RUNS, type PlanningContext } from "../physical/index.ts";
import type { LogicalPlan } from "../plan/index.ts";
import { PartOverflow } from "./part_overflow.ts";
import { promotedBy } from "./schema_conflict.ts";

export interface Attempt extends Pick<PlanningContext, "joinRuns" | "wholeAggregates"> {
  readonly plan: LogicalPlan;
  /** For which it was planned with whole aggregates. */
  readonly overflow: PartOverflow | null;
}

/** Runs differ: some give more than the mean. */
const MARGIN = 2;

export function firstAttempt(plan: LogicalPlan): Attempt {
  return { plan, joinRuns: new Map(), wholeAggregates: false, overflow: null };
}

/**
 * The attempt after one that ended with the error. A schema is promoted at most three times a column, the runs of a join at
 * least double, and aggregates become whole once. @throws what the query ends with, if no other attempt is to be made.
 */
export function nextAttempt(error: unknown, attempt: Attempt): Attempt {
  const { plan, joinRuns, overflow } = attempt;
  if (error instanceof PartOverflow) {
    if (overflow !== null) throw error.error;
    return { ...attempt, wholeAggregates: true, overflow: error };
  }
  if (overflow !== null && error instanceof MemoryBudgetError) throw overflow.error;
  if (!(error instanceof JoinTooLarge)) return { ...attempt, plan: promotedBy(error, plan) };
  const { join, rows } = error.bound;
  const more = Math.min(Math.ceil((MARGIN * error.rows) / rows), error.leftRows);
  const runs = (joinRuns.get(join) ?? 1) * more;
  return { ...attempt, joinRuns: new Map([...joinRuns, [join, Math.min(runs, MOST_JOIN_RUNS)]]) };
}

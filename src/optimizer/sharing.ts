// What an operator that several others read is worth. A rule that moves work into such an operator gives each reader a
// copy of its own, and what lies below is computed once a reader.

import { inputsOf, type LogicalPlan } from "../plan/index.ts";

/** Nodes of the plan being rewritten that have several readers. */
export type Shared = ReadonlySet<LogicalPlan>;

const costly = new WeakMap<LogicalPlan, boolean>();

/**
 * Is computing the plan once and filtering its result for each reader better than computing it for each reader? Yes
 * where it decodes a file, groups, joins, sorts or looks for distinct rows, which touch every row whatever is kept
 * afterwards. Passes over rows in memory cost no more than writing their result for others would.
 */
export function isWorthSharing(plan: LogicalPlan): boolean {
  const known = costly.get(plan);
  if (known !== undefined) return known;
  const worth = isCostly(plan) || inputsOf(plan).some(isWorthSharing);
  costly.set(plan, worth);
  return worth;
}

function isCostly({ kind }: LogicalPlan): boolean {
  return ["scanCsv", "aggregate", "join", "sort", "distinct", "groupRows"].includes(kind);
}

/** Must the plan stay one node, because several read it and it is dear? */
export function staysWhole(plan: LogicalPlan, shared: Shared): boolean {
  return shared.has(plan) && isWorthSharing(plan);
}

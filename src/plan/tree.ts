// Walks and rewrites of plan trees. A rewrite gives back the same object where nothing changed.

import { assertNever, at } from "../base/index.ts";
import { aggregate } from "./aggregate.ts";
import { concat } from "./concat.ts";
import { distinct } from "./distinct.ts";
import { filter } from "./filter.ts";
import { groupRows } from "./group_rows.ts";
import { join, joinOptions } from "./join.ts";
import type { LogicalPlan, Scan } from "./logical_plan.ts";
import { project } from "./project.ts";
import { repartition } from "./repartition.ts";
import { slice } from "./slice.ts";
import { sort } from "./sort.ts";

export function isScan(plan: LogicalPlan): plan is Scan {
  return plan.kind === "scanTable" || plan.kind === "scanCsv" || plan.kind === "scanPersisted";
}

export function inputsOf(plan: LogicalPlan): readonly LogicalPlan[] {
  switch (plan.kind) {
    case "scanTable":
    case "scanCsv":
    case "scanPersisted":
      return [];
    case "join":
      return [plan.left, plan.right];
    case "concat":
      return plan.inputs;
    default:
      return [plan.input];
  }
}

/**
 * The same operator over other inputs (as many as it has); its schema is derived anew, and what no longer fits raises
 * the error that building it would.
 */
export function withInputs(plan: LogicalPlan, inputs: readonly LogicalPlan[]): LogicalPlan {
  if (inputsOf(plan).every((input, index) => input === inputs[index])) return plan;
  const input = at(inputs, 0);
  switch (plan.kind) {
    case "scanTable":
    case "scanCsv":
    case "scanPersisted":
      return plan;
    case "project":
      return project(input, plan.columns);
    case "filter":
      return filter(input, plan.predicate);
    case "aggregate":
      return aggregate(input, plan.keys, plan.aggregates, plan);
    case "groupRows":
      return groupRows(input, plan.keys, plan);
    case "join":
      return join(input, at(inputs, 1), joinOptions(plan));
    case "sort":
      return sort(input, plan.keys, plan.limit);
    case "slice":
      return slice(input, plan.offset, plan.length);
    case "distinct":
      return distinct(input, plan.columns);
    case "concat":
      return concat(inputs);
    case "repartition":
      return repartition(input, plan.partitions);
    default:
      return assertNever(plan);
  }
}

/** How many inputs of other nodes, and results, each node is. */
export function readerCounts(plan: LogicalPlan): ReadonlyMap<LogicalPlan, number> {
  const counts = new Map<LogicalPlan, number>();
  const read = (node: LogicalPlan) => {
    const before = counts.get(node) ?? 0;
    counts.set(node, before + 1);
    if (before === 0) for (const input of inputsOf(node)) read(input);
  };
  read(plan);
  return counts;
}

/**
 * Rewrites from the scans up. A node that stands twice in the plan is rewritten once, and still stands twice; `shared`
 * holds those that do, as they were rewritten.
 */
export function rewritePlan(
  plan: LogicalPlan,
  rewrite: (plan: LogicalPlan, shared: ReadonlySet<LogicalPlan>) => LogicalPlan,
): LogicalPlan {
  const readers = readerCounts(plan);
  const rewritten = new Map<LogicalPlan, LogicalPlan>();
  const shared = new Set<LogicalPlan>();
  const visit = (node: LogicalPlan): LogicalPlan => {
    const known = rewritten.get(node);
    if (known !== undefined) return known;
    const after = rewrite(withInputs(node, inputsOf(node).map(visit)), shared);
    rewritten.set(node, after);
    if ((readers.get(node) ?? 0) > 1) shared.add(after);
    return after;
  };
  return visit(plan);
}

/**
 * The plan over other sources: an inferred CSV schema that the whole file contradicts is replaced this way, and every
 * operator above derives its schema anew.
 */
export function rederive(
  plan: LogicalPlan,
  replaceSource: (scan: Scan) => LogicalPlan,
): LogicalPlan {
  return rewritePlan(plan, (node) => (isScan(node) ? replaceSource(node) : node));
}

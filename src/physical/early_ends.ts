// Where a slice may need only the first partitions of what it reads.

import { isScan, type LogicalPlan } from "../plan/index.ts";
import type { PlanningContext } from "./build.ts";

/** What a partition of such a scan takes at most: what a slice of few rows decodes in vain, and still many launches' worth. */
const PARTITION_BYTES = 32 * 2 ** 20;

export function finelyCut(context: PlanningContext): PlanningContext {
  const { partitionBytes } = context;
  return {
    ...context,
    partitionBytes: Math.min(partitionBytes ?? PARTITION_BYTES, PARTITION_BYTES),
  };
}

/**
 * Scans between which and a slice everything works partition by partition, for nobody else: they are cut more finely, as
 * partitions are what an early end leaves out. `readers`: of all nodes of the plan.
 */
export function limitedScans(readers: ReadonlyMap<LogicalPlan, number>): ReadonlySet<LogicalPlan> {
  const limited = new Set<LogicalPlan>();
  const visit = (node: LogicalPlan): void => {
    if (readers.get(node) !== 1) return;
    if (isScan(node)) {
      limited.add(node);
      return;
    }
    for (const input of firstInputs(node)) visit(input);
  };
  for (const node of readers.keys()) if (node.kind === "slice") visit(node.input);
  return limited;
}

/** The inputs of which the first partitions give the first partitions of the node. */
function firstInputs(node: LogicalPlan): readonly LogicalPlan[] {
  switch (node.kind) {
    case "project":
    case "filter":
      return [node.input];
    case "concat":
      return node.inputs;
    case "join":
      return node.how === "right" || node.how === "full" ? [] : [node.left];
    default:
      return [];
  }
}

/**
 * Slices of a concat's inputs that the slice above it makes idle: it takes what it needs of the first inputs, and then
 * the later ones need not even be begun.
 */
export function idleSlices(readers: ReadonlyMap<LogicalPlan, number>): ReadonlySet<LogicalPlan> {
  const idle = new Set<LogicalPlan>();
  const only = (node: LogicalPlan) => readers.get(node) === 1;
  for (const node of readers.keys()) {
    if (node.kind !== "slice") continue;
    let below = node.input;
    while (below.kind === "project" && only(below)) below = below.input;
    if (below.kind !== "concat" || !only(below)) continue;
    for (const input of below.inputs) {
      const isLonger = input.kind === "slice" && input.length >= node.offset + node.length;
      if (isLonger && input.offset === 0 && only(input)) idle.add(input);
    }
  }
  return idle;
}

// Nodes stand for others: a rename for the node whose partitions it shows, a deferred or shared node for what came of it.

import type { PhysicalPlan } from "../physical/index.ts";

/** What stands in for a node, once an earlier stage has run. */
export type Resolved = ReadonlyMap<PhysicalPlan, PhysicalPlan>;

export function resolve(node: PhysicalPlan, resolved: Resolved): PhysicalPlan {
  for (let current = node; ; ) {
    const own = current.renames ?? current;
    const next = resolved.get(own);
    if (next === undefined) return own;
    current = next;
  }
}

// Which tasks do the same work to different partitions.

import type { Task } from "./task.ts";

/** By task: how many nodes of the plan come before its own. Tasks of a node stand together, by partition. */
export function nodesOf(tasks: readonly Task[]): Int32Array {
  let node = -1;
  let last: Task | null = null;
  const nodes = new Int32Array(tasks.length);
  for (const [index, task] of tasks.entries()) {
    const isNext =
      last !== null &&
      last.kind === task.kind &&
      last.operator === task.operator &&
      last.partition + 1 === task.partition;
    if (!isNext) node += 1;
    last = task;
    nodes[index] = node;
  }
  return nodes;
}

// What waits for all tasks of a node of the plan: a gather and what reads it, shares that are cut anew. Until then only what is
// before it can run, and what has nothing to do with it.

import { at, ITEMS_A_STEP, type Steps } from "../../base/index.ts";
import type { DispatchTask } from "./model.ts";

export interface Barrier {
  /** Groups of tasks that all have to end first. */
  readonly before: ReadonlySet<string>;
  /** Groups none of whose tasks can start until then. */
  readonly after: ReadonlySet<string>;
}

/** Inputs of a task that waits for a node as a whole. */
const LEAST_INPUTS = 3;

/** In the order in which the tasks stand. */
export function* barriersOf(tasks: readonly DispatchTask[]): Steps<Barrier[]> {
  const inputs = new Map<string, Set<string>>();
  const readers = new Map<string, Set<string>>();
  const sizes = new Map<string, number>();
  /** By group: the first task with many inputs. */
  const gathers = new Map<string, DispatchTask>();
  let last: DispatchTask | null = null;
  for (const task of tasks) {
    if (task.id % ITEMS_A_STEP === 0) yield;
    const { group } = task;
    sizes.set(group, (sizes.get(group) ?? 0) + 1);
    // Shares of the same inputs are alike.
    if (task.inputs === last?.inputs && group === last.group) continue;
    last = task;
    if (task.inputs.length >= LEAST_INPUTS && !gathers.has(group)) gathers.set(group, task);
    for (const input of task.inputs) {
      const from = at(tasks, input).group;
      if (from === group) continue;
      addTo(inputs, group, from);
      addTo(readers, from, group);
    }
  }
  const barriers: Barrier[] = [];
  for (const [group, task] of gathers) {
    const isWhole = wholeGroups(task, tasks, sizes);
    const before = reached(isWhole, inputs);
    const after = reached([group], readers);
    // Where nodes share a group, it may be on both sides.
    const isOrdered = [...after].every((other) => !before.has(other));
    if (before.size > 0 && isOrdered) barriers.push({ before, after });
  }
  return barriers;
}

/** The groups of which the task reads most. */
function wholeGroups(
  task: DispatchTask,
  tasks: readonly DispatchTask[],
  sizes: ReadonlyMap<string, number>,
): string[] {
  const read = new Map<string, number>();
  for (const input of task.inputs) {
    const { group } = at(tasks, input);
    read.set(group, (read.get(group) ?? 0) + 1);
  }
  return [...read].flatMap(([group, count]) => {
    return count >= LEAST_INPUTS && 2 * count > (sizes.get(group) ?? 0) ? [group] : [];
  });
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): void {
  const own = sets.get(key) ?? new Set();
  sets.set(key, own.add(value));
}

function reached(from: readonly string[], next: ReadonlyMap<string, Iterable<string>>) {
  const found = new Set(from);
  for (const group of found) for (const other of next.get(group) ?? []) found.add(other);
  return found;
}

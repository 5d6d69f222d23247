// Events that cut a run into phases: all that is put together or cut anew is computed; what everything behind it reads is.

import { type Task, type TaskGraph, type TaskId, taskInputs } from "../../src/execution/task.ts";

export interface Event {
  /** What is computed by then. */
  readonly before: ReadonlySet<TaskId>;
  /** What begins then at the earliest. */
  readonly after: ReadonlySet<TaskId>;
}

/** Orders that are looked at: the bound is the least one of all of them. */
const MOST_ORDERS = 6;

/**
 * The orders in which the events can happen: what has to be computed before one of two, and more, is before the other. Of
 * too many events those are left out that part the least work.
 */
export function ordersOfEvents(
  graph: TaskGraph,
  isDone: (id: TaskId) => boolean,
  msOf: (id: TaskId) => number,
): readonly (readonly Event[])[] {
  const work = (ids: ReadonlySet<TaskId>) => [...ids].reduce((sum, id) => sum + msOf(id), 0);
  const parted = ({ before, after }: Event) => Math.min(work(before), work(after));
  // What nothing has to be computed for happens at once.
  const events = eventsOf(graph, isDone)
    .filter(({ before }) => work(before) > 0)
    .sort((a, b) => parted(b) - parted(a));
  for (;;) {
    const orders: Event[][] = [];
    if (order([], events, orders)) return orders;
    events.pop();
  }
}

/** False where there are too many. */
function order(first: readonly Event[], left: readonly Event[], orders: Event[][]): boolean {
  if (left.length === 0) {
    orders.push([...first]);
    return orders.length <= MOST_ORDERS;
  }
  return left.every((event) => {
    const others = left.filter((other) => other !== event);
    const isNext = others.every(
      ({ before }) => !isWithin(before, event.before) || isWithin(event.before, before),
    );
    return !isNext || order([...first, event], others, orders);
  });
}

function isWithin(part: ReadonlySet<TaskId>, all: ReadonlySet<TaskId>): boolean {
  return part.size <= all.size && [...part].every((id) => all.has(id));
}

/** What reads a result that is there depends on nothing that it was made from. */
function eventsOf({ tasks }: TaskGraph, isDone: (id: TaskId) => boolean): Event[] {
  const readers: TaskId[][] = tasks.map(() => []);
  for (const task of tasks) for (const id of taskInputs(task)) readers[id]?.push(task.id);
  const inputsOf = (id: TaskId) => taskInputs(tasks[id] as Task);
  const readersOf = (id: TaskId) => readers[id] as TaskId[];
  const reached = (ids: readonly TaskId[], step: (id: TaskId) => readonly TaskId[]) => {
    const found = new Set<TaskId>();
    const next = [...ids];
    for (let id = next.pop(); id !== undefined; id = next.pop()) {
      if (found.has(id) || isDone(id)) continue;
      found.add(id);
      next.push(...step(id));
    }
    return found;
  };
  const gathers = new Map<string, { readonly inputs: readonly TaskId[]; readonly own: TaskId[] }>();
  for (const task of tasks) {
    if (!isGather(task)) continue;
    const inputs = taskInputs(task);
    const known = gathers.get(inputs.join()) ?? { inputs, own: [] };
    gathers.set(inputs.join(), known);
    known.own.push(task.id);
  }
  const events: Event[] = [];
  for (const { inputs, own } of gathers.values()) {
    const [only = -1] = own.length === 1 ? own : [];
    const isBroadcast = only >= 0 && readersOf(only).length > 1;
    const before = reached(isBroadcast ? own : inputs, inputsOf);
    const after = reached(isBroadcast ? readersOf(only) : own, readersOf);
    if (before.size > 0) events.push({ before, after });
  }
  return events;
}

function isGather(task: Task): boolean {
  return task.kind === "split" || (task.kind === "operation" && task.operation.kind === "concat");
}

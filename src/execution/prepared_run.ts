// What a run of a task graph begins with. Some of it grows with the tasks, of which there may be tens of thousands: it is
// made in steps.

import { at, type Steps, throwIfAborted } from "../base/index.ts";
import type { QueryKey } from "./device_queue.ts";
import { dispatcherOf, dispatchTasks } from "./dispatch_task.ts";
import type { Partition } from "./partition.ts";
import { TaskTally } from "./progress.ts";
import type { Clock, Dispatcher } from "./schedule/index.ts";
import type { TaskGraph } from "./task.ts";
import { TaskCosts } from "./task_costs.ts";
import { type RunSettings, SYSTEM_CLOCK, type Workplace } from "./workplace.ts";

export interface PreparedRun {
  readonly graph: TaskGraph;
  readonly workplace: Workplace;
  readonly options: RunSettings;
  /** By which devices tell queries apart. */
  readonly query: QueryKey;
  /** By task: none is there yet. */
  readonly results: (Partition | null)[];
  /** By task: how many tasks that are not done, and places in the graph's outputs, read it. */
  readonly readers: Int32Array;
  readonly isOutput: Uint8Array;
  readonly costs: TaskCosts;
  readonly dispatcher: Dispatcher;
  /** Null: nobody asks how far the run is. */
  readonly tally: TaskTally | null;
}

export function prepareRun(
  graph: TaskGraph,
  workplace: Workplace,
  options: RunSettings,
): Promise<PreparedRun> {
  const { clock = SYSTEM_CLOCK, signal } = options;
  return inTurnsOf(clock, prepared(graph, workplace, options), signal);
}

function* prepared(
  graph: TaskGraph,
  workplace: Workplace,
  options: RunSettings,
): Steps<PreparedRun> {
  const { turns, onTask } = options;
  const { tasks, outputs } = graph;
  const query: QueryKey = {};
  const results = new Array<Partition | null>(tasks.length).fill(null);
  const costs = yield* TaskCosts.of(graph, {
    executors: workplace.executors,
    host: workplace.host,
    costsOf: (device) => workplace.costsOf(device),
    persisted: (handle, partition) => workplace.persisted(handle, partition),
    result: (task) => at(results, task),
    sharers: (device) => workplace.queues.get(device)?.others(query) ?? 0,
  });
  const dispatched = yield* dispatchTasks(tasks, (task) => turns[task] ?? -1, workplace);
  const dispatcher = yield* dispatcherOf(dispatched, costs, workplace);
  const tally =
    onTask === undefined ? null : new TaskTally(tasks, yield* costs.expectedMs(dispatched));
  const readers = new Int32Array(tasks.length);
  for (const { inputs } of dispatched)
    for (const input of inputs) readers[input] = at(readers, input) + 1;
  const isOutput = new Uint8Array(tasks.length);
  for (const output of outputs) {
    readers[output] = at(readers, output) + 1;
    isOutput[output] = 1;
  }
  return { graph, workplace, options, query, results, readers, isOutput, costs, dispatcher, tally };
}

/** What comes of the steps; between them the event loop may turn. @throws AbortError where it was asked for meanwhile. */
export async function inTurnsOf<T>(
  clock: Clock,
  steps: Steps<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    const pause = clock.pause();
    if (pause === null) continue;
    await pause;
    throwIfAborted(signal);
  }
}

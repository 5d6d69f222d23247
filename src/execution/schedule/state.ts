// What the policy keeps of tasks and devices while a query runs.

import { at } from "../../base/index.ts";
import type { Departures } from "./departures.ts";
import type { Execution } from "./execution.ts";
import type { DeviceId, DispatchDevice, DispatchTask } from "./model.ts";
import type { ReadyTask } from "./queues.ts";

/** Tries of one task: the first and three more, the last of them on the last device that is left to it. */
export const MAX_TRIES = 4;

type Status = "waiting" | "ready" | "running" | "done";

export interface TaskState {
  readonly task: DispatchTask;
  status: Status;
  /** Somebody wants its result. */
  demanded: boolean;
  /** Inputs that are not done. */
  missing: number;
  tries: number;
  /** Where it failed. */
  readonly excluded: DeviceId[];
  /** How long from its start to the end of the query, at the least. */
  priority: number;
  /** What the queues need to know of it, while it is ready. */
  ready: ReadyTask | null;
  /** Whose queue it stood in last. */
  queue: number | null;
  /** Runs whose end matters to it: not those that have lost to another one. */
  readonly executions: Execution[];
}

export interface DeviceState {
  readonly index: number;
  readonly device: DispatchDevice;
  readonly inFlight: Execution[];
  readonly departures: Departures;
  lost: boolean;
}

export function newTaskState(task: DispatchTask): TaskState {
  return {
    task,
    status: "waiting",
    demanded: false,
    missing: task.inputs.length,
    tries: 0,
    excluded: [],
    priority: 0,
    ready: null,
    queue: null,
    executions: [],
  };
}

/** Where the task may run now; the last try is for the last device. */
export function candidatesOf(
  { task, excluded, tries }: TaskState,
  isOpen: (device: DeviceId) => boolean,
): readonly DeviceId[] {
  const mayRun = (id: DeviceId) => !excluded.includes(id) && isOpen(id);
  const devices = task.devices.filter(mayRun);
  const fallback = task.fallback.filter(mayRun);
  if (tries === MAX_TRIES - 1) return [...devices, ...fallback].slice(-1);
  return devices.length > 0 ? devices : fallback.slice(0, 1);
}

/** A device has failed a run. While another run goes on, which may succeed, the last try is not spent. */
export function countFault(state: TaskState, device: DeviceId | null): void {
  if (device !== null) state.excluded.push(device);
  const goesOn = state.executions.length > 0;
  if (!goesOn || state.tries < MAX_TRIES - 2) state.tries += 1;
}

/**
 * Does the first one start before the other? Of equal urgency, as what only one device can run has, the one with the longer
 * way to the end; then the smaller turn, so that what a query does is the same in every run.
 */
function isAhead(first: TaskState, other: TaskState): boolean {
  const urgency = (first.ready?.urgency ?? 0) - (other.ready?.urgency ?? 0);
  if (urgency !== 0) return urgency > 0;
  if (first.priority !== other.priority) return first.priority > other.priority;
  return first.task.turn < other.task.turn;
}

/** Into tasks of which the first one starts first. */
export function insert(state: TaskState, tasks: TaskState[]): void {
  let low = 0;
  let high = tasks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isAhead(at(tasks, middle), state)) low = middle + 1;
    else high = middle;
  }
  tasks.splice(low, 0, state);
}

/** Is it the only run of its task, and could there be a second one? Inputs that were lost since are not there for it. */
export function isAlone({ status, executions, missing }: TaskState, execution: Execution): boolean {
  const [only, another] = executions;
  return status === "running" && only === execution && another === undefined && missing === 0;
}

export function removeFrom<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}

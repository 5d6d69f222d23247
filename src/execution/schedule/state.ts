// What the policy keeps of tasks and devices while a query runs.

import type { Execution } from "./execution.ts";
import type { DeviceId, DispatchDevice, DispatchTask } from "./model.ts";
import type { ReadyTask } from "./queues.ts";

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
  readonly excluded: Set<DeviceId>;
  /** How long from its start to the end of the query, at the least. */
  priority: number;
  /** The same, or how long the only device that can run it still has to work at such tasks, if that is longer. */
  urgency: number;
  /** What the queues need to know of it, while it is ready. */
  ready: ReadyTask | null;
  /** Whose queue it stood in last. */
  queue: number | null;
  readonly executions: Set<Execution>;
}

export interface DeviceState {
  readonly index: number;
  readonly device: DispatchDevice;
  readonly inFlight: Execution[];
  lost: boolean;
}

export function newTaskState(task: DispatchTask): TaskState {
  return {
    task,
    status: "waiting",
    demanded: false,
    missing: task.inputs.length,
    tries: 0,
    excluded: new Set(),
    priority: 0,
    urgency: 0,
    ready: null,
    queue: null,
    executions: new Set(),
  };
}

// Lines that the tasks of a query left out, in the order of the tasks, whichever ended first; of a task that ran twice
// once.

import { type CsvReject, MAX_REJECTS } from "../io/index.ts";
import type { TaskId } from "./task.ts";

export interface RejectSink {
  add(task: TaskId, rejects: readonly CsvReject[]): void;
}

/** Of tasks that may turn out not to be needed. */
export class RejectsByTask implements RejectSink {
  readonly #byTask = new Map<TaskId, readonly CsvReject[]>();

  add(task: TaskId, rejects: readonly CsvReject[]): void {
    this.#byTask.set(task, rejects);
  }

  /** Those of tasks that have a turn. */
  pass(turns: ArrayLike<number>, sink: RejectSink): void {
    for (const [task, rejects] of this.#byTask) {
      if ((turns[task] ?? -1) >= 0) sink.add(task, rejects);
    }
  }
}

export class Rejects implements RejectSink {
  readonly #byTask = new Map<TaskId, readonly CsvReject[]>();
  readonly #taken = new Set<TaskId>();
  #room = MAX_REJECTS;

  add(task: TaskId, rejects: readonly CsvReject[]): void {
    if (rejects.length > 0 && !this.#taken.has(task)) this.#byTask.set(task, rejects);
  }

  /** Those that came since the last call; of a query at most as many as a reader keeps. */
  take(): CsvReject[] {
    const found: CsvReject[] = [];
    for (const [task, rejects] of [...this.#byTask].sort(([a], [b]) => a - b)) {
      found.push(...rejects.slice(0, this.#room));
      this.#room -= Math.min(this.#room, rejects.length);
      this.#taken.add(task);
    }
    this.#byTask.clear();
    return found;
  }
}

// How far a query is: what onProgress is told.

import { at } from "../base/index.ts";
import { isHolding } from "./hold.ts";
import type { Task, TaskId } from "./task.ts";
import type { TaskReport } from "./task_report.ts";

export interface DeviceProgress {
  readonly tasks: number;
  /** What its tasks gave. */
  readonly rows: number;
  readonly bytes: number;
  /** How long they took, waiting for inputs and turns included. */
  readonly ms: number;
}

export interface Progress {
  readonly tasksDone: number;
  /** As far as is known: what later parts of a query are made of follows from the sizes of earlier results. */
  readonly tasksTotal: number;
  /** Of the work that the query is expected to be, what is done. Never goes backwards; 1 at the end, once. */
  readonly fraction: number;
  /** Rows and bytes that tasks gave so far, those of intermediate results included. */
  readonly rows: number;
  readonly bytes: number;
  /** By device id. */
  readonly devices: Readonly<Record<string, DeviceProgress>>;
}

export interface RunProgress {
  readonly tasksDone: number;
  readonly tasksTotal: number;
  readonly fraction: number;
}

/** Counts the tasks of a run that run somewhere and are done; a task that has to be made again counts once. */
export class TaskTally {
  readonly #expectedMs: ArrayLike<number>;
  /** By task: 1 until it is done. Of what is there already nobody is told. */
  readonly #isLeft: Uint8Array;
  readonly #tasksTotal: number;
  readonly #totalMs: number;
  #doneMs = 0;
  #tasksDone = 0;

  /** `expectedMs`: by task. */
  constructor(tasks: readonly Task[], expectedMs: Float64Array) {
    this.#expectedMs = expectedMs;
    this.#isLeft = Uint8Array.from(tasks, (task) => (isHolding(task) ? 0 : 1));
    this.#tasksTotal = this.#isLeft.reduce((sum, isLeft) => sum + isLeft, 0);
    this.#totalMs = expectedMs.reduce((sum, ms, task) => sum + ms * at(this.#isLeft, task), 0);
  }

  done(task: TaskId): void {
    if (this.#isLeft[task] !== 1) return;
    this.#isLeft[task] = 0;
    this.#tasksDone += 1;
    this.#doneMs += this.#expectedMs[task] ?? 0;
  }

  get progress(): RunProgress {
    const tasksTotal = this.#tasksTotal;
    const fraction =
      this.#totalMs > 0 ? this.#doneMs / this.#totalMs : this.#tasksDone / Math.max(1, tasksTotal);
    return { tasksDone: this.#tasksDone, tasksTotal, fraction };
  }
}

export class ProgressMeter {
  readonly #tell: (progress: Progress) => void;
  #progress: Progress = {
    tasksDone: 0,
    tasksTotal: 0,
    fraction: 0,
    rows: 0,
    bytes: 0,
    devices: {},
  };

  constructor(tell: (progress: Progress) => void) {
    this.#tell = tell;
  }

  /** A query that is planned anew, as a file contradicts its sample, has done part of its work in vain. */
  readonly onTask = (
    report: TaskReport,
    { tasksDone, tasksTotal, fraction }: RunProgress,
  ): void => {
    const { rows, bytes, devices } = this.#progress;
    const { device, rowsOut, bytesOut, ms } = report;
    const own = devices[device] ?? { tasks: 0, rows: 0, bytes: 0, ms: 0 };
    this.#progress = {
      tasksDone,
      tasksTotal,
      // The result is there when the run says so, not with its last task.
      fraction: Math.max(this.#progress.fraction, Math.min(fraction, MOST_BEFORE_END)),
      rows: rows + rowsOut,
      bytes: bytes + bytesOut,
      devices: {
        ...devices,
        [device]: {
          tasks: own.tasks + 1,
          rows: own.rows + rowsOut,
          bytes: own.bytes + bytesOut,
          ms: own.ms + ms,
        },
      },
    };
    this.#tell(this.#progress);
  };

  /** The result is there. */
  end(): void {
    this.#progress = { ...this.#progress, fraction: 1 };
    this.#tell(this.#progress);
  }
}

const MOST_BEFORE_END = 0.99;

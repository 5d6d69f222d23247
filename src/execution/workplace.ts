// What the scheduler works with.

import { isTurnOver, nextTurn } from "../base/index.ts";
import type { Batch } from "../column/index.ts";
import type { Executor } from "../device/index.ts";
import type { DeviceCosts } from "../physical/index.ts";
import type { DeviceQueue } from "./device_queue.ts";
import type { SessionMemory } from "./memory/index.ts";
import type { Partition, StoredPartition, Traffic } from "./partition.ts";
import type { RunProgress } from "./progress.ts";
import type { RejectSink } from "./rejects.ts";
import type { Clock, Observations } from "./schedule/index.ts";
import type { CsvTask, HeldTask } from "./task.ts";
import type { TaskReport } from "./task_report.ts";

/** Devices by id, those that were open when the query began, one of them the host's, and the decoder of files. */
export interface Workplace {
  readonly executors: ReadonlyMap<string, Executor>;
  readonly queues: ReadonlyMap<string, DeviceQueue>;
  readonly host: Executor;
  costsOf(device: string): DeviceCosts;
  /** What earlier queries have seen of these costs, and where this one adds. Absent: it begins without. */
  readonly observations?: Observations | undefined;
  /** `rejects`: where left-out lines are noted, by task; absent: with those of the query. */
  decodeCsv(
    task: CsvTask,
    executor: Executor,
    signal: AbortSignal | undefined,
    rejects?: RejectSink,
  ): Promise<Batch>;
  persisted(handle: string, partition: number): StoredPartition;
  /** Counts results and moves them between tiers. Absent: they stay where they are. */
  readonly memory?: SessionMemory;
  /** What an earlier stage of the query left; of the last time that it is read, the reader's own. */
  held?(task: HeldTask): HeldPartition;
  /** A device that a task found lost, of the query or of what is persisted. */
  lost?(device: Executor): void;
  /** Aborts with an AbortError when the session closes: runs end with it, and let go of all that they hold. */
  readonly closing?: AbortSignal;
  /** Runs that nobody waits for any more go on until then: devices stay open for them. */
  lingers?(until: Promise<void>): void;
  /** Counts what comes to the host behind the task that made it. Absent: nobody asks. */
  readonly traffic?: Traffic | undefined;
  /** No task begins any more: what was put aside for them goes. */
  release?(): Promise<void>;
}

export interface HeldPartition {
  readonly partition: Partition;
  /** Nobody asks for it again: it need not be retained, and goes with its reader. */
  readonly isLast: boolean;
}

export interface ScheduleOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onTask?: ((report: TaskReport, progress: RunProgress) => void) | undefined;
  /** The result is wanted in host memory: a device that is lost on the last stretch is made up for as well. */
  readonly collect?: boolean | undefined;
  readonly clock?: Clock | undefined;
}

export interface StreamSettings extends ScheduleOptions {
  /** So many partitions after the one that the consumer waits for or works on may be computed already. */
  readonly lookAhead: number;
  /** Ahead is at most as much as was taken already: a consumer that wants few partitions gets few computed. */
  readonly growing?: boolean | undefined;
}

export interface RunSettings extends ScheduleOptions {
  /** By task: which of two failures counts. Default look-ahead: everything. */
  readonly turns: ArrayLike<number>;
  readonly lookAhead?: number;
  readonly growing?: boolean | undefined;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  pause: () => (isTurnOver() ? nextTurn() : null),
};

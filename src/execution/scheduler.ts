// Runs a task graph: every task as soon as its inputs are there and its device has room, on the first device of its
// placement that can; a task that loses its device is tried on the next one, at most three times.

import {
  AbortError,
  assert,
  at,
  DeviceLostError,
  InvalidArgumentError,
  MemoryBudgetError,
} from "../base/index.ts";
import type { Batch } from "../column/index.ts";
import type { DeviceWork, Executor, Resident } from "../device/index.ts";
import type { Operation, Placement } from "../physical/index.ts";
import type { DeviceQueue } from "./device_queue.ts";
import { locateError } from "./locate_error.ts";
import { Partition, type Traffic } from "./partition.ts";
import { cutShare } from "./split.ts";
import type {
  CsvTask,
  GuardTask,
  OperationTask,
  PersistedTask,
  Task,
  TaskGraph,
  TaskId,
} from "./task.ts";
import { taskInputs } from "./task.ts";
import { mergeRanges, withWindows } from "./windows.ts";

const MAX_ATTEMPTS = 3;

/** What the scheduler works with: open devices by id, one of them the host's, and the decoder of files. */
export interface Workplace {
  readonly executors: ReadonlyMap<string, Executor>;
  readonly queues: ReadonlyMap<string, DeviceQueue>;
  readonly host: Executor;
  decodeCsv(task: CsvTask, executor: Executor): Promise<Batch>;
  persisted(handle: string, partition: number): Partition;
}

export interface TaskReport {
  readonly task: TaskId;
  readonly operator: string;
  readonly operation: string;
  readonly partition: number;
  readonly device: string;
  readonly rowsIn: number;
  readonly rowsOut: number;
  /** From ready to started. */
  readonly waitMs: number;
  readonly ms: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly bytesUploaded: number;
  readonly bytesDownloaded: number;
  /** What a GPU did for it; null on hosts. */
  readonly work: DeviceWork | null;
  /** How often it was tried elsewhere before. */
  readonly retries: number;
}

export interface ScheduleOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onTask?: ((report: TaskReport, done: number, total: number) => void) | undefined;
}

/**
 * The result's partitions, in order, on the devices where they were computed; the caller releases each once. Rejects
 * with the error of the failing task that has the smallest id.
 */
export async function schedule(
  graph: TaskGraph,
  workplace: Workplace,
  options: ScheduleOptions = {},
): Promise<Partition[]> {
  const run = new Run(graph, workplace, options);
  return await run.partitions();
}

type RunnableTask = Exclude<Task, PersistedTask | GuardTask>;

class Run {
  readonly #graph: TaskGraph;
  readonly #workplace: Workplace;
  readonly #options: ScheduleOptions;
  readonly #partitions = new Map<TaskId, Promise<Partition>>();
  readonly #readers: Int32Array;
  /** Rows of each finished task's first input, and of its result. */
  readonly #rowsIn = new Map<TaskId, number>();
  #failure: { readonly task: TaskId; readonly error: unknown } | null = null;
  #done = 0;

  constructor(graph: TaskGraph, workplace: Workplace, options: ScheduleOptions) {
    this.#graph = graph;
    this.#workplace = workplace;
    this.#options = options;
    this.#readers = new Int32Array(graph.tasks.length);
    for (const task of graph.tasks) for (const input of taskInputs(task)) this.#addReader(input);
    for (const output of graph.outputs) this.#addReader(output);
  }

  /** The result's partitions where they are; each has one reader, the caller. */
  async partitions(): Promise<Partition[]> {
    for (const task of this.#graph.tasks) {
      const partition = this.#start(task);
      // Its readers see the failure too; without a handler of its own it would count as unhandled.
      partition.catch(() => {});
      this.#partitions.set(task.id, partition);
    }
    await Promise.allSettled(this.#partitions.values());
    if (this.#failure !== null) {
      await this.#releaseAll();
      throw this.#failure.error;
    }
    return await Promise.all(this.#graph.outputs.map((output) => this.#partitionOf(output)));
  }

  #addReader(task: TaskId): void {
    this.#readers[task] = at(this.#readers, task) + 1;
  }

  #partitionOf(task: TaskId): Promise<Partition> {
    const partition = this.#partitions.get(task);
    assert(partition !== undefined, `task ${task} stands before its readers`);
    return partition;
  }

  async #start(task: Task): Promise<Partition> {
    const inputs = await Promise.allSettled(taskInputs(task).map((id) => this.#partitionOf(id)));
    const ready = inputs.flatMap((input) => (input.status === "fulfilled" ? [input.value] : []));
    try {
      const failed = inputs.find((input) => input.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      if (task.kind === "persisted") {
        const held = this.#workplace.persisted(task.handle, task.partition);
        return held.retain(at(this.#readers, task.id));
      }
      if (task.kind === "guard") {
        requireEmpty(task, ready.slice(1));
        return at(ready, 0).retain(at(this.#readers, task.id));
      }
      return await this.#attempt(task, ready, performance.now());
    } catch (error) {
      // Recorded at once, so that later tasks stop; said again below, when the rows before it are known.
      this.#fail(task, error);
      const located = locateError(error, task, await this.#rowsBefore(task));
      this.#fail(task, located);
      throw located;
    } finally {
      for (const input of ready) await input.release();
    }
  }

  /** Tries the devices of the placement in turn. Only a lost device or a full one is worth another try. */
  async #attempt(
    task: RunnableTask,
    inputs: readonly Partition[],
    readyAt: number,
  ): Promise<Partition> {
    const candidates = this.#candidates(task);
    for (let retries = 0; ; retries++) {
      const executor = at(candidates, retries);
      const queue = this.#workplace.queues.get(executor.descriptor.id);
      assert(queue !== undefined, "every device has a queue");
      try {
        return await queue.run(() => this.#perform(task, inputs, executor, readyAt, retries));
      } catch (error) {
        const elsewhere = error instanceof DeviceLostError || error instanceof MemoryBudgetError;
        if (!elsewhere || retries + 1 >= candidates.length) throw error;
      }
    }
  }

  async #perform(
    task: RunnableTask,
    inputs: readonly Partition[],
    executor: Executor,
    readyAt: number,
    retries: number,
  ): Promise<Partition> {
    this.#checkGoingOn(task);
    const startedAt = performance.now();
    const traffic: Traffic = { uploaded: 0, downloaded: 0 };
    const workBefore = executor.work;
    const rowsIn = inputs[0]?.rowCount ?? 0;
    this.#rowsIn.set(task.id, rowsIn);
    const { resident, bytesIn } = await this.#compute(task, inputs, executor, traffic);
    this.#done += 1;
    this.#options.onTask?.(
      {
        task: task.id,
        operator: task.operator,
        operation: task.kind === "operation" ? task.operation.kind : task.kind,
        partition: task.partition,
        device: executor.descriptor.id,
        rowsIn,
        rowsOut: resident.rowCount,
        waitMs: startedAt - readyAt,
        ms: performance.now() - startedAt,
        bytesIn,
        bytesOut: resident.byteLength,
        bytesUploaded: traffic.uploaded,
        bytesDownloaded: traffic.downloaded,
        work: workSince(workBefore, executor.work),
        retries,
      },
      this.#done,
      this.#graph.tasks.length,
    );
    return new Partition(executor, resident, at(this.#readers, task.id));
  }

  async #compute(
    task: RunnableTask,
    inputs: readonly Partition[],
    executor: Executor,
    traffic: Traffic,
  ): Promise<{ resident: Resident; bytesIn: number }> {
    if (task.kind === "batch") {
      return { resident: await executor.upload(task.batch), bytesIn: 0 };
    }
    if (task.kind === "csv") {
      const batch = await this.#workplace.decodeCsv(task, executor);
      return { resident: await executor.upload(batch), bytesIn: 0 };
    }
    if (task.kind === "split") {
      const resident = await cutShare(task, inputs, this.#workplace.host, traffic);
      return { resident, bytesIn: 0 };
    }
    const operation = await this.#operationOf(task);
    const own = inputs.slice(0, task.inputs.length);
    const residents: Resident[] = [];
    for (const input of own) {
      residents.push(await input.on(executor, this.#workplace.host, traffic));
    }
    const bytesIn = residents.reduce((sum, resident) => sum + resident.byteLength, 0);
    const { signal } = this.#options;
    return { resident: await executor.execute(operation, residents, { signal }), bytesIn };
  }

  /** The task's operation, with exact windows from the ranges that were measured for it. */
  async #operationOf(task: OperationTask): Promise<Operation> {
    const { operation, windows } = task;
    if (windows === null || operation.kind !== "aggregate") return operation;
    const traffic = { uploaded: 0, downloaded: 0 };
    const batches: Batch[] = [];
    let rows = 0;
    for (const id of windows.from) {
      const partition = await this.#partitionOf(id);
      batches.push(await partition.toBatch(this.#workplace.host, traffic));
      rows += this.#rowsIn.get(id) ?? 0;
    }
    return withWindows(
      operation,
      windows.columns,
      mergeRanges(batches, windows.columns.length),
      rows,
    );
  }

  /** Input rows of the same plan node in earlier partitions: what a row number must be raised by. */
  async #rowsBefore(task: Task): Promise<number> {
    if (task.kind !== "operation") return 0;
    let rows = 0;
    for (const id of task.earlier) {
      await this.#partitionOf(id).catch(() => {});
      rows += this.#rowsIn.get(id) ?? 0;
    }
    return rows;
  }

  #candidates(task: RunnableTask): Executor[] {
    if (task.kind === "batch" || task.kind === "split") return [this.#workplace.host];
    const ids = candidateIds(task.placement);
    const open = ids.flatMap((id) => this.#workplace.executors.get(id) ?? []);
    assert(open.length > 0, `a device of ${ids.join(", ")} is open`);
    return open;
  }

  /** A failure stops what comes after it; tasks before it go on, since one of them may fail as well. */
  #checkGoingOn(task: Task): void {
    const { signal } = this.#options;
    if (signal?.aborted) throw new AbortError("the query was cancelled", { cause: signal.reason });
    if (this.#failure !== null && this.#failure.task < task.id) throw this.#failure.error;
  }

  #fail(task: Task, error: unknown): void {
    if (this.#failure === null || task.id <= this.#failure.task) {
      this.#failure = { task: task.id, error };
    }
  }

  async #releaseAll(): Promise<void> {
    for (const output of this.#graph.outputs) {
      const partition = await this.#partitionOf(output).catch(() => null);
      if (partition !== null) await partition.release();
    }
  }
}

/** A GPU works on one task at a time, so what it did meanwhile is the task's, but for a round trip of a reader elsewhere. */
function workSince(
  before: DeviceWork | undefined,
  after: DeviceWork | undefined,
): DeviceWork | null {
  if (before === undefined || after === undefined) return null;
  return {
    dispatches: after.dispatches - before.dispatches,
    roundTrips: after.roundTrips - before.roundTrips,
    bytesMoved: after.bytesMoved - before.bytesMoved,
    bytesIdeal: after.bytesIdeal - before.bytesIdeal,
  };
}

/** At most three devices, the last of them the one that is least likely to fail. */
function candidateIds(placement: Placement): readonly string[] {
  const all = [...placement.devices, ...placement.fallback];
  if (all.length <= MAX_ATTEMPTS) return all;
  return [...all.slice(0, MAX_ATTEMPTS - 1), at(all, all.length - 1)];
}

function requireEmpty(task: GuardTask, checks: readonly Partition[]): void {
  const failed = task.checks.find((_, index) => at(checks, index).rowCount > 0);
  if (failed === undefined) return;
  throw new InvalidArgumentError(failed.message, {
    operator: task.operator,
    hint: "Deduplicate that side with distinct(), or validate less.",
  });
}

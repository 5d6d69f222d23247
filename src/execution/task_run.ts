// One run of one task on one executor: its inputs move there, it waits for its turn, and computes.

import { assert, at, throwIfAborted } from "../base/index.ts";
import type { Batch } from "../column/index.ts";
import type { DeviceWork, Executor, Resident } from "../device/index.ts";
import type { Operation } from "../physical/index.ts";
import type { DeviceQueue, QueryKey } from "./device_queue.ts";
import type { SessionMemory } from "./memory/index.ts";
import { type Partition, StoredPartition, type Traffic } from "./partition.ts";
import { arrivedPieces, joinPieces } from "./split.ts";
import type {
  CsvTask,
  ExchangeTask,
  GuardTask,
  HeldTask,
  OperationTask,
  PersistedTask,
  PieceTask,
  Task,
  TaskId,
} from "./task.ts";
import type { TaskWork } from "./task_report.ts";
import { mergeRanges, withWindows } from "./windows.ts";

/** Tasks whose result is there already. */
export type HoldingTask = PersistedTask | HeldTask | PieceTask | GuardTask;
export type RunnableTask = Exclude<Task, HoldingTask>;

export interface TaskRunOptions {
  readonly task: RunnableTask;
  /** One a taskInputs. */
  readonly inputs: readonly Partition[];
  readonly executor: Executor;
  readonly host: Executor;
  readonly queue: DeviceQueue;
  readonly query: QueryKey;
  readonly decodeCsv: (task: CsvTask, executor: Executor) => Promise<Batch>;
  /** Input rows of the tasks that the exact windows of this one come from. */
  readonly windowRows: number;
  readonly pause: () => Promise<void> | null;
  /** Aborts when nobody wants the result any more. Undefined: somebody will. */
  readonly signal: AbortSignal | undefined;
  /**
   * Who waits for it: "device", what runs there next, so that it is there when it is sent; "anybody": another device
   * could run it again, so that it counts only when it has been computed; "host": when it has come there.
   */
  readonly readBy: "device" | "anybody" | "host";
  readonly memory: SessionMemory | null;
  /** The inputs are in place. */
  readonly onArrived: () => void;
  /** The device is free. Throws where the task must not go on. */
  readonly onCompute: () => void;
}

export interface TaskRunResult {
  readonly partition: Partition;
  readonly bytesIn: number;
  readonly traffic: Traffic;
  readonly work: TaskWork | null;
  /** Tasks that computed on the device when this one began, itself included. */
  readonly sharing: number;
  /** The device compiled kernels for it: how long that took says nothing of the next task. */
  readonly compiled: boolean;
}

/** What a reader of the task gets. `results`: by task, those that somebody still needs. */
export function resultOf(results: readonly (Partition | null)[], task: TaskId): Partition {
  const partition = at(results, task);
  assert(partition !== null, `the result of task ${task} is held while somebody needs it`);
  return partition;
}

export async function runTask(options: TaskRunOptions): Promise<TaskRunResult> {
  const { task, inputs, executor, host, queue, signal } = options;
  const traffic: Traffic = { uploaded: 0, downloaded: 0 };
  const residents: Resident[] = [];
  let operation: Operation | null = null;
  if (task.kind === "operation" || task.kind === "exchange") {
    residents.push(...(await allOn(inputs.slice(0, task.inputs.length), options, traffic)));
    if (task.kind === "operation") operation = await operationOf(task, options, traffic);
  }
  const pieces = task.kind === "split" ? await arrivedPieces(task, inputs, host, traffic) : [];
  // A batch is in host memory already: it waits for nobody.
  if (task.kind === "batch") {
    options.onCompute();
    const partition = partitionOf(options, await executor.upload(task.batch), []);
    return { partition, bytesIn: 0, traffic, work: null, sharing: 1, compiled: false };
  }
  const compute = async (): Promise<Resident> => {
    await options.pause();
    if (task.kind === "csv") return await executor.upload(await options.decodeCsv(task, executor));
    if (task.kind === "split") return await joinPieces(pieces, host, signal);
    assert(operation !== null, "what is no scan and no split is an operation");
    return await executor.execute(operation, residents, { signal });
  };
  const exchanged = async ({ operation: own }: ExchangeTask) => {
    assert(executor.exchange !== undefined, "rows are exchanged on hosts");
    return await executor.exchange(own, residents, { signal });
  };
  // What was sent before the run was cancelled still keeps the device busy: its place is not free before.
  const drained = async (reason: unknown): Promise<never> => {
    if (signal?.aborted && options.readBy !== "device") await executor.finished?.().catch(() => {});
    throw reason;
  };
  options.onArrived();
  return await queue.run(
    options.query,
    async () => {
      options.onCompute();
      const sharing = queue.running;
      const before = executor.work;
      const kernels = executor.kernels;
      executor.takeKernelRuns?.();
      const dealt = task.kind === "exchange" ? await exchanged(task) : [];
      const resident = task.kind === "exchange" ? summary(dealt) : await compute().catch(drained);
      const bytesIn = residents.reduce((sum, input) => sum + input.byteLength, 0);
      const partition = partitionOf(options, resident, dealt);
      await arrival(partition, traffic, options);
      // Its columns were counted; whoever gets it counts down those of its inputs.
      await options.pause();
      const work = workSince(before, executor);
      const compiled = executor.kernels !== kernels;
      return { partition, bytesIn, traffic, work, sharing, compiled };
    },
    signal,
  );
}

/**
 * All are asked for at once: one after the other, each would wait behind what other tasks have asked the links for meanwhile.
 * Of several failures the first input's counts, when nothing is on its way any more. What is only on disk takes no link, but
 * memory while it is read: one after the other.
 */
async function allOn(
  inputs: readonly Partition[],
  { executor, host, signal }: TaskRunOptions,
  traffic: Traffic,
): Promise<Resident[]> {
  throwIfAborted(signal);
  if (inputs.length > 1) {
    const isOnDisk = (input: Partition) => input.isBelowDevices && !input.isOn(host);
    const asked = inputs.filter((input) => !isOnDisk(input));
    const coming = asked.map((input) => input.on(executor, host, traffic));
    const arrivals = await Promise.allSettled(coming);
    for (const arrival of arrivals) if (arrival.status === "rejected") throw arrival.reason;
  }
  const residents: Resident[] = [];
  for (const input of inputs) {
    throwIfAborted(signal);
    residents.push(await input.on(executor, host, traffic));
  }
  return residents;
}

function partitionOf(
  { executor, memory }: TaskRunOptions,
  resident: Resident,
  pieces: readonly Resident[],
): Partition {
  if (pieces.length === 0) return new StoredPartition(executor, resident, 1, memory);
  // An exchange has nothing of its own to count or to move.
  const own = pieces.map((piece) => new StoredPartition(executor, piece, 1, memory));
  return new StoredPartition(executor, resident, 1, null, own);
}

/**
 * Until the result counts. A GPU has a result as soon as its commands are sent: who took it for done would stop other
 * runs of the task, and then wait for the slow one. Its way to the host begins before the device's next task.
 */
async function arrival(
  partition: Partition,
  traffic: Traffic,
  { executor, host, readBy }: TaskRunOptions,
): Promise<void> {
  if (executor.finished === undefined || readBy === "device") return;
  try {
    if (readBy === "host") await partition.on(host, host, traffic);
    else await executor.finished();
  } catch (error) {
    await partition.release();
    throw error;
  }
}

/** The task's operation, with exact windows from the ranges that were measured for it. */
async function operationOf(
  { operation, windows, inputs: own }: OperationTask,
  { inputs, host, windowRows }: TaskRunOptions,
  traffic: Traffic,
): Promise<Operation> {
  if (windows === null || operation.kind !== "aggregate") return operation;
  const batches: Batch[] = [];
  for (const index of windows.from.keys()) {
    batches.push(await at(inputs, own.length + index).toBatch(host, traffic));
  }
  const ranges = mergeRanges(batches, windows.columns.length);
  return withWindows(operation, windows.columns, ranges, windowRows);
}

/** A GPU computes one task at a time: what it does meanwhile is the task's, but for copies of another's inputs. */
function workSince(before: DeviceWork | undefined, executor: Executor): TaskWork | null {
  const after = executor.work;
  if (before === undefined || after === undefined) return null;
  return {
    dispatches: after.dispatches - before.dispatches,
    roundTrips: after.roundTrips - before.roundTrips,
    bytesMoved: after.bytesMoved - before.bytesMoved,
    bytesIdeal: after.bytesIdeal - before.bytesIdeal,
    kernels: executor.takeKernelRuns?.() ?? [],
  };
}

/** What an exchange has made, all together: nobody reads it but the reports. */
function summary(pieces: readonly Resident[]): Resident {
  const sum = (size: (piece: Resident) => number) =>
    pieces.reduce((total, piece) => total + size(piece), 0);
  return {
    rowCount: sum(({ rowCount }) => rowCount),
    dtypes: pieces[0]?.dtypes ?? [],
    byteLength: sum(({ byteLength }) => byteLength),
  };
}

// What the tasks of a graph are predicted to take on each device, from the sizes of their inputs: those of finished
// tasks are known, the others are estimated from the sources up.

import { assert, assertNever, at, ITEMS_A_STEP, type Steps } from "../base/index.ts";
import { batchBytes } from "../column/index.ts";
import type { Executor } from "../device/index.ts";
import {
  computeMs,
  type DataSize,
  type DeviceCosts,
  estimateOutput,
  type KernelKind,
  shareOf,
  shareOfColumns,
  workOf,
} from "../physical/index.ts";
import { LearnedSizes } from "./learned_sizes.ts";
import type { Partition } from "./partition.ts";
import type { Departure, DispatchTask, Predictor } from "./schedule/index.ts";
import {
  type CsvTask,
  gathersOnHost,
  type OperationTask,
  type SplitTask,
  type Task,
  type TaskGraph,
  type TaskId,
  taskInputs,
} from "./task.ts";
import type { RunnableTask } from "./task_run.ts";

const VALUE_BYTES = 8;
/** Sizes that differ by less change no decision. */
const NOTABLE = 0.05;

export interface CostSources {
  readonly executors: ReadonlyMap<string, Executor>;
  readonly host: Executor;
  costsOf(device: string): DeviceCosts;
  persisted(handle: string, partition: number): Partition;
  /** A finished task's result; null: not there. */
  result(task: TaskId): Partition | null;
  /** Other queries on the device. */
  sharers(device: string): number;
}

export class TaskCosts implements Predictor {
  readonly #tasks: readonly Task[];
  readonly #sources: CostSources;
  readonly #sizes: DataSize[] = [];
  /** Work of each task; recomputed when one of its inputs becomes known. */
  readonly #work: (number | undefined)[] = [];
  /** By task: is its result there, or was it? */
  readonly #isKnown: Uint8Array;
  /** By task: does the host read its result? */
  readonly #isReadOnHost: Uint8Array;
  readonly #learned: LearnedSizes;
  /** What each task reads on its device. */
  readonly #moved: (readonly TaskId[] | undefined)[] = [];

  private constructor(tasks: readonly Task[], sources: CostSources) {
    this.#tasks = tasks;
    this.#sources = sources;
    this.#isKnown = new Uint8Array(tasks.length);
    this.#isReadOnHost = new Uint8Array(tasks.length);
    this.#learned = new LearnedSizes(tasks);
  }

  static *of({ tasks }: TaskGraph, sources: CostSources): Steps<TaskCosts> {
    const costs = new TaskCosts(tasks, sources);
    let last: readonly TaskId[] = [];
    for (const task of tasks) {
      if (task.id % ITEMS_A_STEP === 0) yield;
      costs.#sizes.push(costs.#estimate(task));
      if (!gathersOnHost(task)) continue;
      const inputs = taskInputs(task);
      // Shares of the same inputs are alike.
      if (inputs !== last) for (const input of inputs) costs.#isReadOnHost[input] = 1;
      last = inputs;
    }
    return costs;
  }

  /** The task's result is there. */
  known(task: TaskId, partition: Partition, readers: readonly TaskId[]): void {
    if (this.#isKnown[task] === 0 && !isSource(at(this.#tasks, task))) this.#learned.ended(task);
    this.#isKnown[task] = 1;
    this.#sizes[task] = { rows: partition.rowCount, bytes: partition.byteLength };
    for (const reader of readers) {
      this.#work[reader] = undefined;
      this.#moved[reader] = undefined;
    }
  }

  learn(): boolean {
    const sizeOf = (task: TaskId) => at(this.#sizes, task);
    const estimate = (task: TaskId) => this.#estimate(at(this.#tasks, task));
    if (!this.#learned.update(sizeOf, estimate)) return false;
    let isNew = false;
    // Shares of the same inputs are alike.
    let [last, size]: [readonly TaskId[], DataSize] = [[], { rows: 0, bytes: 0 }];
    for (const task of this.#tasks) {
      if (this.#isKnown[task.id] === 1 || isSource(task)) continue;
      const before = sizeOf(task.id);
      if (task.kind !== "split" || task.inputs !== last) size = this.#estimate(task);
      last = task.kind === "split" ? task.inputs : [];
      const now = this.#learned.corrected(task.id, size);
      if (isAbout(before.rows, now.rows) && isAbout(before.bytes, now.bytes)) continue;
      this.#sizes[task.id] = now;
      isNew = true;
    }
    if (!isNew) return false;
    this.#work.fill(undefined);
    this.#moved.fill(undefined);
    return true;
  }

  computeMs(task: TaskId, device: string): number {
    const work = this.#work[task] ?? this.#workOf(at(this.#tasks, task));
    this.#work[task] = work;
    return computeMs(this.#sources.costsOf(device), kernelOf(at(this.#tasks, task)), work);
  }

  transferMs(task: TaskId, device: string): number {
    let ms = 0;
    for (const input of this.#movedInputs(at(this.#tasks, task))) ms += this.moveMs(input, device);
    return ms;
  }

  moveMs(result: TaskId, device: string): number {
    const executor = this.#sources.executors.get(device);
    const partition = this.#sources.result(result);
    if (executor === undefined || partition === null) return 0;
    const toDevice = executor.descriptor.kind === "gpu";
    // Other tasks run on the host while it comes there: what is on its way is not there.
    if (toDevice ? partition.isOn(executor) : partition.isBelowDevices) return 0;
    const holder = partition.isBelowDevices ? null : partition.holder;
    const bytes = partition.byteLength;
    let ms = 0;
    if (holder !== null) {
      ms += bytes / this.#sources.costsOf(holder.descriptor.id).downloadBytesPerMs;
    }
    if (toDevice) ms += bytes / this.#sources.costsOf(device).uploadBytesPerMs;
    return ms;
  }

  comingMs(task: TaskId, device: string): number {
    const { executors } = this.#sources;
    const ms = this.transferMs(task, device);
    if (executors.get(device)?.descriptor.kind !== "gpu") return ms;
    let bytes = 0;
    for (const input of dataInputs(at(this.#tasks, task))) {
      const isMade = this.#sources.result(input) !== null;
      if (!isMade && isMadeOnHost(at(this.#tasks, input))) bytes += at(this.#sizes, input).bytes;
    }
    return ms + bytes / this.#sources.costsOf(device).uploadBytesPerMs;
  }

  returnMs(task: TaskId, device: string): number {
    if (this.#isReadOnHost[task] === 0) return 0;
    if (this.#sources.executors.get(device)?.descriptor.kind !== "gpu") return 0;
    return at(this.#sizes, task).bytes / this.#sources.costsOf(device).downloadBytesPerMs;
  }

  departures(task: TaskId): Departure[] {
    const found: Departure[] = [];
    for (const input of this.#movedInputs(at(this.#tasks, task))) {
      const departure = this.departure(input);
      if (departure !== null) found.push(departure);
    }
    return found;
  }

  /** Of a finished task's result; null where it is below the devices. */
  departure(result: TaskId): Departure | null {
    const partition = this.#sources.result(result);
    if (partition === null || partition.isBelowDevices || partition.holder === null) return null;
    const device = partition.holder.descriptor.id;
    const ms = partition.byteLength / this.#sources.costsOf(device).downloadBytesPerMs;
    return { device, ms, isUnderway: partition.isOn(this.#sources.host) };
  }

  sharers(device: string): number {
    return this.#sources.sharers(device);
  }

  /** By task: what it takes where it is fastest. */
  *expectedMs(tasks: readonly DispatchTask[]): Steps<Float64Array> {
    const expected = new Float64Array(tasks.length);
    for (const { id, devices } of tasks) {
      if (id % ITEMS_A_STEP === 0) yield;
      if (devices.length === 0) continue;
      expected[id] = Math.min(...devices.map((device) => this.computeMs(id, device)));
    }
    return expected;
  }

  /** Host memory that a run adds: inputs that are not there, and what it makes, with workspace. */
  hostBytes(task: TaskId, device: string): { readonly missing: number; readonly made: number } {
    const { executors, host } = this.#sources;
    const executor = executors.get(device);
    const onDevice = executor?.descriptor.kind === "gpu";
    let missing = 0;
    for (const input of taskInputs(at(this.#tasks, task))) {
      const partition = this.#sources.result(input);
      if (partition === null || partition.isOn(host)) continue;
      if (executor === undefined || !onDevice || !partition.isOn(executor)) {
        missing += partition.byteLength;
      }
    }
    if (onDevice) return { missing, made: 0 };
    const own = at(this.#tasks, task);
    const workspace = own.kind === "operation" ? workspaceBytes(own, this.#inputSizes(own)) : 0;
    return { missing, made: at(this.#sizes, task).bytes + workspace };
  }

  #movedInputs(task: Task): readonly TaskId[] {
    if (task.kind !== "split") return dataInputs(task);
    const known = this.#moved[task.id] ?? inputsOfShare(task, this.#inputSizes(task));
    this.#moved[task.id] = known;
    return known;
  }

  #inputSizes(task: Task): DataSize[] {
    return dataInputs(task).map((input) => at(this.#sizes, input));
  }

  #workOf(task: Task): number {
    switch (task.kind) {
      case "batch":
      case "persisted":
      case "held":
      case "piece":
      case "guard":
        return 0;
      case "exchange":
        return (this.#inputSizes(task)[0]?.bytes ?? 0) / VALUE_BYTES;
      case "csv":
        return at(this.#sizes, task.id).bytes / VALUE_BYTES;
      case "split":
        // A share that lies within one partition is a part of it, and no copy.
        if (this.#movedInputs(task).length < 2) return 0;
        return shareOfInputs(task.splitCount, this.#inputSizes(task)).bytes / VALUE_BYTES;
      case "operation":
        return workOf(task.operation, this.#inputSizes(task));
      default:
        return assertNever(task);
    }
  }

  #estimate(task: Task): DataSize {
    switch (task.kind) {
      case "batch":
        return { rows: task.batch.rowCount, bytes: batchBytes(task.batch) };
      case "persisted": {
        const partition = this.#sources.persisted(task.handle, task.partition);
        const share = task.columns === null ? 1 : shareOfColumns(partition.dtypes, task.columns);
        return { rows: partition.rowCount, bytes: partition.byteLength * share };
      }
      case "guard":
        return at(this.#sizes, task.input);
      case "held":
        return at(task.node.sizes, task.partition);
      case "exchange":
        return at(this.#sizes, at(task.inputs, 0));
      case "piece": {
        const { rows, bytes } = at(this.#sizes, task.exchange);
        const exchange = at(this.#tasks, task.exchange);
        const parts = exchange.kind === "exchange" ? exchange.operation.parts : 1;
        return { rows: rows / parts, bytes: bytes / parts };
      }
      case "csv":
        return estimateShare(task);
      case "split":
        return shareOfInputs(task.splitCount, this.#inputSizes(task));
      case "operation":
        return estimateOutput(task.operation, this.#inputSizes(task));
      default:
        return assertNever(task);
    }
  }
}

function isMadeOnHost({ kind }: Task): boolean {
  return kind === "split" || kind === "csv" || kind === "piece";
}

/** Its size is known before it is there. */
function isSource({ kind }: Task): boolean {
  return kind === "batch" || kind === "persisted" || kind === "held";
}

function isAbout(before: number, now: number): boolean {
  return Math.abs(now - before) <= NOTABLE * before;
}

export function kernelOf(task: Task): KernelKind {
  if (task.kind === "operation") return task.operation.kind;
  return task.kind === "csv" || task.kind === "exchange" ? task.kind : "split";
}

/** Host memory that a task of a chain takes beyond its inputs, which are there: what it makes, and its workspace. */
export function hostBytesOf(task: RunnableTask, inputs: readonly Partition[]): number {
  if (task.kind === "batch") return batchBytes(task.batch);
  if (task.kind === "csv") return estimateShare(task).bytes;
  assert(task.kind === "operation", "a chain exchanges nothing");
  const own = inputs.slice(0, task.inputs.length);
  const sizes = own.map(({ rowCount: rows, byteLength: bytes }) => ({ rows, bytes }));
  return estimateOutput(task.operation, sizes).bytes + workspaceBytes(task, sizes);
}

/** Tables of keys, permutations of rows and copies of the columns: about as much as the inputs. */
function workspaceBytes({ operation }: OperationTask, inputs: readonly DataSize[]): number {
  switch (operation.kind) {
    case "aggregate":
    case "groupRows":
    case "join":
    case "sort":
      return inputs.reduce((sum, { bytes }) => sum + bytes, 0);
    default:
      return 0;
  }
}

function estimateShare({ source, limit, splitCount, columns }: CsvTask): DataSize {
  const rows = Math.min(limit ?? source.estimatedRows, source.estimatedRows) / splitCount;
  return { rows, bytes: rows * columns.length * VALUE_BYTES };
}

/** The inputs whose rows the task reads on its device: not the ranges that windows are made of on the host. */
function dataInputs(task: Task): readonly TaskId[] {
  return task.kind === "operation" ? task.inputs : taskInputs(task);
}

/** The inputs that have rows of the task's share. */
function inputsOfShare(task: SplitTask, sizes: readonly DataSize[]): readonly TaskId[] {
  const all = sizes.reduce((sum, { rows }) => sum + rows, 0);
  const { start, end } = shareOf(all, task.partition, task.splitCount);
  let first = 0;
  return task.inputs.filter((_, index) => {
    const from = first;
    first += at(sizes, index).rows;
    return Math.min(end, first) > Math.max(start, from);
  });
}

function shareOfInputs(count: number, inputs: readonly DataSize[]): DataSize {
  const sum = (size: (input: DataSize) => number) =>
    inputs.reduce((total, input) => total + size(input), 0) / count;
  return { rows: sum(({ rows }) => rows), bytes: sum(({ bytes }) => bytes) };
}

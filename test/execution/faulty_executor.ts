// Executors that count what they hold and fail on purpose, and graphs of tasks for them.

import { abortError } from "../../src/base/index.ts";
import { columnFromValues } from "../../src/column/index.ts";
import type { Executor, Resident } from "../../src/device/index.ts";
import { ReferenceExecutor } from "../../src/device/reference/index.ts";
import { INT64 } from "../../src/dtype/index.ts";
import { DeviceQueue } from "../../src/execution/device_queue.ts";
import type { OperationTask, Task, TaskGraph } from "../../src/execution/task.ts";
import type { Workplace } from "../../src/execution/workplace.ts";
import { type DeviceCosts, defaultCosts, type Operation } from "../../src/physical/index.ts";

/** A device with a memory of its own that counts what it holds and can be told to fail. */
export class FaultyExecutor extends ReferenceExecutor {
  held = 0;
  readonly #fail: (operation: Operation, rows: number) => unknown;

  constructor(id: string, fail: (operation: Operation, rows: number) => unknown = () => null) {
    super();
    Object.assign(this.descriptor, { id, kind: id.startsWith("gpu") ? "gpu" : "reference" });
    this.#fail = fail;
  }

  override async upload(batch: Parameters<ReferenceExecutor["upload"]>[0]) {
    this.held += 1;
    return await super.upload(batch);
  }

  override async execute(
    operation: Operation,
    inputs: Parameters<ReferenceExecutor["execute"]>[1],
  ): ReturnType<ReferenceExecutor["execute"]> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const error = this.#fail(operation, inputs[0]?.rowCount ?? 0);
    if (error !== null) throw error;
    this.held += 1;
    return await super.execute(operation, inputs);
  }

  override release(): void {
    this.held -= 1;
  }
}

/** Works until it is cancelled. */
export class BusyExecutor extends FaultyExecutor {
  readonly cancelled: unknown[] = [];
  readonly busy: Promise<void>;
  #begin = () => {};

  constructor(id: string) {
    super(id);
    this.busy = new Promise((resolve) => {
      this.#begin = resolve;
    });
  }

  override async execute(
    _operation: Operation,
    _inputs: Parameters<ReferenceExecutor["execute"]>[1],
    { signal }: Parameters<ReferenceExecutor["execute"]>[2] = {},
  ): Promise<never> {
    this.#begin();
    await new Promise((resolve) => signal?.addEventListener("abort", resolve));
    this.cancelled.push(signal?.reason);
    throw abortError(signal);
  }
}

/** What a device can be slow at. "commands": it has a result when they are sent, and computes it later, as a GPU does. */
export type SlowStep = "upload" | "execute" | "commands";

/** Does not go on with one step before it is told to, and cannot be cancelled, as a driver that is at work. */
export class SlowExecutor extends FaultyExecutor {
  /** Calls that wait. */
  waiting = 0;
  readonly #step: SlowStep;
  readonly #gate: Promise<void>;
  goOn = () => {};

  constructor(id: string, step: SlowStep) {
    super(id);
    this.#step = step;
    this.#gate = new Promise((resolve) => {
      this.goOn = resolve;
    });
  }

  override async upload(batch: Parameters<ReferenceExecutor["upload"]>[0]) {
    await this.#pass("upload");
    return await super.upload(batch);
  }

  override async execute(
    operation: Operation,
    inputs: Parameters<ReferenceExecutor["execute"]>[1],
  ): ReturnType<ReferenceExecutor["execute"]> {
    await this.#pass("execute");
    return await super.execute(operation, inputs);
  }

  override async download(resident: Parameters<ReferenceExecutor["download"]>[0]) {
    await this.#pass("commands");
    return await super.download(resident);
  }

  async finished(): Promise<void> {
    await this.#pass("commands");
  }

  async #pass(step: SlowStep): Promise<void> {
    if (step !== this.#step) return;
    this.waiting += 1;
    await this.#gate;
  }
}

/** All devices are equally fast, and so slow that every one of them is worth using. */
export const COSTS: DeviceCosts = {
  ...defaultCosts(new ReferenceExecutor().descriptor),
  launchMs: 1,
  uploadBytesPerMs: 1e6,
  downloadBytesPerMs: 1e6,
};

export function workplace(executors: FaultyExecutor[]): Workplace {
  const open: Executor<Resident>[] = executors as unknown as Executor<Resident>[];
  const host = open.at(-1);
  if (host === undefined) throw new Error("a workplace needs a host");
  return {
    executors: new Map(open.map((executor) => [executor.descriptor.id, executor])),
    queues: new Map(open.map((executor) => [executor.descriptor.id, new DeviceQueue(1)])),
    host,
    costsOf: () => COSTS,
    decodeCsv: () => Promise.reject(new Error("no files here")),
    persisted: () => {
      throw new Error("nothing is persisted here");
    },
  };
}

export function numbers(from: number, count: number) {
  const values = Array.from({ length: count }, (_, index) => from + index);
  return { rowCount: count, columns: [columnFromValues(values, INT64)] };
}

export const SORT: Operation = {
  kind: "sort",
  keys: [{ column: 0, descending: true, nulls: "last" }],
  limit: null,
};

/** `count` partitions of 10 rows, each sorted on the devices in turn, then concatenated on the host. */
export function sortGraph(count: number, devices: readonly string[]): TaskGraph {
  const tasks: Task[] = [];
  for (let partition = 0; partition < count; partition++) {
    const batch = numbers(10 * partition, 10 + partition);
    tasks.push({ kind: "batch", id: tasks.length, operator: "scan", partition, batch });
  }
  const sorted: number[] = [];
  for (let partition = 0; partition < count; partition++) {
    const task: OperationTask = {
      kind: "operation",
      id: tasks.length,
      operator: "sort",
      partition,
      operation: SORT,
      inputs: [partition],
      placement: { devices, fallback: ["host"], reason: "test" },
      inputNames: ["a"],
      siblings: sorted,
      windows: null,
    };
    tasks.push(task);
    sorted.push(task.id);
  }
  return { tasks, outputs: sorted };
}

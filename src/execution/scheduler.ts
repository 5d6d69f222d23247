// Runs a task graph. What runs where and when is decided in schedule/; here the decisions meet executors: tasks run,
// results are held until their last reader is done, lost ones are made again, failures are told apart and located.

import {
  AbortError,
  assert,
  at,
  DeviceLostError,
  InvalidArgumentError,
  MemoryBudgetError,
} from "../base/index.ts";
import type { Batch } from "../column/index.ts";
import type { Executor } from "../device/index.ts";
import type { DeviceCosts } from "../physical/index.ts";
import type { DeviceQueue } from "./device_queue.ts";
import { locateError } from "./locate_error.ts";
import { CopyLostError, Partition } from "./partition.ts";
import { type Clock, Dispatcher, type DispatchTask, type Execution } from "./schedule/index.ts";
import type { CsvTask, GuardTask, PersistedTask, Task, TaskGraph, TaskId } from "./task.ts";
import { taskInputs } from "./task.ts";
import { kernelOf, TaskCosts } from "./task_costs.ts";
import { type TaskReport, taskReport } from "./task_report.ts";
import { type RunnableTask, runTask } from "./task_run.ts";

/** What the scheduler works with: open devices by id, one of them the host's, and the decoder of files. */
export interface Workplace {
  readonly executors: ReadonlyMap<string, Executor>;
  readonly queues: ReadonlyMap<string, DeviceQueue>;
  readonly host: Executor;
  costsOf(device: string): DeviceCosts;
  decodeCsv(task: CsvTask, executor: Executor): Promise<Batch>;
  persisted(handle: string, partition: number): Partition;
  /** A device that a task found lost. */
  lost?(device: string): void;
  /** Runs that nobody waits for any more go on until then: devices stay open for them. */
  lingers?(until: Promise<void>): void;
}

export interface ScheduleOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onTask?: ((report: TaskReport, done: number, total: number) => void) | undefined;
  /** The result is wanted in host memory: a device that is lost on the last stretch is made up for as well. */
  readonly collect?: boolean | undefined;
  readonly clock?: Clock | undefined;
}

const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * The result's partitions, in order, on the devices where they were computed; the caller releases each once. Rejects
 * with the error of the failing task that has the smallest id, or at once with an AbortError.
 */
export async function schedule(
  graph: TaskGraph,
  workplace: Workplace,
  options: ScheduleOptions = {},
): Promise<Partition[]> {
  const run = new Run(graph, workplace, options);
  return await run.partitions();
}

class Run {
  readonly #graph: TaskGraph;
  readonly #workplace: Workplace;
  readonly #options: ScheduleOptions;
  readonly #clock: Clock;
  readonly #costs: TaskCosts;
  readonly #dispatcher: Dispatcher;
  /** Results that somebody still needs; the run holds each of them once. */
  readonly #results: (Partition | null)[];
  /** Tasks that are not done and read it, and places in the graph's outputs. */
  readonly #readers: Int32Array;
  /** Rows of each task's first input. */
  readonly #rowsIn: Float64Array;
  readonly #doneAt: Float64Array;
  readonly #startedAt: number;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #reported = new Set<TaskId>();
  #failure: { readonly task: TaskId; readonly error: unknown } | null = null;
  #settled = false;
  #onSettled: () => void = () => {};
  #cancelTimer: () => void = () => {};

  constructor(graph: TaskGraph, workplace: Workplace, options: ScheduleOptions) {
    const { tasks, outputs } = graph;
    this.#graph = graph;
    this.#workplace = workplace;
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#results = tasks.map(() => null);
    this.#rowsIn = new Float64Array(tasks.length);
    this.#doneAt = new Float64Array(tasks.length);
    this.#startedAt = this.#clock.now();
    this.#readers = new Int32Array(tasks.length);
    for (const task of tasks) for (const input of taskInputs(task)) this.#addReader(input, 1);
    for (const output of outputs) this.#addReader(output, 1);
    this.#costs = new TaskCosts(graph, {
      executors: workplace.executors,
      host: workplace.host,
      costsOf: (device) => workplace.costsOf(device),
      persisted: (handle, partition) => workplace.persisted(handle, partition),
      result: (task) => at(this.#results, task),
    });
    const devices = [...workplace.queues].map(([id, { capacity }]) => ({ id, slots: capacity }));
    this.#dispatcher = new Dispatcher(
      tasks.map((task) => this.#dispatchTask(task)),
      devices,
      this.#costs,
    );
  }

  async partitions(): Promise<Partition[]> {
    const { signal } = this.#options;
    const abort = () => {
      this.#failure = { task: -1, error: aborted(signal) };
      this.#settle();
    };
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    do await this.#untilSettled();
    while (!(await this.#isCollected()));
    signal?.removeEventListener("abort", abort);
    if (this.#inFlight.size > 0) {
      this.#workplace.lingers?.(Promise.all(this.#inFlight).then(() => {}));
    }
    const outputs = this.#failure === null ? this.#takeOutputs() : [];
    for (const [task, partition] of this.#results.entries()) {
      this.#results[task] = null;
      await partition?.release();
    }
    if (this.#failure !== null) throw this.#locate(this.#failure);
    return outputs;
  }

  async #untilSettled(): Promise<void> {
    if (this.#failure === null) this.#settled = false;
    const settled = new Promise<void>((resolve) => {
      this.#onSettled = resolve;
    });
    this.#step();
    if (!this.#settled) await settled;
    this.#cancelTimer();
  }

  /** False: a device was lost while its results came to the host, so they are made again. */
  async #isCollected(): Promise<boolean> {
    if (this.#failure !== null || !this.#options.collect) return true;
    const { host } = this.#workplace;
    try {
      for (const output of this.#graph.outputs) {
        await this.#resultOf(output).on(host, host, { uploaded: 0, downloaded: 0 });
      }
      return true;
    } catch (error) {
      if (!(error instanceof CopyLostError)) throw error;
      this.#loseDevice(error.device);
      return false;
    }
  }

  #addReader(task: TaskId, count: number): void {
    this.#readers[task] = at(this.#readers, task) + count;
  }

  #takeOutputs(): Partition[] {
    return this.#graph.outputs.map((output) => this.#resultOf(output).retain(1));
  }

  #resultOf(task: TaskId): Partition {
    const partition = at(this.#results, task);
    assert(partition !== null, `the result of task ${task} is held while somebody needs it`);
    return partition;
  }

  #dispatchTask(task: Task): DispatchTask {
    const kernel = kernelOf(task);
    // Tasks with one price: the same work with the same choice of devices.
    const choice = "placement" in task ? task.placement.devices.join() : "";
    const group = `${task.operator} ${kernel} ${choice}`;
    const base = { id: task.id, inputs: taskInputs(task), kernel, group };
    const { executors, host } = this.#workplace;
    const open = (ids: readonly string[]) => ids.filter((id) => executors.has(id));
    switch (task.kind) {
      case "batch":
      case "persisted":
      case "guard":
        return { ...base, devices: [], fallback: [] };
      case "split":
        return { ...base, devices: [host.descriptor.id], fallback: [] };
      default: {
        const devices = open(task.placement.devices);
        const fallback = open(task.placement.fallback);
        assert(devices.length + fallback.length > 0, "a device of the placement is open");
        return devices.length > 0
          ? { ...base, devices, fallback }
          : { ...base, devices: fallback, fallback: [] };
      }
    }
  }

  /** Starts what can start now; called whenever something has changed. */
  #step(): void {
    if (this.#settled) return;
    const now = this.#clock.now();
    for (const execution of this.#dispatcher.decide(now)) {
      const running: Promise<void> = this.#run(execution).finally(() => {
        this.#inFlight.delete(running);
        this.#step();
      });
      this.#inFlight.add(running);
    }
    this.#cancelTimer();
    if (this.#isOver()) {
      this.#settle();
      return;
    }
    if (this.#inFlight.size === 0) {
      // Cannot be, but an error is better than a query that never ends.
      const error = new Error("invariant violated: tasks are left and none of them can start");
      this.#failure ??= { task: -1, error };
      this.#settle();
      return;
    }
    const wakeAt = this.#dispatcher.wakeAt(now);
    if (wakeAt === null) return;
    this.#cancelTimer = this.#clock.after(wakeAt - now, () => this.#step());
  }

  #isOver(): boolean {
    if (this.#failure !== null) return this.#inFlight.size === 0 && !this.#dispatcher.goesOn;
    return this.#graph.outputs.every((output) => this.#dispatcher.isDone(output));
  }

  #settle(): void {
    this.#settled = true;
    this.#onSettled();
  }

  /** Never rejects. */
  async #run(execution: Execution): Promise<void> {
    const task = at(this.#graph.tasks, execution.launch.task);
    const inputs = taskInputs(task).map((input) => this.#resultOf(input).retain(1));
    // What nobody needs any more when the task is done.
    let unread: Partition[] = [];
    try {
      unread =
        task.kind === "persisted" || task.kind === "guard"
          ? this.#hold(task, inputs, execution)
          : await this.#compute(task, inputs, execution);
    } catch (error) {
      this.#endWith(task, execution, error);
    }
    for (const partition of [...unread, ...inputs]) await partition.release();
  }

  /** A partition that is there already becomes the task's. */
  #hold(
    task: PersistedTask | GuardTask,
    inputs: readonly Partition[],
    execution: Execution,
  ): Partition[] {
    const held =
      task.kind === "persisted"
        ? this.#workplace.persisted(task.handle, task.partition)
        : at(inputs, 0);
    if (task.kind === "guard") requireEmpty(task, inputs.slice(1));
    if (held.holder === null) {
      throw new DeviceLostError("the device that held persisted data was lost", {
        hint: "Persist it again.",
      });
    }
    return this.#finish(task, execution, held.retain(1), null);
  }

  async #compute(
    task: RunnableTask,
    inputs: readonly Partition[],
    execution: Execution,
  ): Promise<Partition[]> {
    const { host, executors, queues } = this.#workplace;
    const { launch, startedAt } = execution;
    const executor = launch.device === null ? host : executors.get(launch.device);
    assert(executor !== undefined, "tasks are sent to open devices");
    const device = executor.descriptor.id;
    const queue = queues.get(device);
    assert(queue !== undefined, "every device has a queue");
    const readyAt = Math.max(
      this.#startedAt,
      ...taskInputs(task).map((input) => at(this.#doneAt, input)),
    );
    const rowsIn = inputs[0]?.rowCount ?? 0;
    this.#rowsIn[task.id] = rowsIn;
    const result = await runTask({
      task,
      inputs,
      executor,
      host,
      queue,
      decodeCsv: (csv, decoder) => this.#workplace.decodeCsv(csv, decoder),
      windowRows: this.#windowRows(task),
      signal: this.#options.signal,
      onArrived: () => {
        this.#dispatcher.arrived(execution, this.#clock.now());
        if (execution.transferMs > 0) this.#step();
      },
      onCompute: () => {
        this.#checkGoingOn(task);
        this.#dispatcher.computing(execution, this.#clock.now());
      },
    });
    const partition = new Partition(executor, result.resident, 1);
    const endedAt = this.#clock.now();
    const computeStartedAt = execution.computeStartedAt ?? startedAt;
    const unread = this.#finish(
      task,
      execution,
      partition,
      (endedAt - computeStartedAt) / result.sharing,
    );
    if (!unread.includes(partition)) {
      const times = { readyAt, startedAt, computeStartedAt, endedAt };
      this.#report(taskReport(task, rowsIn, { ...launch, device }, times, result));
    }
    return unread;
  }

  /**
   * In one step: the result is there, its readers may start, and what nobody needs any more is returned: inputs whose
   * last reader this was, or the result itself where another run of the task was faster.
   */
  #finish(
    task: Task,
    execution: Execution,
    partition: Partition,
    observedMs: number | null,
  ): Partition[] {
    if (this.#dispatcher.isDone(task.id) || this.#settled) {
      this.#dispatcher.finished(execution, observedMs);
      return [partition];
    }
    // Before its readers become ready: what they take is predicted from where it is, and from how large.
    this.#doneAt[task.id] = this.#clock.now();
    this.#costs.known(task.id, partition, this.#dispatcher.readersOf(task.id));
    this.#results[task.id] = partition;
    this.#dispatcher.finished(execution, observedMs);
    if (this.#goesToHost(task.id)) this.#bringToHost(partition);
    const unread: Partition[] = [];
    for (const input of taskInputs(task)) {
      this.#addReader(input, -1);
      const result = at(this.#results, input);
      if (at(this.#readers, input) > 0 || result === null) continue;
      this.#results[input] = null;
      unread.push(result);
    }
    return unread;
  }

  /** Will its readers read it in host memory, or put it together with what other devices made? */
  #goesToHost(task: TaskId): boolean {
    return this.#dispatcher.readersOf(task).some((id) => {
      const reader = at(this.#graph.tasks, id);
      if (reader.kind === "split") return true;
      if (reader.kind !== "operation" || reader.operation.kind !== "concat") return false;
      return reader.placement.devices.length > 1;
    });
  }

  /** At once, while other tasks still compute: whoever needs it there later finds it there. */
  #bringToHost(partition: Partition): void {
    const { host } = this.#workplace;
    if (partition.isOn(host)) return;
    partition.retain(1);
    const coming = partition
      .on(host, host, { uploaded: 0, downloaded: 0 })
      // A reader that still needs it will see the error.
      .catch(() => null)
      .then(() => partition.release());
    this.#workplace.lingers?.(coming);
  }

  #report(report: TaskReport): void {
    this.#reported.add(report.task);
    const { onTask } = this.#options;
    onTask?.(report, this.#reported.size, this.#graph.tasks.length);
  }

  #endWith(task: Task, execution: Execution, error: unknown): void {
    if (this.#settled) {
      this.#dispatcher.abandoned(execution);
      return;
    }
    if (error instanceof CopyLostError) {
      this.#loseDevice(error.device);
      this.#dispatcher.failed(execution, "input");
      return;
    }
    const { device } = execution.launch;
    if (device !== null && error instanceof DeviceLostError) this.#loseDevice(device);
    const elsewhere = error instanceof DeviceLostError || error instanceof MemoryBudgetError;
    if (device !== null && elsewhere && this.#dispatcher.failed(execution, "device")) return;
    this.#dispatcher.abandoned(execution);
    if (this.#dispatcher.isDone(task.id)) return;
    if (this.#failure !== null && this.#failure.task <= task.id) return;
    this.#failure = { task: task.id, error };
    // What comes after it stops; tasks before it go on, since one of them may fail as well.
    this.#dispatcher.limitTo(task.id);
  }

  /** The device leaves the query. Results of which it had the only copy are made again. */
  #loseDevice(device: string): void {
    const executor = this.#workplace.executors.get(device);
    assert(executor !== undefined, "only an open device can be lost");
    if (!this.#dispatcher.isLost(device)) {
      this.#dispatcher.deviceLost(device);
      this.#workplace.lost?.(device);
    }
    for (const partition of this.#results) partition?.drop(executor);
    for (const [task, partition] of this.#results.entries()) {
      if (partition !== null && partition.holder === null) this.#makeAgain(task);
    }
  }

  /** Runs a task again whose result is gone, and before it those of its inputs that were let go already. */
  #makeAgain(task: TaskId): void {
    this.#results[task] = null;
    this.#dispatcher.resultLost(task);
    for (const input of taskInputs(at(this.#graph.tasks, task))) {
      this.#addReader(input, 1);
      if (at(this.#results, input) === null && this.#dispatcher.isDone(input)) {
        this.#makeAgain(input);
      }
    }
  }

  #windowRows(task: Task): number {
    if (task.kind !== "operation" || task.windows === null) return 0;
    return task.windows.from.reduce((rows, id) => rows + at(this.#rowsIn, id), 0);
  }

  #checkGoingOn(task: Task): void {
    if (this.#failure !== null && this.#failure.task < task.id) throw this.#failure.error;
  }

  /** The error with the row of the operator's whole input: all tasks before the failing one have run. */
  #locate({ task: id, error }: { readonly task: TaskId; readonly error: unknown }): unknown {
    const task = this.#graph.tasks[id];
    if (task === undefined) return error;
    const earlier = task.kind === "operation" ? task.earlier : [];
    const rowsBefore = earlier.reduce((rows, other) => rows + at(this.#rowsIn, other), 0);
    return locateError(error, task, rowsBefore);
  }
}

function aborted(signal: AbortSignal | undefined): AbortError {
  return new AbortError("the query was cancelled", { cause: signal?.reason });
}

function requireEmpty(task: GuardTask, checks: readonly Partition[]): void {
  const failed = task.checks.find((_, index) => at(checks, index).rowCount > 0);
  if (failed === undefined) return;
  throw new InvalidArgumentError(failed.message, {
    operator: task.operator,
    hint: "Deduplicate that side with distinct(), or validate less.",
  });
}

// Runs a graph in which nothing is to be decided: every task reads the one before it, and there is one place to run them.
// Small queries are such graphs nearly always, and what a scheduler's first step costs is much of what they take.

import { assert, at, DeviceLostError, isDeviceError } from "../base/index.ts";
import type { Executor } from "../device/index.ts";
import { runWithRoom } from "./admission.ts";
import { holdPartition, isHolding } from "./hold.ts";
import { locateFailure } from "./locate_failure.ts";
import { disown, type Reservation, type SessionMemory } from "./memory/index.ts";
import { type Partition, releaseAll } from "./partition.ts";
import { type Task, type TaskGraph, type TaskId, taskInputs, windowRows } from "./task.ts";
import { hostBytesOf } from "./task_costs.ts";
import { type RunnableTask, resultOf, runTask } from "./task_run.ts";
import { type ScheduleOptions, SYSTEM_CLOCK, type Workplace } from "./workplace.ts";

/**
 * May the graph run as a chain? Then there is one device for each task, on the host, where nothing moves and nothing is lost,
 * and nobody asks to watch or to cancel.
 */
export function isChain(
  { tasks, outputs }: TaskGraph,
  { executors }: Workplace,
  { signal, onTask, clock }: ScheduleOptions,
): boolean {
  if (tasks.length > MOST_TASKS || outputs.length !== 1) return false;
  if (signal !== undefined || onTask !== undefined || clock !== undefined) return false;
  for (const { descriptor } of executors.values()) if (descriptor.kind === "gpu") return false;
  let last: Task | null = null;
  for (const task of tasks) {
    if (isHolding(task) || task.kind === "batch") continue;
    if (task.kind !== "operation" && task.kind !== "csv") return false;
    if (task.placement.devices.length !== 1) return false;
    if (last !== null && !taskInputs(task).includes(last.id)) return false;
    last = task;
  }
  return true;
}

/** Beyond that a scheduler's first step is little of the whole. */
const MOST_TASKS = 32;

/** The result's partition, which the caller releases once. Rejects with the error of the task that failed. */
export async function runChain(graph: TaskGraph, workplace: Workplace): Promise<Partition> {
  return await new Chain(graph, workplace).run();
}

class Chain {
  readonly #graph: TaskGraph;
  readonly #workplace: Workplace;
  /** Results that somebody still needs; the run holds each of them once. */
  readonly #results: (Partition | null)[];
  /** By task, how many still read it. */
  readonly #readers: Int32Array;
  /** Rows of each task's first input. */
  readonly #rowsIn: Float64Array;

  constructor(graph: TaskGraph, workplace: Workplace) {
    const { tasks, outputs } = graph;
    this.#graph = graph;
    this.#workplace = workplace;
    this.#results = tasks.map(() => null);
    this.#readers = new Int32Array(tasks.length);
    this.#rowsIn = new Float64Array(tasks.length);
    for (const task of tasks) for (const input of taskInputs(task)) this.#addReader(input, 1);
    for (const output of outputs) this.#addReader(output, 1);
  }

  async run(): Promise<Partition> {
    const { tasks, outputs } = this.#graph;
    try {
      for (const task of tasks) await this.#runTask(task);
      const output = at(outputs, 0);
      const result = resultOf(this.#results, output);
      this.#results[output] = null;
      return result;
    } finally {
      for (const partition of this.#results) await partition?.release();
    }
  }

  async #runTask(task: Task): Promise<void> {
    const { id } = task;
    const inputs = taskInputs(task).map((input) => resultOf(this.#results, input));
    let result: Partition;
    try {
      result = isHolding(task)
        ? holdPartition(task, inputs, this.#workplace)
        : await this.#compute(task, inputs);
    } catch (error) {
      throw locateFailure(error, task, (other) => at(this.#rowsIn, other));
    }
    this.#results[id] = result;
    await releaseAll(this.#letGo(task));
  }

  /** What nobody needs any more once the task is done. */
  #letGo(task: Task): Partition[] {
    const unread: Partition[] = [];
    for (const input of taskInputs(task)) {
      this.#addReader(input, -1);
      if (at(this.#readers, input) > 0) continue;
      unread.push(resultOf(this.#results, input));
      this.#results[input] = null;
    }
    return unread;
  }

  /** On the task's device; what that refuses, or has no memory for, on its fallback. */
  async #compute(task: RunnableTask, inputs: readonly Partition[]): Promise<Partition> {
    if (task.kind === "batch") disown(task.batch);
    this.#rowsIn[task.id] = inputs[0]?.rowCount ?? 0;
    const open = this.#devicesOf(task);
    for (const [index, executor] of open.entries()) {
      try {
        return await this.#computeOn(executor, task, inputs);
      } catch (error) {
        if (!isDeviceError(error) || index === open.length - 1) throw error;
        if (error instanceof DeviceLostError) this.#workplace.lost?.(executor);
      }
    }
    throw new Error("invariant violated: a device of the placement is open");
  }

  #devicesOf(task: RunnableTask): Executor[] {
    const { executors, host } = this.#workplace;
    if (!("placement" in task)) return [host];
    const { devices, fallback } = task.placement;
    return [...devices, ...fallback].flatMap((id) => executors.get(id) ?? []);
  }

  async #computeOn(
    executor: Executor,
    task: RunnableTask,
    inputs: readonly Partition[],
  ): Promise<Partition> {
    const { host, queues, memory = null } = this.#workplace;
    const device = executor.descriptor.id;
    const queue = queues.get(device);
    assert(queue !== undefined, "every device has a queue");
    const absent = inputs.filter((input) => !input.isOn(host));
    const missing = absent.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const made = hostBytesOf(task, inputs);
    const reservation = await reserved(memory, missing + made);
    for (const input of inputs) input.pin();
    try {
      const place = { memory, executor, host, operator: task.operator };
      const { partition } = await runWithRoom(place, inputs, () =>
        runTask({
          task,
          inputs,
          executor,
          host,
          queue,
          query: this,
          decodeCsv: (csv, decoder) => this.#workplace.decodeCsv(csv, decoder, undefined),
          windowRows: windowRows(task, this.#rowsIn),
          pause: () => SYSTEM_CLOCK.pause(),
          signal: undefined,
          readBy: "device",
          memory,
          onArrived: () => reservation?.arrived(missing),
          onCompute: () => {},
        }),
      );
      return partition;
    } finally {
      reservation?.release();
      for (const input of inputs) input.unpin();
    }
  }

  #addReader(task: TaskId, count: number): void {
    this.#readers[task] = at(this.#readers, task) + count;
  }
}

/** As soon as there is room. Null: nobody counts. */
async function reserved(memory: SessionMemory | null, bytes: number): Promise<Reservation | null> {
  if (memory === null) return null;
  for (;;) {
    const reservation = memory.host.reserve(bytes);
    if (reservation !== null) return reservation;
    await new Promise<void>((resolve) => {
      memory.host.whenRoom(resolve);
    });
  }
}

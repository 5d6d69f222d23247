// Is there a schedule that ends sooner than a given time? All of them are tried: which device computes what, what is copied
// where, and in which order each computing unit and link does it. For a few tasks on two or three devices.

import {
  type SplitTask,
  type Task,
  type TaskGraph,
  type TaskId,
  taskInputs,
} from "../../src/execution/task.ts";
import { computeMs, type DataSize, workOf } from "../../src/physical/index.ts";
import { shareOf } from "../../src/physical/row_shares.ts";
import type { DeviceModel } from "./machines.ts";

const NEVER = Number.POSITIVE_INFINITY;

interface Step {
  /** Of the computing unit or link. */
  readonly resource: number;
  readonly start: number;
  readonly end: number;
  readonly task: TaskId;
  /** Where the result, or the copy of it, is then. */
  readonly device: number;
  readonly isCopy: boolean;
}

export class Exhaustive {
  readonly #tasks: readonly Task[];
  readonly #machine: readonly DeviceModel[];
  readonly #host: number;
  readonly #sizes: readonly DataSize[];
  /** By task and device: how long it computes. */
  readonly #ms: readonly (readonly number[])[];
  /** By task: what it moves to its device; a share reads few of the inputs that it waits for. */
  readonly #reads: readonly (readonly TaskId[])[];
  /** By task: how long it is at least from its start to the end. */
  readonly #tails: number[];
  /** By task and device: from when on it is there. */
  readonly #there: number[][];
  /** By task: when it is computed. */
  readonly #doneAt: number[];
  /** Of each device the computing unit, the link to it, the link from it. */
  readonly #freeAt: number[];
  #stepsLeft = 0;

  constructor(
    { tasks }: TaskGraph,
    machine: readonly DeviceModel[],
    sizes: readonly DataSize[],
    homes: readonly string[],
  ) {
    this.#tasks = tasks;
    this.#machine = machine;
    this.#host = machine.findIndex(({ kind }) => kind === "cpu");
    this.#sizes = sizes;
    this.#reads = tasks.map((task) => this.#readsOf(task));
    this.#ms = tasks.map((task) => machine.map((_, device) => this.#msOf(task, device)));
    this.#tails = tasks.map((_, id) => Math.min(...(this.#ms[id] as number[])));
    for (const { id } of [...tasks].reverse()) {
      for (const input of taskInputs(tasks[id] as Task)) {
        const least = Math.min(...(this.#ms[input] as number[]));
        const through = least + (this.#tails[id] as number);
        this.#tails[input] = Math.max(this.#tails[input] as number, through);
      }
    }
    this.#freeAt = machine.flatMap(() => [0, 0, 0]);
    this.#doneAt = tasks.map((task) => (isSource(task) ? 0 : NEVER));
    this.#there = tasks.map((task) => {
      const home = task.kind === "persisted" ? homes[task.partition] : machine[this.#host]?.id;
      return machine.map(({ id }) => (isSource(task) && id === home ? 0 : NEVER));
    });
  }

  /** Null: more steps would be needed to know. */
  endsBefore(ms: number, mostSteps: number): boolean | null {
    this.#stepsLeft = mostSteps;
    const found = this.#search(0, ms);
    return this.#stepsLeft > 0 || found ? found : null;
  }

  /** Steps in the order in which they start: each schedule in which nothing could start sooner is one such order. */
  #search(from: number, limit: number): boolean {
    const left = this.#tasks.filter(({ id }) => this.#doneAt[id] === NEVER);
    if (left.length === 0) return true;
    if (left.some(({ id }) => from + (this.#tails[id] as number) >= limit)) return false;
    if (--this.#stepsLeft <= 0) return false;
    const steps = this.#steps().filter(({ start, end, task, isCopy }) => {
      const after = isCopy ? 0 : (this.#tails[task] as number) - Math.min(...this.#msOfAll(task));
      return start >= from && end + after < limit;
    });
    steps.sort((a, b) => a.end - b.end);
    for (const step of steps) {
      const { resource, task, device, start, end, isCopy } = step;
      const there = this.#there[task] as number[];
      const freeAt = this.#freeAt[resource] as number;
      this.#freeAt[resource] = end;
      there[device] = end;
      if (!isCopy) this.#doneAt[task] = end;
      const found = this.#search(start, limit);
      this.#freeAt[resource] = freeAt;
      there[device] = NEVER;
      if (!isCopy) this.#doneAt[task] = NEVER;
      if (found) return true;
    }
    return false;
  }

  #steps(): Step[] {
    const steps: Step[] = [];
    const add = (step: Omit<Step, "start" | "end">, ready: number, ms: number) => {
      const start = Math.max(this.#freeAt[step.resource] as number, ready);
      if (start < NEVER && ms < NEVER) steps.push({ ...step, start, end: start + ms });
    };
    for (const { id: task } of this.#tasks) {
      const doneAt = this.#doneAt[task] as number;
      const there = this.#there[task] as number[];
      for (const [device, { costs, kind }] of this.#machine.entries()) {
        if (doneAt === NEVER) {
          const own = { task, device, resource: 3 * device, isCopy: false };
          add(own, this.#readyAt(task, device), (this.#ms[task] as number[])[device] as number);
        } else if (there[device] === NEVER && this.#isWantedOn(task, device)) {
          const { bytes } = this.#sizes[task] as DataSize;
          if (kind === "gpu") {
            const up = { task, device, resource: 3 * device + 1, isCopy: true };
            add(up, there[this.#host] as number, bytes / costs.uploadBytesPerMs);
          } else {
            const from = there.findIndex((at) => at < NEVER);
            const down = { task, device, resource: 3 * from + 2, isCopy: true };
            const perMs = this.#machine[from]?.costs.downloadBytesPerMs ?? 0;
            add(down, there[from] as number, bytes / perMs);
          }
        }
      }
    }
    return steps;
  }

  #readyAt(task: TaskId, device: number): number {
    const computed = taskInputs(this.#tasks[task] as Task).map((id) => this.#doneAt[id] as number);
    const there = (this.#reads[task] as TaskId[]).map((id) => this.#there[id]?.[device] as number);
    return Math.max(0, ...computed, ...there);
  }

  /** The host is on the way to every card. */
  #isWantedOn(task: TaskId, device: number): boolean {
    const canRead = (id: TaskId) => device === this.#host || this.#msOfAll(id)[device] !== NEVER;
    return this.#tasks.some(
      ({ id }) =>
        this.#doneAt[id] === NEVER && (this.#reads[id] as TaskId[]).includes(task) && canRead(id),
    );
  }

  #msOfAll(task: TaskId): readonly number[] {
    return this.#ms[task] as number[];
  }

  #msOf(task: Task, device: number): number {
    if (isSource(task)) return 0;
    const { costs } = this.#machine[device] as DeviceModel;
    const inputs = taskInputs(task).map((id) => this.#sizes[id] as DataSize);
    if (task.kind === "operation") {
      return computeMs(costs, task.operation.kind, workOf(task.operation, inputs));
    }
    if (device !== this.#host) return NEVER;
    // A share of one input is a part of it; one of several is put together.
    const isPart = (this.#reads[task.id] as TaskId[]).length < 2;
    const { start, end } = this.#rangeOf(task as SplitTask);
    return isPart ? 0 : computeMs(costs, "concat", 2 * (end - start));
  }

  #readsOf(task: Task): readonly TaskId[] {
    if (task.kind !== "split") return taskInputs(task);
    const { start, end } = this.#rangeOf(task);
    let first = 0;
    return task.inputs.filter((id) => {
      const from = first;
      first += (this.#sizes[id] as DataSize).rows;
      return Math.min(end, first) > Math.max(start, from);
    });
  }

  #rangeOf({ inputs, partition, splitCount }: SplitTask): ReturnType<typeof shareOf> {
    const rows = inputs.reduce((sum, id) => sum + (this.#sizes[id] as DataSize).rows, 0);
    return shareOf(rows, partition, splitCount);
  }
}

function isSource({ kind }: Task): boolean {
  return kind === "batch" || kind === "persisted";
}

// Upward ranks (Topcuoglu et al. 2002): how long it takes at least from the end of a task to the end of the query. Tasks
// with a long way to go start first. HEFT takes the mean time over devices; here it is the fastest device's, which is
// what bounds the makespan when speeds differ by 16.
//
// A path is not all that waits for a broadcast or for what is cut anew: everything behind it does. So what several tasks
// read counts as long as all devices that can do the work behind it need for it together.

import { at, ITEMS_A_STEP, type Steps } from "../../base/index.ts";
import type { DispatchTask, Predictor } from "./model.ts";

/** Steps a task that are taken to add up what is behind tasks: where all read from all, the sums are shared. */
const MOST_STEPS = 64;

export function* tails(
  tasks: readonly DispatchTask[],
  readers: readonly (readonly number[])[],
  predictor: Pick<Predictor, "computeMs">,
): Steps<Float64Array> {
  const result = new Float64Array(tasks.length);
  // Where no task has a choice of devices, they end at the same time in any order.
  const behind = tasks.some(({ devices }) => devices.length > 1) ? new WorkBehind(readers) : null;
  for (let index = tasks.length - 1; index >= 0; index--) {
    if (index % ITEMS_A_STEP === 0) yield;
    const { id, inputs, devices } = at(tasks, index);
    const own = devices.map((device) => predictor.computeMs(id, device));
    if (behind !== null) result[id] = Math.max(at(result, id), behind.ms(id, own));
    const through = at(result, id) + (own.length === 0 ? 0 : Math.min(...own));
    for (const input of inputs) result[input] = Math.max(at(result, input), through);
  }
  return result;
}

/** How long the devices need together for all that reads a task, what reads that, and so on. */
class WorkBehind {
  readonly #readers: readonly (readonly number[])[];
  /** By task: how long all devices that can run it would take, each doing a part. */
  readonly #shared: Float64Array;
  /** By readers: what the same tasks read has the same behind it. */
  readonly #known = new Map<string, number>();
  /** For which task another was counted last. */
  readonly #countedFor: Int32Array;
  #stepsLeft: number;

  constructor(readers: readonly (readonly number[])[]) {
    this.#readers = readers;
    this.#shared = new Float64Array(readers.length);
    this.#countedFor = new Int32Array(readers.length).fill(-1);
    this.#stepsLeft = MOST_STEPS * readers.length;
  }

  /** `own`: what the task takes on each of its devices. Asked in order, readers first; zero where a path is all there is. */
  ms(task: number, own: readonly number[]): number {
    this.#shared[task] = own.length === 0 ? 0 : 1 / own.reduce((speed, ms) => speed + 1 / ms, 0);
    const readers = at(this.#readers, task);
    if (readers.length < 2 || this.#stepsLeft <= 0) return 0;
    const key = `${readers[0]} ${readers.at(-1)} ${readers.length}`;
    const known = this.#known.get(key) ?? this.#sum(task);
    this.#known.set(key, known);
    return known;
  }

  #sum(task: number): number {
    let ms = 0;
    const next = [task];
    for (let id = next.pop(); id !== undefined; id = next.pop()) {
      const readers = at(this.#readers, id);
      this.#stepsLeft -= readers.length;
      for (const reader of readers) {
        if (at(this.#countedFor, reader) === task) continue;
        this.#countedFor[reader] = task;
        ms += at(this.#shared, reader);
        next.push(reader);
      }
    }
    return ms;
  }
}

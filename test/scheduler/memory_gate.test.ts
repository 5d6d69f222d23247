// The policy with a budget of memory: what waits starts when there is room, everything ends, and no more is promised than
// there is, but for a task that is larger than the budget and runs alone.

import { expect, test } from "vitest";
import { atOnce } from "../../src/base/index.ts";
import {
  Dispatcher,
  type DispatchTask,
  type Execution,
  type MemoryGate,
  rankedTasks,
} from "../../src/execution/schedule/index.ts";

/** Promised bytes; everything else is the dispatcher's. */
class Budget implements MemoryGate {
  used = 0;
  running = 0;
  denied = 0;
  readonly overdrawn: number[] = [];
  readonly #bytes: (task: number) => number;
  readonly #budget: number;

  constructor(budget: number, bytes: (task: number) => number) {
    this.#budget = budget;
    this.#bytes = bytes;
  }

  get isPressed(): boolean {
    return this.used > 0.6 * this.#budget;
  }

  enter(task: number) {
    const bytes = this.#bytes(task);
    if (this.running > 0 && this.used + bytes > this.#budget) {
      this.denied += 1;
      return null;
    }
    this.used += bytes;
    this.running += 1;
    if (this.used > this.#budget) this.overdrawn.push(this.running);
    return {
      arrived: () => {},
      release: () => {
        this.used -= bytes;
        this.running -= 1;
      },
    };
  }
}

/** `width` chains of three tasks, and one that reads all of them. */
function graph(width: number): DispatchTask[] {
  const tasks: DispatchTask[] = [];
  const add = (inputs: readonly number[]) => {
    const id = tasks.length;
    const devices = ["a", "b"];
    tasks.push({ id, turn: id, inputs, devices, fallback: [], kernel: "k", group: "g" });
    return id;
  };
  const ends = Array.from({ length: width }, () => add([add([add([])])]));
  add(ends);
  return tasks;
}

test.each([30, 100, 1000])("a budget of %i bytes", (bytes) => {
  const tasks = graph(12);
  const gate = new Budget(bytes, (task) => 10 + ((task * 7) % 50));
  const devices = [
    { id: "a", slots: 1 },
    { id: "b", slots: 2 },
  ];
  const predictor = {
    computeMs: () => 1,
    transferMs: () => 0,
    moveMs: () => 0,
    comingMs: () => 0,
    returnMs: () => 0,
    departures: () => [],
    learn: () => false,
    sharers: () => 0,
  };
  const ranked = atOnce(rankedTasks(tasks, predictor));
  const dispatcher = new Dispatcher(ranked, devices, predictor, gate);
  const last = tasks.length - 1;
  dispatcher.demand(last);
  const inFlight: Execution[] = [];
  for (let now = 0; !dispatcher.isDone(last); now++) {
    inFlight.push(...dispatcher.decide(now));
    const [first] = inFlight.splice(0, 1);
    if (first === undefined) throw new Error("tasks are left and none of them runs");
    dispatcher.finished(first, 1);
  }
  for (const execution of inFlight) dispatcher.abandoned(execution);
  expect([gate.used, gate.running]).toEqual([0, 0]);
  expect(gate.overdrawn.every((running) => running === 1)).toBe(true);
  expect(gate.denied > 0).toBe(bytes < 1000);
});

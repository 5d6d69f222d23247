// What finished tasks tell of others: sizes, and with them how long they take and which of them are urgent.

import { expect, it } from "vitest";
import { atOnce } from "../../src/base/index.ts";
import type { Partition } from "../../src/execution/partition.ts";
import {
  Dispatcher,
  type DispatchTask,
  type Predictor,
  rankedTasks,
} from "../../src/execution/schedule/index.ts";
import { TaskCosts } from "../../src/execution/task_costs.ts";
import { ModelExecutor, mixedMachine, Sizes } from "./machines.ts";
import { Random } from "./random.ts";
import { VirtualClock } from "./virtual_clock.ts";
import { randomWorkload } from "./workloads.ts";

const random = new Random(3);
const sizes = new Sizes();
const machine = mixedMachine(random);
const executors = new Map(
  machine.map((model) => [model.id, new ModelExecutor(model, new VirtualClock(), sizes)]),
);

/** Scans, filters of them and sorts of these, as many of each. */
function filteredAndSorted() {
  const { graph } = randomWorkload("skew", machine, sizes, random);
  const count = graph.tasks.length / 3;
  const costs = atOnce(
    TaskCosts.of(graph, {
      executors,
      host: executors.get("cpu") as ModelExecutor,
      costsOf: (id) => {
        const model = machine.find((own) => own.id === id);
        if (model === undefined) throw new Error(`no ${id}`);
        return model.costs;
      },
      persisted: () => {
        throw new Error("nothing is persisted");
      },
      result: () => null,
      sharers: () => 0,
    }),
  );
  const { launchMs } = (machine.at(-1) as (typeof machine)[number]).costs;
  const workMs = (task: number) => costs.computeMs(task, "cpu") - launchMs;
  const rowsOf = (task: number) => {
    const scan = graph.tasks[task - count];
    if (scan?.kind !== "batch") throw new Error("a scan comes before a filter");
    return scan.batch.rowCount;
  };
  const ends = (task: number, rowCount: number) =>
    costs.known(task, { rowCount, byteLength: 8 * rowCount } as Partition, [task + count]);
  return { count, costs, workMs, rowsOf, ends };
}

it("expects of the tasks of a node what those made that have ended", () => {
  const { count, costs, workMs, rowsOf, ends } = filteredAndSorted();
  const last = 3 * count - 1;
  const before = workMs(last);
  const first = workMs(2 * count);
  // A filter was expected to keep everything; the first one keeps a tenth.
  ends(count, Math.round(rowsOf(count) / 10));
  expect(costs.learn()).toBe(true);
  expect(workMs(2 * count) / first).toBeLessThan(0.11);
  expect(workMs(last) / before).toBeLessThan(0.11);
  expect(workMs(last) / before).toBeGreaterThan(0.05);
});

it("has nothing to say where nothing has ended, or all is as expected", () => {
  const { count, costs, workMs, rowsOf, ends } = filteredAndSorted();
  expect(costs.learn()).toBe(false);
  ends(count, Math.round(rowsOf(count) / 10));
  expect(costs.learn()).toBe(true);
  const before = workMs(3 * count - 1);
  expect(costs.learn()).toBe(false);
  ends(count + 1, Math.round(rowsOf(count + 1) / 10));
  expect(costs.learn()).toBe(false);
  expect(workMs(3 * count - 1)).toBe(before);
});

it("starts what has become urgent first", () => {
  const task = (id: number, inputs: readonly number[]): DispatchTask => ({
    id,
    turn: id,
    inputs,
    devices: ["cpu", "gpu:0"],
    fallback: [],
    kernel: "k",
    group: `${inputs}`,
  });
  // 1 and 2 are alike; what follows 2 turns out to be long when 0 has ended.
  const tasks = [task(0, []), task(1, []), task(2, []), task(3, [1]), task(4, [2])];
  const startsSecond = (learns: boolean) => {
    const ms = [1, 10, 10, 50, 5];
    const predictor: Predictor = {
      computeMs: (id, device) => (device === "cpu" ? (ms[id] ?? 0) : 1e9),
      transferMs: () => 0,
      moveMs: () => 0,
      comingMs: () => 0,
      returnMs: () => 0,
      departures: () => [],
      learn: () => {
        if (learns && ms[4] === 5 && dispatcher.isDone(0)) ms[4] = 500;
        return learns;
      },
      sharers: () => 0,
    };
    const devices = ["cpu", "gpu:0"].map((id) => ({ id, slots: 1 }));
    const dispatcher = new Dispatcher(atOnce(rankedTasks(tasks, predictor)), devices, predictor);
    dispatcher.demand(0);
    const [first] = dispatcher.decide(0);
    if (first === undefined) throw new Error("one task starts");
    dispatcher.finished(first, 1);
    for (const { id } of tasks) dispatcher.demand(id);
    return dispatcher.decide(1).map(({ launch }) => launch.task);
  };
  expect(startsSecond(false)).toEqual([1]);
  expect(startsSecond(true)).toEqual([2]);
});

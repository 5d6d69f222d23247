// Graphs in which nothing is to be decided, and that they end as the scheduler has them end.

import { describe, expect, it } from "vitest";
import {
  CastError,
  type DataFrameError,
  DeviceFaultError,
  MemoryBudgetError,
} from "../../src/base/index.ts";
import { columnToValues } from "../../src/column/index.ts";
import { isChain } from "../../src/execution/chain.ts";
import { SessionMemory, type SpillStore } from "../../src/execution/memory/index.ts";
import type { Clock } from "../../src/execution/schedule/index.ts";
import { schedule } from "../../src/execution/scheduler.ts";
import type { OperationTask, Task, TaskGraph } from "../../src/execution/task.ts";
import type { ScheduleOptions, Workplace } from "../../src/execution/workplace.ts";
import { FaultyExecutor, numbers, SORT, workplace } from "./faulty_executor.ts";

const PLACEMENT = { devices: ["host"], fallback: ["spare"], reason: "test" };

const batch = (id: number): Task => ({
  kind: "batch",
  id,
  operator: "scan",
  partition: 0,
  batch: numbers(0, 10),
});

const sort = (id: number, inputs: number[], placement = PLACEMENT): OperationTask => ({
  kind: "operation",
  id,
  operator: "sort",
  partition: 0,
  operation: SORT,
  inputs,
  placement,
  inputNames: ["a"],
  siblings: [],
  windows: null,
});

const CONCAT = { operator: "concat", operation: { kind: "concat" } } as const;

const twoSteps: TaskGraph = { tasks: [batch(0), sort(1, [0]), sort(2, [1])], outputs: [2] };
const host = () => workplace([new FaultyExecutor("host")]);
const gpuBeside = () => workplace([new FaultyExecutor("gpu:0"), new FaultyExecutor("host")]);
const { signal } = new AbortController();
const clock: Clock = { now: () => 0, after: () => () => {}, pause: () => null };

describe("isChain", () => {
  it.each<[string, boolean, TaskGraph, Workplace, ScheduleOptions]>([
    ["one step after another", true, twoSteps, host(), {}],
    ["the same, to be watched", false, twoSteps, host(), { onTask: () => {} }],
    ["the same, to be cancelled", false, twoSteps, host(), { signal }],
    ["the same, in the time of a simulator", false, twoSteps, host(), { clock }],
    ["the same beside a card, which may hold what is read", false, twoSteps, gpuBeside(), {}],
    ["two results", false, { ...twoSteps, outputs: [1, 2] }, host(), {}],
    [
      "two steps at once",
      false,
      {
        tasks: [batch(0), sort(1, [0]), sort(2, [0]), { ...sort(3, [1, 2]), ...CONCAT }],
        outputs: [3],
      },
      host(),
      {},
    ],
    [
      "a choice of devices",
      false,
      { tasks: [batch(0), sort(1, [0], { ...PLACEMENT, devices: ["host", "b"] })], outputs: [1] },
      host(),
      {},
    ],
    [
      "batches, which are there already, of one step",
      true,
      { tasks: [batch(0), batch(1), { ...sort(2, [0, 1]), ...CONCAT }], outputs: [2] },
      host(),
      {},
    ],
    [
      "more than a few",
      false,
      {
        tasks: [batch(0), ...Array.from({ length: 40 }, (_, i) => sort(i + 1, [i]))],
        outputs: [40],
      },
      host(),
      {},
    ],
  ])("%s: %s", (_, expected, graph, place, options) => {
    expect(isChain(graph, place, options)).toBe(expected);
  });
});

async function valuesOf(graph: TaskGraph, place: Workplace): Promise<unknown[]> {
  expect(isChain(graph, place, {})).toBe(true);
  const [partition, ...others] = await schedule(graph, place, { collect: true });
  expect(others).toEqual([]);
  if (partition === undefined) throw new Error("no partition");
  const { columns } = await partition.toBatch(place.host, { uploaded: 0, downloaded: 0 });
  await partition.release();
  return columns.flatMap((column) => columnToValues(column));
}

const DESCENDING = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0];

describe("a chain", () => {
  it("gives what the scheduler gives, and releases what it read", async () => {
    const executor = new FaultyExecutor("host");
    expect(await valuesOf(twoSteps, workplace([executor]))).toEqual(DESCENDING);
    expect(executor.held).toBe(0);
  });

  it("reads a result twice, and lets it go after the second time", async () => {
    const executor = new FaultyExecutor("host");
    const twice: OperationTask = { ...sort(2, [1, 1]), ...CONCAT };
    const graph = { tasks: [batch(0), sort(1, [0]), twice], outputs: [2] };
    expect(await valuesOf(graph, workplace([executor]))).toEqual([...DESCENDING, ...DESCENDING]);
    expect(executor.held).toBe(0);
  });

  it("gives a result that is read on the way as well", async () => {
    const executor = new FaultyExecutor("host");
    expect(await valuesOf({ ...twoSteps, outputs: [1] }, workplace([executor]))).toEqual(
      DESCENDING,
    );
    expect(executor.held).toBe(0);
  });

  it.each([
    ["refuses", new DeviceFaultError("refused")],
    ["has no memory for", new MemoryBudgetError("full")],
  ])("runs on the fallback what its device %s", async (_, error) => {
    const [failing, spare] = [new FaultyExecutor("host", () => error), new FaultyExecutor("spare")];
    expect(await valuesOf(twoSteps, workplace([spare, failing]))).toEqual(DESCENDING);
    const alone = new FaultyExecutor("host", () => error);
    await expect(valuesOf(twoSteps, workplace([alone]))).rejects.toBe(error);
    expect([failing.held + spare.held, alone.held]).toEqual([0, 0]);
  });

  it("says where a task failed, does not try it again, and releases everything", async () => {
    let runs = 0;
    const fail = () => {
      runs += 1;
      return runs === 2 ? new CastError("a does not fit", { row: 4 }) : null;
    };
    const executor = new FaultyExecutor("host", fail);
    const place = workplace([new FaultyExecutor("spare"), executor]);
    const error = await valuesOf(twoSteps, place).catch((caught: unknown) => caught);
    expect((error as DataFrameError).message).toBe("sort: a does not fit at row 4");
    expect([runs, executor.held]).toEqual([2, 0]);
  });

  it("begins a task when there is memory for it, and gives back what it was promised", async () => {
    let runs = 0;
    const executor = new FaultyExecutor("host", () => {
      runs += 1;
      return null;
    });
    const memory = new SessionMemory(1e6, {} as SpillStore);
    const other = memory.host.reserve(9e5);
    const values = valuesOf(twoSteps, { ...workplace([executor]), memory });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(runs).toBe(0);
    other?.release();
    expect(await values).toEqual(DESCENDING);
    expect([memory.host.reservedBytes, memory.host.usedBytes]).toEqual([0, 0]);
  });
});

// The scheduler against executors that fail on purpose: what is retried, which failure is reported, what is released.

import { describe, expect, it } from "vitest";
import {
  abortError,
  CastError,
  type DataFrameError,
  DeviceFaultError,
  DeviceLostError,
  MemoryBudgetError,
} from "../../src/base/index.ts";
import { columnToValues } from "../../src/column/index.ts";
import { schedule } from "../../src/execution/scheduler.ts";
import type { OperationTask, TaskGraph } from "../../src/execution/task.ts";
import type { TaskReport } from "../../src/execution/task_report.ts";
import type { Workplace } from "../../src/execution/workplace.ts";
import type { Operation } from "../../src/physical/index.ts";
import {
  BusyExecutor,
  COSTS,
  FaultyExecutor,
  SlowExecutor,
  SORT,
  sortGraph,
  workplace,
} from "./faulty_executor.ts";

async function firstValues(graph: TaskGraph, place: Workplace, reports: TaskReport[] = []) {
  const onTask = (report: TaskReport) => reports.push(report);
  const partitions = await schedule(graph, place, { onTask, collect: true });
  const firsts: unknown[] = [];
  for (const partition of partitions) {
    const batch = await partition.toBatch(place.host, { uploaded: 0, downloaded: 0 });
    const [column] = batch.columns;
    firsts.push(column === undefined ? undefined : columnToValues(column)[0]);
    await partition.release();
  }
  return firsts;
}

/** `count` partitions of 10 rows and more, put together on a card. */
function gatherGraph(count: number): TaskGraph {
  const { tasks } = sortGraph(count, []);
  const inputs = Array.from({ length: count }, (_, partition) => partition);
  const gather: OperationTask = {
    ...(tasks[count] as OperationTask),
    operation: { kind: "concat" },
    inputs,
    placement: { devices: ["gpu:0"], fallback: [], reason: "test" },
  };
  return { tasks: [...tasks.slice(0, count), gather], outputs: [count] };
}

describe("schedule", () => {
  it("gives the partitions in order and releases what it moved", async () => {
    const gpu = new FaultyExecutor("gpu:0");
    const place = workplace([gpu, new FaultyExecutor("host")]);
    expect(await firstValues(sortGraph(3, ["gpu:0"]), place)).toEqual([9, 20, 31]);
    expect(gpu.held).toBe(0);
  });

  it("runs steps of one operator that have different devices, however unlike these are", async () => {
    const first = sortGraph(3, ["gpu:0"]);
    const steps = first.outputs.map(
      (input, partition): OperationTask => ({
        kind: "operation",
        id: first.tasks.length + partition,
        operator: "sort",
        partition,
        operation: SORT,
        inputs: [input],
        placement: { devices: ["host"], fallback: [], reason: "test" },
        inputNames: ["a"],
        siblings: [],
        windows: null,
      }),
    );
    const place = workplace([new FaultyExecutor("gpu:0"), new FaultyExecutor("host")]);
    const slow = { ...COSTS, launchMs: 1e6 };
    const unlike = { ...place, costsOf: (id: string) => (id === "host" ? COSTS : slow) };
    const graph = { tasks: [...first.tasks, ...steps], outputs: steps.map(({ id }) => id) };
    expect(await firstValues(graph, unlike)).toEqual([9, 20, 31]);
  });

  it("tries a task elsewhere when its device is lost, with the same result", async () => {
    const lost = new FaultyExecutor("gpu:0", () => new DeviceLostError("gone"));
    const place = workplace([lost, new FaultyExecutor("gpu:1"), new FaultyExecutor("host")]);
    const reports: TaskReport[] = [];
    expect(await firstValues(sortGraph(3, ["gpu:0", "gpu:1"]), place, reports)).toEqual([
      9, 20, 31,
    ]);
    const sorts = reports.filter((report) => report.operation === "sort");
    expect(sorts.map(({ device }) => device)).toEqual(["gpu:1", "gpu:1", "gpu:1"]);
    expect(sorts.map(({ retries }) => retries)).toContain(1);
    expect(sorts.map(({ reason }) => reason)).toContain("retry");
  });

  it("asks for all inputs of a task at once", async () => {
    const gpu = new SlowExecutor("gpu:0", "upload");
    const run = firstValues(gatherGraph(3), workplace([gpu, new FaultyExecutor("host")]));
    await expect.poll(() => gpu.waiting).toBe(3);
    gpu.goOn();
    expect(await run).toEqual([0]);
    expect(gpu.held).toBe(0);
  });

  it("has the first input's failure where several do not come, when the last one is not on its way", async () => {
    const gpu = new FaultyExecutor("gpu:0");
    const upload = gpu.upload.bind(gpu);
    let uploads = 0;
    gpu.upload = async (batch) => {
      uploads += 1;
      // The last input fails first, the second one last, and the first one comes.
      await new Promise((resolve) => setTimeout(resolve, 20 - batch.rowCount));
      if (batch.rowCount > 10) throw new CastError(`no room for ${batch.rowCount} rows`);
      return await upload(batch);
    };
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", onUnhandled);
    try {
      const run = firstValues(gatherGraph(4), workplace([gpu, new FaultyExecutor("host")]));
      await expect(run).rejects.toThrow("no room for 11 rows");
      await new Promise((resolve) => setTimeout(resolve, 30));
    } finally {
      process.off("unhandledRejection", onUnhandled);
    }
    expect(uploads).toBe(4);
    expect(unhandled).toEqual([]);
    expect(gpu.held).toBe(0);
  });

  it("ends on the host when every other device is lost", async () => {
    const lost = () => new DeviceLostError("gone");
    const place = workplace([
      new FaultyExecutor("gpu:0", lost),
      new FaultyExecutor("gpu:1", lost),
      new FaultyExecutor("host"),
    ]);
    expect(await firstValues(sortGraph(2, ["gpu:0", "gpu:1"]), place)).toEqual([9, 20]);
  });

  it("sends to the fallback what was ready and waited for a device that is lost", async () => {
    const lost = new FaultyExecutor("gpu:0", () => new DeviceLostError("gone"));
    const place = workplace([lost, new FaultyExecutor("host")]);
    const firsts = Array.from({ length: 12 }, (_, partition) => 9 + 11 * partition);
    expect(await firstValues(sortGraph(12, ["gpu:0"]), place)).toEqual(firsts);
  });

  it.each([
    ["refuse", (id: string) => new DeviceFaultError(`${id} refuses`)],
    ["are full", (id: string) => new MemoryBudgetError(`${id} is full`)],
  ])("tries three cards that %s, and then the host, no other card", async (_, error) => {
    const cards = ["gpu:0", "gpu:1", "gpu:2", "gpu:3", "gpu:4"];
    const failing = cards.map((id) => new FaultyExecutor(id, () => error(id)));
    const place = workplace([...failing, new FaultyExecutor("host")]);
    const reports: TaskReport[] = [];
    expect(await firstValues(sortGraph(3, cards), place, reports)).toEqual([9, 20, 31]);
    const sorts = reports.filter((report) => report.operation === "sort");
    expect(sorts.map(({ device, retries }) => [device, retries])).toEqual(
      sorts.map(() => ["host", 3]),
    );
    expect(failing.map(({ held }) => held)).toEqual(cards.map(() => 0));
  });

  it("gives up where the host fails as well, with what the host says", async () => {
    const fail = () => new DeviceFaultError("refused");
    const gpu = new FaultyExecutor("gpu:0", fail);
    const host = new FaultyExecutor("host", fail);
    const run = firstValues(sortGraph(2, ["gpu:0"]), workplace([gpu, host]));
    await expect(run).rejects.toBeInstanceOf(DeviceFaultError);
    expect([gpu.held, host.held]).toEqual([0, 0]);
  });

  it.each([1, 2, 3])("reports the first failing row of the whole input (run %i)", async () => {
    const fail = (_: Operation, rows: number) =>
      rows >= 11 ? new CastError("a does not fit", { row: 4 }) : null;
    const host = new FaultyExecutor("host", fail);
    const error = await firstValues(sortGraph(4, ["host"]), workplace([host])).catch(
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(CastError);
    // Partition 0 has 10 rows and passes; partition 1 fails at its row 4.
    expect((error as DataFrameError).row).toBe(14);
    expect((error as DataFrameError).message).toBe("sort: a does not fit at row 14");
  });

  it("releases everything when a task fails", async () => {
    const fail = (_: Operation, rows: number) => (rows === 12 ? new CastError("no") : null);
    const gpu = new FaultyExecutor("gpu:0", fail);
    const host = new FaultyExecutor("host");
    await expect(firstValues(sortGraph(4, ["gpu:0"]), workplace([gpu, host]))).rejects.toThrow(
      "no",
    );
    expect(gpu.held).toBe(0);
  });

  it("makes results again that only a lost device had", async () => {
    const gpu = new FaultyExecutor("gpu:0");
    const host = new FaultyExecutor("host");
    // The card computes everything, and is gone when the host reads the first result.
    const gone = () => Promise.reject(new DeviceLostError("gone"));
    gpu.download = () => {
      gpu.execute = gone;
      return gone();
    };
    const graph = sortGraph(3, ["gpu:0"]);
    const reader: OperationTask = {
      ...(graph.tasks[3] as OperationTask),
      id: 6,
      inputs: [3],
      siblings: [],
      placement: { devices: ["host"], fallback: [], reason: "test" },
    };
    const reports: TaskReport[] = [];
    const read = { tasks: [...graph.tasks, reader], outputs: [6, 4, 5] };
    expect(await firstValues(read, workplace([gpu, host]), reports)).toEqual([9, 20, 31]);
    const ran = (task: number) => reports.filter((report) => report.task === task);
    expect(ran(3).map(({ device }) => device)).toEqual(["gpu:0", "host"]);
    expect(ran(6)).toHaveLength(1);
  });

  it("rejects at once when the signal is aborted while a device is busy", async () => {
    const host = new FaultyExecutor("host");
    const busy = new FaultyExecutor("gpu:0");
    busy.execute = () => new Promise(() => {});
    const controller = new AbortController();
    const run = schedule(sortGraph(2, ["gpu:0"]), workplace([busy, host]), {
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 5);
    // Processor time: the device would never end, and what else the machine does is nobody's fault here.
    const before = process.cpuUsage();
    await expect(run).rejects.toMatchObject({ code: "ABORTED" });
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(100);
  });

  it("runs a task again where it ends sooner when it holds up the end, once", async () => {
    const slow = new FaultyExecutor("gpu:0");
    slow.execute = () => new Promise(() => {});
    const host = new FaultyExecutor("host");
    const place = workplace([slow, host]);
    const graph = sortGraph(2, ["gpu:0", "host"]);
    const reports: TaskReport[] = [];
    expect(await firstValues(graph, place, reports)).toEqual([9, 20]);
    const sorts = reports.filter(({ operation }) => operation === "sort");
    expect(sorts.map(({ device }) => device)).toEqual(["host", "host"]);
    expect(sorts.map(({ reason }) => reason).sort()).toEqual(["duplicate", "planned"]);
  });

  it.each([1, 2])(
    "makes results again where a slower run ends after the faster one's is lost (%i)",
    async (parts) => {
      const [late, gone] = [new FaultyExecutor("gpu:0"), new FaultyExecutor("gpu:1")];
      let [beFaster, lose] = [() => {}, () => {}];
      const faster = new Promise<void>((resolve) => {
        beFaster = resolve;
      });
      const lost = new Promise<void>((resolve) => {
        lose = resolve;
      });
      const execute = late.execute.bind(late);
      let runs = 0;
      // Its first run ends, cancelled, when the device that was faster is lost.
      late.execute = async (
        operation: Operation,
        inputs: Parameters<typeof execute>[1],
        { signal }: { readonly signal?: AbortSignal | undefined } = {},
      ) => {
        runs += 1;
        if (runs > 1) return await execute(operation, inputs);
        await new Promise((resolve) => signal?.addEventListener("abort", resolve));
        beFaster();
        await lost;
        throw abortError(signal);
      };
      const fail = () => Promise.reject(new DeviceLostError("gone"));
      gone.download = async () => {
        await faster;
        gone.execute = fail;
        return await fail();
      };
      const place = { ...workplace([late, gone, new FaultyExecutor("host")]), lost: () => lose() };
      const graph = sortGraph(parts, ["gpu:0", "gpu:1"]);
      expect(await firstValues(graph, place)).toEqual([9, 20].slice(0, parts));
      expect(runs).toBeGreaterThan(1);
    },
  );

  it("cancels what runs when the signal aborts, and what waits for a device leaves", async () => {
    const [host, busy] = [new FaultyExecutor("host"), new BusyExecutor("gpu:0")];
    const controller = new AbortController();
    const reason = new Error("enough");
    let lingering: Promise<void> | undefined;
    const lingers = (until: Promise<void>) => {
      lingering = until;
    };
    const run = schedule(
      sortGraph(4, ["gpu:0"]),
      { ...workplace([busy, host]), lingers },
      {
        signal: controller.signal,
      },
    );
    await busy.busy;
    controller.abort(reason);
    await expect(run).rejects.toMatchObject({ cause: reason });
    await lingering;
    expect(busy.cancelled).toEqual([reason]);
    expect(busy.held).toBe(0);
  });

  it("cancels what comes after a failed task", async () => {
    const busy = new BusyExecutor("gpu:0");
    const fail = async () => {
      await busy.busy;
      throw new CastError("no");
    };
    const host = Object.assign(new FaultyExecutor("host"), { execute: fail });
    const { tasks, outputs } = sortGraph(2, ["gpu:0"]);
    const first = { ...(tasks[2] as OperationTask) };
    const onHost = { ...first, placement: { ...first.placement, devices: ["host"] } };
    const graph = { tasks: tasks.map((task, id) => (id === 2 ? onHost : task)), outputs };
    // It would wait for ever: the second task ends only by being cancelled.
    await expect(schedule(graph, workplace([busy, host]))).rejects.toThrow("no");
    expect(busy.cancelled).toHaveLength(1);
  });

  it("cancels the slower one of two runs", async () => {
    const slow = new BusyExecutor("gpu:0");
    const place = workplace([slow, new FaultyExecutor("host")]);
    expect(await firstValues(sortGraph(2, ["gpu:0", "host"]), place)).toEqual([9, 20]);
    expect(slow.cancelled).toHaveLength(1);
  });

  it("rejects with an AbortError when the signal is aborted", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    controller.abort(reason);
    const place = workplace([new FaultyExecutor("host")]);
    const run = schedule(sortGraph(2, ["host"]), place, { signal: controller.signal });
    await expect(run).rejects.toMatchObject({ code: "ABORTED", cause: reason });
  });
});

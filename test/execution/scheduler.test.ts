// The scheduler against executors that fail on purpose: what is retried, which failure is reported, what is released.

import { describe, expect, it } from "vitest";
import { CastError, type DataFrameError, DeviceLostError } from "../../src/base/index.ts";
import { columnFromValues, columnToValues } from "../../src/column/index.ts";
import type { Executor, Resident } from "../../src/device/index.ts";
import { ReferenceExecutor } from "../../src/device/reference/index.ts";
import { INT64 } from "../../src/dtype/index.ts";
import { DeviceQueue } from "../../src/execution/device_queue.ts";
import { schedule, type TaskReport, type Workplace } from "../../src/execution/scheduler.ts";
import type { OperationTask, Task, TaskGraph } from "../../src/execution/task.ts";
import type { Operation } from "../../src/physical/index.ts";

/** A device with a memory of its own that counts what it holds and can be told to fail. */
class FaultyExecutor extends ReferenceExecutor {
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

function workplace(executors: FaultyExecutor[]): Workplace {
  const open: Executor<Resident>[] = executors as unknown as Executor<Resident>[];
  const host = open.at(-1);
  if (host === undefined) throw new Error("a workplace needs a host");
  return {
    executors: new Map(open.map((executor) => [executor.descriptor.id, executor])),
    queues: new Map(open.map((executor) => [executor.descriptor.id, new DeviceQueue(1)])),
    host,
    decodeCsv: () => Promise.reject(new Error("no files here")),
    persisted: () => {
      throw new Error("nothing is persisted here");
    },
  };
}

function numbers(from: number, count: number) {
  const values = Array.from({ length: count }, (_, index) => from + index);
  return { rowCount: count, columns: [columnFromValues(values, INT64)] };
}

const SORT: Operation = {
  kind: "sort",
  keys: [{ column: 0, descending: true, nulls: "last" }],
  limit: null,
};

/** `count` partitions of 10 rows, each sorted on the devices in turn, then concatenated on the host. */
function sortGraph(count: number, devices: readonly string[]): TaskGraph {
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
      earlier: [...sorted],
      windows: null,
    };
    tasks.push(task);
    sorted.push(task.id);
  }
  return { tasks, outputs: sorted };
}

async function firstValues(graph: TaskGraph, place: Workplace, reports: TaskReport[] = []) {
  const partitions = await schedule(graph, place, { onTask: (report) => reports.push(report) });
  const firsts: unknown[] = [];
  for (const partition of partitions) {
    const batch = await partition.toBatch(place.host, { uploaded: 0, downloaded: 0 });
    const [column] = batch.columns;
    firsts.push(column === undefined ? undefined : columnToValues(column)[0]);
    await partition.release();
  }
  return firsts;
}

describe("schedule", () => {
  it("gives the partitions in order and releases what it moved", async () => {
    const gpu = new FaultyExecutor("gpu:0");
    const place = workplace([gpu, new FaultyExecutor("host")]);
    expect(await firstValues(sortGraph(3, ["gpu:0"]), place)).toEqual([9, 20, 31]);
    expect(gpu.held).toBe(0);
  });

  it("tries a task elsewhere when its device is lost, with the same result", async () => {
    const lost = new FaultyExecutor("gpu:0", () => new DeviceLostError("gone"));
    const place = workplace([lost, new FaultyExecutor("gpu:1"), new FaultyExecutor("host")]);
    const reports: TaskReport[] = [];
    expect(await firstValues(sortGraph(3, ["gpu:0", "gpu:1"]), place, reports)).toEqual([
      9, 20, 31,
    ]);
    const sorts = reports.filter((report) => report.operation === "sort");
    expect(sorts.map(({ device, retries }) => [device, retries])).toEqual(
      Array.from({ length: 3 }, () => ["gpu:1", 1]),
    );
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

  it("rejects with an AbortError when the signal is aborted", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    controller.abort(reason);
    const place = workplace([new FaultyExecutor("host")]);
    const run = schedule(sortGraph(2, ["host"]), place, { signal: controller.signal });
    await expect(run).rejects.toMatchObject({ code: "ABORTED", cause: reason });
  });
});

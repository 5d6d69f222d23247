// Many queries on the devices of one session, some of them cancelled on the way, while devices are lost: each ends in its
// own result or in its own cancellation, nothing is left on a device, and nobody waits for ever.

import { describe, expect, it } from "vitest";
import { AbortError, DeviceLostError } from "../../src/base/index.ts";
import { columnToValues } from "../../src/column/index.ts";
import type { Partition } from "../../src/execution/partition.ts";
import { schedule, stream } from "../../src/execution/scheduler.ts";
import type { TaskGraph } from "../../src/execution/task.ts";
import type { Workplace } from "../../src/execution/workplace.ts";
import gpuDataFrame, { col } from "../../src/index.ts";
import { Random } from "../scheduler/random.ts";
import { FaultyExecutor, SORT, sortGraph, workplace } from "./faulty_executor.ts";

const QUERIES = 32;
const NOWHERE = { uploaded: 0, downloaded: 0 };

/** Partitions sorted on any device, put together on one, and sorted again: every result is needed at the end. */
function gathered(count: number, devices: readonly string[]): TaskGraph {
  const { tasks, outputs } = sortGraph(count, devices);
  const placement = { devices, fallback: ["host"], reason: "test" };
  const rest = { placement, partition: 0, inputNames: ["a"], siblings: [], windows: null };
  const whole = tasks.length;
  const concat = { kind: "concat" } as const;
  return {
    tasks: [
      ...tasks,
      {
        kind: "operation",
        id: whole,
        operator: "sort",
        operation: concat,
        inputs: outputs,
        ...rest,
      },
      {
        kind: "operation",
        id: whole + 1,
        operator: "sort",
        operation: SORT,
        inputs: [whole],
        ...rest,
      },
    ],
    outputs: [whole + 1],
  };
}

async function sumOf(partitions: AsyncIterable<Partition> | Iterable<Partition>, place: Workplace) {
  let sum = 0;
  for await (const partition of partitions) {
    const { columns } = await partition.toBatch(place.host, NOWHERE);
    for (const column of columns) for (const value of columnToValues(column)) sum += Number(value);
    await partition.release();
  }
  return sum;
}

describe.each([1, 2, 3, 4])("%i: queries of one session", (seed) => {
  it("all end, whatever is cancelled or lost", async () => {
    const random = new Random(seed);
    const chance = () => random.next();
    // Each card is lost at some point; what it was doing then fails with it.
    const cards = ["gpu:0", "gpu:1", "gpu:2"].map((id, index) => {
      let left = index === 0 ? Number.POSITIVE_INFINITY : 10 + Math.floor(chance() * 30);
      return new FaultyExecutor(id, () =>
        --left < 0 ? new DeviceLostError(`${id} is gone`) : null,
      );
    });
    const host = new FaultyExecutor("host");
    const lost = new Set<string>();
    const lingering: Promise<void>[] = [];
    const place: Workplace = {
      ...workplace([...cards, host]),
      lingers: (until) => void lingering.push(until),
      lost: ({ descriptor }) => void lost.add(descriptor.id),
    };
    const ids = cards.map(({ descriptor }) => descriptor.id);
    const queries = Array.from({ length: QUERIES }, async (_, query) => {
      const count = 2 + Math.floor(chance() * 6);
      const isStream = chance() < 0.4;
      const graph = isStream ? sortGraph(count, ids) : gathered(count, ids);
      const controller = new AbortController();
      const cancelled = chance() < 0.25;
      if (cancelled) setTimeout(() => controller.abort(`stop ${query}`), chance() * 12);
      const options = { collect: true, signal: controller.signal };
      const partitions = isStream
        ? stream(graph, place, { ...options, lookAhead: 2 })
        : await schedule(graph, place, options);
      const rows = Array.from({ length: count }, (_, part) =>
        Array.from({ length: 10 + part }, (_, row) => 10 * part + row),
      ).flat();
      const sum = await sumOf(partitions, place);
      expect(sum).toBe(rows.reduce((total, value) => total + value, 0));
      return "done";
    });
    const ends = await Promise.allSettled(queries);
    await Promise.all(lingering);
    for (const end of ends) {
      if (end.status === "rejected") expect(end.reason).toBeInstanceOf(AbortError);
    }
    const finished = ends.filter(({ status }) => status === "fulfilled").length;
    expect(finished).toBeGreaterThan(QUERIES / 2);
    expect(finished).toBeLessThan(QUERIES);
    expect([...lost].sort()).toEqual(["gpu:1", "gpu:2"]);
    // What a lost card held is gone with it; the others hold nothing.
    expect(cards[0]?.held).toBe(0);
    for (const queue of place.queues.values()) expect(queue.running).toBe(0);
  });
});

it.each([
  { hostMemory: "8MiB", rows: 20_000, partitions: 4, queries: QUERIES },
  // Less than a partition of what sources are cut into where memory allows it.
  { hostMemory: "64KiB", rows: 4_000, queries: 8 },
])("queries that each need more than their share of $hostMemory all finish", async (settings) => {
  const { rows, queries, ...options } = settings;
  await using session = await gpuDataFrame.session({ engine: "cpu", ...options });
  const frame = session.fromColumns({
    k: Array.from({ length: rows }, (_, row) => row % 97),
    x: Float64Array.from({ length: rows }, (_, row) => row),
  });
  const query = (limit: number) =>
    frame
      .filter(col("x").lt(limit))
      .withColumns({ y: col("x").mul(2) })
      .sort("k", { descending: true })
      .agg({ n: col("x").count(), total: col("y").sum() });
  const results = await Promise.all(
    Array.from({ length: queries }, async (_, index) => {
      const limit = rows - 100 * index;
      return (await query(limit).compute()).toRows();
    }),
  );
  expect(results).toEqual(
    Array.from({ length: queries }, (_, index) => {
      const n = rows - 100 * index;
      return [{ n, total: n * (n - 1) }];
    }),
  );
});

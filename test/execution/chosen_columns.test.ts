// Queries of a persisted table read the columns that they need where these are: without a task, a copy or a dispatch.

import { expect, test } from "vitest";
import { batchDifference } from "../../src/column/index.ts";
import gpuDataFrame, { col, type Session } from "../../src/index.ts";

const ROWS = 4000;
const COLUMNS = {
  k: Array.from({ length: ROWS }, (_, row) => `key ${(row * 31) % 17}`),
  x: Float64Array.from({ length: ROWS }, (_, row) => row / 7),
  y: Int32Array.from({ length: ROWS }, (_, row) => row),
  z: Array.from({ length: ROWS }, (_, row) => (row % 3 === 0 ? null : row)),
};

const source = (session: Session) =>
  session.fromColumns(COLUMNS).withColumns({ v: col("x").mul(2), w: col("y").add(1) });

const used = (session: Session, tier: string) =>
  session.memory().find((row) => row.tier === tier)?.used ?? 0;

test.each(["reference", "cpu", "gpu"] as const)(
  "nothing runs to choose columns: %s",
  async (engine) => {
    await using session = await gpuDataFrame.session({ engine, partitions: 2 });
    await using warm = await source(session).persist();
    const { table, tasks } = await warm.select("z", "k").profile();
    expect(tasks).toEqual([]);
    const expected = await source(session).select("z", "k").compute();
    expect(batchDifference(expected.batch, table.batch)).toBeNull();
    const grouped = await warm
      .groupBy("k")
      .agg({ n: col("z").count() })
      .profile();
    expect(new Set(grouped.tasks.map(({ operator }) => operator))).toEqual(new Set(["agg"]));
    expect(warm.select("z").explain()).toMatch(/scan persisted \S+, 1 of 6 columns/);
  },
);

test("a GPU gives the chosen columns back, not all of them", async () => {
  await using session = await gpuDataFrame.session({ engine: "gpu" });
  await using warm = await source(session).persist();
  const before = used(session, "host");
  const stream = warm.select("y").stream();
  const first = await stream.next();
  expect(first.value?.numRows).toBe(ROWS);
  // While the consumer has it, 4 bytes a row came down; all columns are more than 32.
  expect(used(session, "host") - before).toBeLessThan(8 * ROWS);
  await stream.return();
});

test("a table that was chosen from another outlives it, without its other columns", async () => {
  for (const engine of ["cpu", "gpu"] as const) {
    await using session = await gpuDataFrame.session({ engine });
    const warm = await source(session).persist();
    await using own = await warm.select("w").persist();
    const tier = engine === "gpu" ? "device" : "host";
    const both = used(session, tier);
    await warm.unpersist();
    expect(used(session, tier)).toBeLessThan(both / 2);
    expect((await own.agg({ last: col("w").max() }).compute()).toRows()).toEqual([{ last: ROWS }]);
  }
});

test("columns are chosen from partitions on disk", async () => {
  await using session = await gpuDataFrame.session({
    engine: "cpu",
    spill: "always",
    partitions: 3,
  });
  await using free = await gpuDataFrame.session({ engine: "cpu" });
  await using warm = await source(session).persist();
  expect(used(session, "host")).toBe(0);
  const [got, expected] = [
    await warm.select("x", "k").compute(),
    await source(free).select("x", "k").compute(),
  ];
  expect(batchDifference(expected.batch, got.batch)).toBeNull();
});

// The device tier on an adapter with little memory: what is not read goes to the host, and comes back with the same bits.

import { expect, test } from "vitest";
import { batchDifference } from "../../../src/column/index.ts";
import gpuDataFrame, { col, count, type Session } from "../../../src/index.ts";

const ROWS = 65_536;
const BUDGET = 2 ** 20;

const source = (session: Session) =>
  session
    .fromColumns({
      k: Int32Array.from({ length: ROWS }, (_, row) => (row * 31) % 257),
      x: Float64Array.from({ length: ROWS }, (_, row) => row / 7),
    })
    .withColumns({ y: col("x").mul(2), z: col("k").add(1) });

test("partitions that a GPU has no room for wait in host memory", async () => {
  await using cpu = await gpuDataFrame.session({ engine: "cpu" });
  await using gpu = await gpuDataFrame.session({
    engine: "gpu",
    deviceMemory: BUDGET,
    partitions: 8,
  });
  await using warm = await source(gpu).persist();
  const device = () => gpu.memory().find(({ tier }) => tier === "device");
  expect(device()?.used).toBeLessThanOrEqual(BUDGET);
  expect(device()?.spilled).toBeGreaterThan(0);
  expect(gpu.memory().find(({ tier }) => tier === "host")?.used).toBeGreaterThan(BUDGET / 2);
  const { table, tasks } = await warm.filter(col("z").gt(100)).select("y", "z").profile();
  const expected = await source(cpu).filter(col("z").gt(100)).select("y", "z").compute();
  expect(batchDifference(expected.batch, table.batch)).toBeNull();
  const evaluated = tasks.filter(({ operation }) => operation === "evaluate");
  expect(new Set(evaluated.map(({ device: id }) => id))).toEqual(new Set([device()?.id]));
  expect(
    await warm
      .agg({ n: count() })
      .compute()
      .then((t) => t.toRows()),
  ).toEqual([{ n: ROWS }]);
  await warm.unpersist();
  expect(gpu.memory().map(({ used, pinned, spilled }) => [used, pinned, spilled])).toEqual([
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ]);
});

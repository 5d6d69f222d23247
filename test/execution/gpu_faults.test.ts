// A GPU that fails at its n-th submit or map, for every n of a small query: it is lost, refuses a command, or is out of
// memory. The query gives the same bits, nothing stays in device memory, and the session works on.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DeviceLostError } from "../../src/base/index.ts";
import { type Batch, batchDifference } from "../../src/column/index.ts";
import { GpuExecutor, listAdapters } from "../../src/device/gpu/index.ts";
import { Runner, resolveOptions } from "../../src/execution/index.ts";
import { col, count } from "../../src/expr/index.ts";
import { frameFromColumns } from "../../src/frame/index.ts";
import { FaultyDevice } from "./faulty_device.ts";

const rows = Array.from({ length: 300 }, (_, row) => row);

function query(runner: Runner) {
  const frame = frameFromColumns(runner, {
    k: rows.map((row) => (row % 11 === 0 ? null : row % 7)),
    x: rows.map((row) => Math.sin(row) * 1e3),
    s: rows.map((row) => `text ${row % 5}`),
  });
  const groups = frame.groupBy("k").agg({ n: count(), least: col("x").min(), sum: col("x").sum() });
  return frame
    .filter(col("x").gt(-500).and(col("s").ne("text 3")))
    .join(groups, { on: "k" })
    .sort([{ by: "s" }, { by: "x", descending: true }])
    .limit(50);
}

const adapter = (await listAdapters()).at(-1);

describe.runIf(adapter !== undefined)("a GPU that fails", () => {
  const id = adapter?.descriptor.id ?? "";
  let expected: Batch;
  let runner: Runner;
  let device: FaultyDevice;
  let pool: GpuExecutor["context"]["pool"];

  async function open(): Promise<void> {
    runner = new Runner(resolveOptions({ engine: "gpu", devices: [id, "cpu"] }));
    await runner.open();
    const executor = runner.devices.open.get(id)?.executor;
    if (!(executor instanceof GpuExecutor)) throw new Error(`${id} is open`);
    device = new FaultyDevice(executor);
    pool = executor.context.pool;
  }

  const result = async () => (await query(runner).compute()).batch;

  beforeAll(async () => {
    const reference = new Runner(resolveOptions({ engine: "reference" }));
    expected = (await query(reference).compute()).batch;
    await reference.close();
    await open();
  });
  afterAll(async () => await runner.close());

  test.each(["refused", "full"] as const)("%s at every submit and map", async (fault) => {
    device.arm(fault, 0);
    expect(batchDifference(expected, await result())).toBeNull();
    const points = device.points;
    expect(points).toBeGreaterThan(4);
    for (let failAt = 1; failAt <= points; failAt++) {
      device.arm(fault, failAt);
      expect(batchDifference(expected, await result()), `at ${failAt}`).toBeNull();
      expect(device.points, `at ${failAt}`).toBeGreaterThanOrEqual(failAt);
      expect(pool.usedBytes, `at ${failAt}`).toBe(0);
    }
  });

  test("lost at every submit and map", async () => {
    device.arm("lost", 0);
    await result();
    const points = device.points;
    for (let failAt = 1; failAt <= points; failAt++) {
      device.arm("lost", failAt);
      expect(batchDifference(expected, await result()), `at ${failAt}`).toBeNull();
      // The session goes on without it.
      expect(batchDifference(expected, await result()), `after ${failAt}`).toBeNull();
      await runner.close();
      await open();
    }
  });

  test.each(["refused", "full"] as const)(
    "%s at every submit and map while columns of what it has become a table of their own",
    async (fault) => {
      const kept = await query(runner).persist();
      const bits = (await query(runner).select("x", "n").compute()).batch;
      device.armAll(() => null);
      const columns = async () => await kept.select("x", "n").persist();
      await (await columns()).unpersist();
      const points = device.points;
      expect(points).toBeGreaterThan(0);
      for (let failAt = 1; failAt <= points; failAt++) {
        device.arm(fault, failAt);
        const own = await columns();
        device.armAll(() => null);
        expect(batchDifference(bits, (await own.compute()).batch), `at ${failAt}`).toBeNull();
        await own.unpersist();
      }
      await kept.unpersist();
      for (const { tier, used } of runner.memory()) expect(used, tier).toBe(0);
    },
  );

  test("lost while columns of what it has become a table of their own", async () => {
    const kept = await query(runner).persist();
    device.arm("lost", 1);
    await expect(kept.select("x", "n").persist()).rejects.toThrow(DeviceLostError);
    await kept.unpersist();
    for (const { tier, used } of runner.memory()) expect(used, tier).toBe(0);
    expect(batchDifference(expected, await result())).toBeNull();
    await runner.close();
    await open();
  });

  test("refusing twice what was persisted on it", async () => {
    const kept = await query(runner).persist();
    const other = await query(runner).persist();
    expect(pool.usedBytes).toBeGreaterThan(0);
    device.armAll(() => "refused");
    // The query has no other task for the device: nobody else would have told the session.
    await expect(kept.compute()).rejects.toThrow(DeviceLostError);
    // By now the session has lost it.
    await expect(other.compute()).rejects.toThrow(DeviceLostError);
    device.armAll(() => null);
    expect(runner.devices.open.has(id)).toBe(false);
    for (const frame of [kept, other]) await frame.unpersist();
    for (const { tier, used } of runner.memory()) expect(used, tier).toBe(0);
    expect(batchDifference(expected, await result())).toBeNull();
    await runner.close();
    await open();
  });
});

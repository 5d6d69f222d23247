// A lost GPU is out of its session until recover() opens it again. Nothing of what it had is taken for what it has then.

import { afterEach, describe, expect, test, vi } from "vitest";
import { AbortError, DeviceLostError, NoDeviceError } from "../../src/base/index.ts";
import { batchDifference } from "../../src/column/index.ts";
import { GpuExecutor, listAdapters } from "../../src/device/gpu/index.ts";
import { Runner, resolveOptions, type SessionOptions } from "../../src/execution/index.ts";
import { col, count } from "../../src/expr/index.ts";
import { frameFromColumns } from "../../src/frame/index.ts";

const rows = Array.from({ length: 3000 }, (_, row) => row);

function frameOf(runner: Runner) {
  const keys = rows.map((row) => row % 7);
  return frameFromColumns(runner, { k: keys, x: rows.map((row) => Math.sin(row)) });
}

function query(runner: Runner) {
  return frameOf(runner)
    .groupBy("k")
    .agg({ n: count(), sum: col("x").sum() })
    .sort("k");
}

const adapters = (await listAdapters()).map(({ descriptor }) => descriptor.id);
let runner: Runner;
afterEach(async () => await runner?.close());

async function open(devices: readonly string[], options: SessionOptions = {}): Promise<void> {
  const settings = { engine: "gpu", devices, partitions: 3, costs: "even", ...options } as const;
  runner = new Runner(resolveOptions(settings));
  await runner.open();
}

function gpuOf(id: string): GpuExecutor {
  const executor = runner.devices.open.get(id)?.executor;
  if (!(executor instanceof GpuExecutor)) throw new Error(`${id} is open`);
  return executor;
}

async function lose(id: string): Promise<GpuExecutor> {
  const executor = gpuOf(id);
  executor.context.device.raw.destroy();
  await executor.context.device.raw.lost;
  return executor;
}

const computed = async () => (await query(runner).compute()).batch;

async function expected() {
  const reference = new Runner(resolveOptions({ engine: "reference" }));
  const { batch } = await query(reference).compute();
  await reference.close();
  return batch;
}

async function devicesOf(): Promise<string[]> {
  const { tasks } = await query(runner).profile();
  return [...new Set(tasks.map(({ device }) => device))].sort();
}

const used = () => runner.memory().map((row) => [row.id, row.used, row.pinned, row.spilled]);

describe.runIf(adapters.length > 0)("recover()", () => {
  const id = adapters.at(-1) ?? "";

  test("opens what a query found lost, and later queries use it", async () => {
    await open([id, "cpu"]);
    const bits = await expected();
    await lose(id);
    expect(runner.devices.stateOf(id)).toBe("lost");
    expect(batchDifference(bits, await computed())).toBeNull();
    expect(await devicesOf()).not.toContain(id);
    expect(query(runner).explain()).not.toContain(id);
    expect(runner.memory().map((row) => row.id)).not.toContain(id);
    expect(await runner.recover()).toEqual([id]);
    expect(runner.devices.stateOf(id)).toBe("open");
    expect(await devicesOf()).toContain(id);
    expect(batchDifference(bits, await computed())).toBeNull();
    expect(used()).toEqual([
      [id, 0, 0, 0],
      ["host", 0, 0, 0],
      ["disk", 0, 0, 0],
    ]);
  });

  test("opens what no query has found lost yet", async () => {
    await open([id, "cpu"]);
    await lose(id);
    expect(await runner.recover()).toEqual([id]);
    expect(await devicesOf()).toContain(id);
  });

  test("does nothing where nothing was lost, and opens once for two calls", async () => {
    await open([id, "cpu"]);
    const executor = gpuOf(id);
    expect(await runner.recover()).toEqual([]);
    expect(gpuOf(id)).toBe(executor);
    await lose(id);
    expect(await Promise.all([runner.recover(), runner.recover()])).toEqual([[id], [id]]);
    expect(await runner.recover()).toEqual([]);
  });

  test("what was persisted there stays lost, and is persisted again", async () => {
    await open([id, "cpu"]);
    const kept = await query(runner).persist();
    await lose(id);
    await runner.recover();
    await expect(kept.compute()).rejects.toThrow(DeviceLostError);
    // The query that found it lost did not take the new device for the old one.
    expect(runner.devices.stateOf(id)).toBe("open");
    await kept.unpersist();
    await using again = await query(runner).persist();
    expect(batchDifference(await expected(), (await again.compute()).batch)).toBeNull();
  });

  test("a stream that began on the lost device goes on without the new one", async () => {
    await open([id, "cpu"], { partitions: 40 });
    const filtered = frameOf(runner).filter(col("x").gt(-0.5));
    const whole = await filtered.compute();
    const lost = gpuOf(id);
    const parts = filtered.stream();
    const batches = [(await parts.next()).value];
    await lose(id);
    expect(await runner.recover()).toEqual([id]);
    const opened = gpuOf(id);
    expect(opened).not.toBe(lost);
    for await (const part of parts) batches.push(part);
    expect(batches.length).toBeGreaterThan(30);
    const values = batches.flatMap((part) => part?.toRows() ?? []);
    expect(values).toEqual(whole.toRows());
    expect(gpuOf(id)).toBe(opened);
    expect(opened.context.counters.dispatches).toBe(0);
  });

  test("a lost device is let go of once no query runs", async () => {
    await open([id, "cpu"]);
    const { pool } = (await lose(id)).context;
    await computed();
    await runner.recover();
    await computed();
    expect(pool.heldBytes).toBe(0);
  });

  test("again and again", async () => {
    await open([id, "cpu"]);
    const bits = await expected();
    for (let round = 0; round < 5; round++) {
      const computing = computed();
      if (round % 2 === 1) await lose(id);
      else gpuOf(id).context.device.raw.destroy();
      expect(batchDifference(bits, await computing)).toBeNull();
      expect(await runner.recover()).toEqual([id]);
    }
  });

  test.runIf(adapters.length > 1)("one of two", async () => {
    const [first = "", second = ""] = adapters;
    await open([first, second]);
    const bits = await expected();
    const kept = gpuOf(first);
    await lose(second);
    expect(batchDifference(bits, await computed())).toBeNull();
    expect(await runner.recover()).toEqual([second]);
    expect(gpuOf(first)).toBe(kept);
    await lose(first);
    expect(await devicesOf()).toContain(second);
    expect(batchDifference(bits, await computed())).toBeNull();
  });

  test("a device that does not open is named, and may open later", async () => {
    await open([id, "cpu"]);
    await lose(id);
    const adapter = (await listAdapters()).at(-1);
    if (adapter === undefined) throw new Error("there is an adapter");
    const request = vi.spyOn(adapter, "request").mockResolvedValueOnce(null);
    const refused = await runner.recover().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(NoDeviceError);
    expect(String(refused)).toContain(`${id} could not be opened again`);
    request.mockRestore();
    expect(runner.devices.stateOf(id)).toBe("lost");
    expect(batchDifference(await expected(), await computed())).toBeNull();
    expect(await runner.recover()).toEqual([id]);
  });

  test("not in a session that is closed", async () => {
    await open([id, "cpu"]);
    await lose(id);
    await runner.close();
    await expect(runner.recover()).rejects.toThrow(AbortError);
  });
});

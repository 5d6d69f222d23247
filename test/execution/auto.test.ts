// What `auto` chooses: by predicted times, from costs that were measured on this machine, and never a device for its name.

import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listGpuAdapters, openHosts } from "../../src/device/index.ts";
import { calibrate } from "../../src/execution/costs/calibrate.ts";
import { loadCosts, saveCosts } from "../../src/execution/costs/cost_cache.ts";
import { Session } from "../../src/frame/index.ts";
import { col, count } from "../../src/index.ts";
import { type DeviceCosts, defaultCosts } from "../../src/physical/index.ts";
import { folderOfRun } from "../temporary_folder.ts";

const GPU = { kind: "gpu", software: false, threads: 1 } as const;

const cacheBefore = process.env.GPUDATAFRAME_CACHE;
let directory: string;

beforeEach(() => {
  directory = folderOfRun();
  process.env.GPUDATAFRAME_CACHE = directory;
  process.env.GPUDATAFRAME_AUTO_SOFTWARE = "1";
});

afterEach(() => {
  process.env.GPUDATAFRAME_CACHE = cacheBefore;
  delete process.env.GPUDATAFRAME_AUTO_SOFTWARE;
});

/** Every adapter of this machine is said to be so many times as fast as a small real GPU. */
async function pretend(speed: number): Promise<void> {
  const typical = defaultCosts(GPU);
  const scale = <R extends object>(rates: R): R =>
    Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, rate * speed])) as R;
  const costs: DeviceCosts = {
    launchMs: typical.launchMs / speed,
    uploadBytesPerMs: typical.uploadBytesPerMs * speed,
    downloadBytesPerMs: typical.downloadBytesPerMs * speed,
    unitsPerMs: scale(typical.unitsPerMs),
  };
  for (const { descriptor } of await listGpuAdapters())
    await saveCosts(directory, descriptor, costs);
}

function frameOf(session: Session, rowCount: number) {
  const key = Int32Array.from({ length: rowCount }, (_, row) => (row * 7919) % 100);
  const value = Float64Array.from({ length: rowCount }, (_, row) => row / 8);
  return session
    .fromColumns({ key, value })
    .groupBy("key")
    .agg({ n: count(), total: col("value").sum() });
}

function devicesIn(plan: string): string {
  return plan.includes("on gpu:") ? "gpu" : "cpu";
}

describe("what is predicted decides", () => {
  const cases = [
    { name: "a small query stays on the CPU beside a fast GPU", speed: 1, rows: 100, on: "cpu" },
    { name: "a GPU whose costs say so takes a larger one", speed: 1e4, rows: 50_000, on: "gpu" },
    { name: "a slow one never does", speed: 1e-3, rows: 50_000, on: "cpu" },
  ];
  test.each(cases)("$name", async ({ speed, rows, on }) => {
    await pretend(speed);
    await using session = new Session();
    const query = frameOf(session, rows);
    // Opens the adapters; without this, `auto` opens them for a query that is predicted to take long.
    const named = await query.compute({ engine: "gpu" });
    const plan = query.explain();
    expect(plan).toMatch(/\(auto: predicted (cpu|gpu|gpu and cpu) [\d.]+ ms, against /);
    expect(devicesIn(plan.slice(plan.indexOf("Physical")))).toBe(on);
    expect((await query.compute()).toRows()).toEqual(named.toRows());
  });

  test("software adapters are left alone, whatever their costs", async () => {
    delete process.env.GPUDATAFRAME_AUTO_SOFTWARE;
    await pretend(1e4);
    await using session = new Session();
    const query = frameOf(session, 50_000);
    await query.compute({ engine: "gpu" });
    const plan = query.explain();
    expect(plan).not.toContain("(auto: predicted");
    expect(devicesIn(plan.slice(plan.indexOf("Physical")))).toBe("cpu");
  });
});

test("a query that is predicted to take long opens the adapters, and a later process finds their costs", async () => {
  await pretend(1e-3);
  // With the threads of a large machine it would not be long.
  await using session = new Session({ threads: 2 });
  const long = session
    .fromColumns({ a: Int32Array.from({ length: 300_000 }, (_, row) => (row * 31) % 1009) })
    .withColumns(
      Object.fromEntries([..."bcdefghijklmnopq"].map((name, index) => [name, col("a").add(index)])),
    )
    .sort([..."abcdefghijklmnopq"].map((by) => ({ by })))
    .select("a");
  expect(long.explain()).not.toContain("(auto: predicted");
  await long.compute();
  expect(long.explain()).toContain("(auto: predicted cpu");
});

describe("measuring", () => {
  test("gives positive finite rates, which survive the disk", async () => {
    const [cpu] = openHosts({ threads: 1, isa: null, memory: null });
    if (cpu === undefined) throw new Error("a host executor is always there");
    const costs = await calibrate(cpu.executor);
    expect(costs.launchMs).toBeGreaterThan(0);
    for (const rate of Object.values(costs.unitsPerMs)) {
      expect(rate).toBeGreaterThan(0);
      expect(Number.isFinite(rate)).toBe(true);
    }
    await saveCosts(directory, cpu.descriptor, costs);
    expect(await loadCosts(directory, cpu.descriptor)).toEqual(costs);
    expect(await loadCosts(directory, { ...cpu.descriptor, threads: 2 })).toBeNull();
    expect(readdirSync(directory)).toHaveLength(1);
  });

  test("a directory that takes no file costs nothing, and nothing is left beside", async () => {
    const [cpu] = openHosts({ threads: 1, isa: null, memory: null });
    if (cpu === undefined) throw new Error("a host executor is always there");
    const { descriptor } = cpu;
    const costs = defaultCosts(GPU);
    await saveCosts(join(directory, "new", "below"), descriptor, costs);
    expect(await loadCosts(join(directory, "new", "below"), descriptor)).toEqual(costs);
    await saveCosts(directory, descriptor, costs);
    const [file = ""] = readdirSync(directory).filter((name) => name !== "new");
    // A directory in the file's place, a file in the directory's, one below which none can be made, no path at all.
    rmSync(join(directory, file));
    mkdirSync(join(directory, file));
    for (const wrong of [directory, join(directory, file, "x\0"), "/proc/none/of/these"]) {
      await saveCosts(wrong, descriptor, costs);
      expect(await loadCosts(wrong, descriptor)).toBeNull();
    }
    writeFileSync(join(directory, "taken"), "");
    await saveCosts(join(directory, "taken"), descriptor, costs);
    expect(readdirSync(directory).toSorted()).toEqual([file, "new", "taken"].toSorted());
  });

  test("who reads while two write finds one or the other", async () => {
    const [cpu] = openHosts({ threads: 1, isa: null, memory: null });
    if (cpu === undefined) throw new Error("a host executor is always there");
    const { descriptor } = cpu;
    const written = [1, 2].map((launchMs) => ({ ...defaultCosts(GPU), launchMs }));
    const save = async (costs: DeviceCosts) => {
      for (let round = 0; round < 40; round++) await saveCosts(directory, descriptor, costs);
    };
    await saveCosts(directory, descriptor, written[0]!);
    const writing = Promise.all(written.map(save));
    for (let round = 0; round < 40; round++)
      expect(written).toContainEqual(await loadCosts(directory, descriptor));
    await writing;
    expect(readdirSync(directory)).toHaveLength(1);
  });

  test.each(["", "{", "{}", '{"launchMs":-1}'])("a file that says %j is no file", async (text) => {
    const [cpu] = openHosts({ threads: 1, isa: null, memory: null });
    if (cpu === undefined) throw new Error("a host executor is always there");
    await saveCosts(directory, cpu.descriptor, defaultCosts(GPU));
    const [file] = readdirSync(directory);
    writeFileSync(join(directory, file ?? ""), text);
    expect(await loadCosts(directory, cpu.descriptor)).toBeNull();
  });
});

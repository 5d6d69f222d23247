// What onProgress is told adds up: over stages, spilling, streams, slices, and files that contradict their sample.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AnyDataFrame, col, count, type Progress, Session } from "../../src/index.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const ROWS = 60_000;
const folder = temporaryFolder();
const out = join(folder, "out.csv");

type Run = (frame: AnyDataFrame, onProgress: (progress: Progress) => void) => Promise<unknown>;

const ways: Readonly<Record<string, Run>> = {
  compute: (frame, onProgress) => frame.compute({ onProgress }),
  count: (frame, onProgress) => frame.count({ onProgress }),
  head: (frame, onProgress) => frame.head(3, { onProgress }),
  persist: async (frame, onProgress) => await (await frame.persist({ onProgress })).unpersist(),
  writeCsv: (frame, onProgress) => frame.writeCsv(out, { onProgress }),
  stream: async (frame, onProgress) => {
    let rows = 0;
    for await (const table of frame.stream({ onProgress })) rows += table.numRows;
    return rows;
  },
};

const frames: Readonly<Record<string, (source: AnyDataFrame, file: AnyDataFrame) => AnyDataFrame>> =
  {
    filter: (source) => source.filter(col("x").gt(100)),
    nothing: (source) => source.filter(col("x").lt(-1)),
    group: (source) => source.groupBy("x").agg({ n: count() }),
    sort: (source) => source.sort("y"),
    join: (source) => source.join(source.groupBy("y").agg({ n: count() }), { on: "y" }),
    "slice, then sort": (source) => source.slice(10_000, 5000).sort("x"),
    file: (_, file) => file.groupBy("a").agg({ n: count() }).sort("n"),
  };

describe("progress", () => {
  let session: Session;
  let source: AnyDataFrame;
  let file: AnyDataFrame;
  let late: AnyDataFrame;
  beforeAll(async () => {
    session = new Session({ engine: "cpu", partitions: 7, hostMemory: "3MiB" });
    source = session
      .fromColumns({ x: Float64Array.from({ length: ROWS }, (_, row) => (row * 7919) % 5000) })
      .withColumns({ y: col("x").add(1) });
    const written = async (name: string, text: (row: number) => string) => {
      const path = join(folder, name);
      const lines = Array.from({ length: 20_000 }, (_, row) => `${text(row)},${row}`);
      writeFileSync(path, `a,b\n${lines.join("\n")}\n`);
      return (await session.readCsv(path)) as AnyDataFrame;
    };
    file = await written("in.csv", (row) => `${row % 100}`);
    late = await written("late.csv", (row) => (row === 18_000 ? "text" : `${row}`));
  });
  afterAll(async () => await session.close());

  async function seen(run: Run, frame: AnyDataFrame): Promise<readonly Progress[]> {
    const all: Progress[] = [];
    await run(frame, (progress) => all.push(progress));
    return all;
  }

  /** In every order: sums over devices, bounds, and a fraction that never goes backwards and is 1 once. */
  function check(all: readonly Progress[]): Progress {
    let before = 0;
    for (const { fraction, tasksDone, tasksTotal, rows, bytes, devices } of all) {
      expect(fraction).toBeGreaterThanOrEqual(before);
      expect(fraction).toBeLessThanOrEqual(1);
      expect(tasksDone).toBeLessThanOrEqual(tasksTotal);
      const told = Object.values(devices);
      expect(told.reduce((sum, device) => sum + device.rows, 0)).toBe(rows);
      expect(told.reduce((sum, device) => sum + device.bytes, 0)).toBe(bytes);
      before = fraction;
    }
    expect(all.filter(({ fraction }) => fraction === 1)).toEqual(all.slice(-1));
    return all.at(-1)!;
  }

  const cases = Object.keys(frames).flatMap((name) =>
    Object.keys(ways).map((way) => [name, way] as const),
  );
  test.each(cases)("%s, %s", async (name, way) => {
    const end = check(await seen(ways[way]!, frames[name]!(source, file)));
    const { cpu, ...others } = end.devices;
    expect(others).toEqual({});
    // Each task that is done has run, and ran once.
    expect(cpu?.tasks).toBe(end.tasksDone);
    if (way === "compute") expect(end.tasksDone).toBe(end.tasksTotal);
  });

  test.each(Object.keys(ways))("a file that contradicts its sample, %s", async (way) => {
    check(await seen(ways[way]!, late.groupBy("a").agg({ n: count() })));
  });

  test("what profile() tells of tasks is what onProgress was told", async () => {
    for (const frame of Object.values(frames)) {
      const all: Progress[] = [];
      const { tasks } = await frame(source, file).profile({ onProgress: (now) => all.push(now) });
      const { rows, bytes, devices } = check(all);
      expect(tasks).toHaveLength(devices.cpu!.tasks);
      expect(tasks.reduce((sum, { rowsOut }) => sum + rowsOut, 0)).toBe(rows);
      expect(tasks.reduce((sum, { bytesOut }) => sum + bytesOut, 0)).toBe(bytes);
      for (const { waitMs, ms, computeMs, predictedMs } of tasks) {
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(computeMs).toBeGreaterThanOrEqual(0);
        expect(ms).toBeGreaterThanOrEqual(computeMs);
        expect(predictedMs).toBeGreaterThanOrEqual(0);
      }
    }
  });
});

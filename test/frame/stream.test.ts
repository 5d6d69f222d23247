// stream() and the writers through the public API: results flow out partition by partition.

import { getEventListeners } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { col, count, type Progress, Session } from "../../src/index.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const PARTITIONS = 24;
const ROWS = 12_000;

describe("streams", () => {
  const folder = temporaryFolder();
  let session: Session;
  let path = "";
  beforeAll(async () => {
    path = join(folder, "in.csv");
    const lines = Array.from({ length: ROWS }, (_, row) => `${row},name-${row % 7},t${row}`);
    await writeFile(path, `id,name,text\n${lines.join("\n")}\n`);
    session = new Session({ engine: "cpu", partitions: PARTITIONS });
  });
  afterAll(async () => {
    await session.close();
  });

  test("a scan, filter, select gives every row in order", async () => {
    const frame = (await session.readCsv(path)).filter(col("id").mod(2).eq(0)).select("id", "name");
    const rows: object[] = [];
    for await (const table of frame.stream({ rows: 30 })) rows.push(...table.toRows());
    expect(rows).toEqual((await frame.compute()).toRows());
    expect(rows).toHaveLength(ROWS / 2);
  });

  test.each(["map", "sort", "join"])(
    "a consumer that cancels need not come back: %s",
    async (kind) => {
      await using own = new Session({ engine: "cpu", partitions: 6, hostMemory: "16MiB" });
      const facts = own
        .fromColumns({ x: Float64Array.from({ length: 60_000 }, (_, row) => (row * 7919) % 5000) })
        .withColumns({ y: col("x").mul(2) });
      const counted = facts.groupBy("y").agg({ n: count() });
      const frames = { map: facts, sort: facts.sort("y"), join: facts.join(counted, { on: "y" }) };
      const controller = new AbortController();
      const { signal } = controller;
      const stream = frames[kind as "map"].stream({ signal });
      expect((await stream.next()).done).toBe(false);
      expect(own.memory().some(({ used, pinned }) => used + pinned > 0)).toBe(true);
      controller.abort("enough");
      const held = () =>
        own.memory().filter(({ used, pinned, spilled }) => used + pinned + spilled > 0);
      await vi.waitFor(() => expect(held()).toEqual([]), { timeout: 20_000, interval: 5 });
      await expect(stream.next()).rejects.toMatchObject({ code: "ABORTED", cause: "enough" });
      expect(getEventListeners(signal, "abort")).toEqual([]);
      expect(held()).toEqual([]);
    },
  );

  test("no table comes once the signal has aborted, of what is there either", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const stream = session.fromColumns({ x: [1, 2, 3, 4] }).stream({ rows: 1, signal });
    expect((await stream.next()).value?.toRows()).toEqual([{ x: 1 }]);
    controller.abort("enough");
    await expect(stream.next()).rejects.toMatchObject({ code: "ABORTED", cause: "enough" });
    expect((await stream.next()).done).toBe(true);
  });

  test.each([
    ["behind the last row", (row: number) => row < 500],
    ["before the first row", (row: number) => row >= 5500],
    ["in every line", () => false],
    ["nowhere", () => true],
  ])("lines that are left out %s are told of", async (_, isGood) => {
    const lenient = join(folder, "lenient.csv");
    // Fewer than a query keeps.
    const lines = Array.from({ length: 6000 }, (_, row) => (isGood(row) ? `${row}` : `bad${row}`));
    await writeFile(lenient, `id\n${lines.join("\n")}\n`);
    const frame = await session.readCsv(lenient, { schema: { id: "int64" }, onError: "skip" });
    const rows: object[] = [];
    const lefts: number[] = [];
    for await (const table of frame.stream()) {
      rows.push(...table.toRows());
      lefts.push(...table.rejects.map(({ line }) => line));
    }
    const whole = await frame.compute();
    expect(rows).toEqual(whole.toRows());
    expect(lefts.toSorted((a, b) => a - b)).toEqual(whole.rejects.map(({ line }) => line));
    expect(new Set(lefts).size).toBe(lefts.length);
    const told = { rows: whole.numRows, rejects: whole.rejects };
    expect(await frame.writeCsv(join(folder, "good.csv"))).toEqual(told);
    expect(await frame.writeArrow(join(folder, "good.arrow"))).toEqual(told);
    await using warm = await frame.persist();
    expect({ rows: await warm.count(), rejects: warm.rejects }).toEqual(told);
    expect((await warm.compute()).rejects).toEqual([]);
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    await frame.show(1);
    const bad = (await frame.head(1)).rejects.length;
    const said = log.mock.calls.flat().filter((text) => String(text).includes("bad line"));
    log.mockRestore();
    expect(said).toEqual(bad === 0 ? [] : [`${bad} bad lines: see compute().rejects`]);
  });

  test("only a few partitions are ahead of the consumer", async () => {
    let last: Progress | null = null;
    const onProgress = (progress: Progress) => {
      last = progress;
    };
    const values = Array.from({ length: 100 * PARTITIONS }, (_, row) => row);
    const frame = session.fromColumns({ value: values }).filter(col("value").ge(0));
    const counts: number[] = [];
    for await (const _ of frame.stream({ onProgress })) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      counts.push((last as Progress | null)?.tasksDone ?? 0);
      if (counts.length === 4) break;
    }
    // A scan and a filter for each that was taken, and for as many ahead as devices have places: 2 and 1.
    for (const [taken, done] of counts.entries()) {
      expect(done).toBeLessThanOrEqual(2 * (taken + 1 + 3));
    }
    expect((last as Progress | null)?.tasksTotal).toBe(2 * PARTITIONS);
  });

  test("written files hold what compute() gives, whatever the encoding of each partition", async () => {
    const frame = await session.readCsv(path);
    const expected = (await frame.compute()).toRows();
    await frame.writeCsv(join(folder, "out.csv"));
    expect(await readFile(join(folder, "out.csv"), "utf8")).toBe(await readFile(path, "utf8"));
    await frame.writeArrow(join(folder, "out.arrow"));
    const arrow = await session.readArrow(join(folder, "out.arrow"));
    expect((await arrow.compute()).toRows()).toEqual(expected);
    await frame.writeCsv(join(folder, "out.csv.gz"));
    const unpacked = await session.readCsv(join(folder, "out.csv.gz"));
    expect((await unpacked.compute()).toRows()).toEqual(expected);
  });

  test("a query that fails leaves what was in the file, and nothing beside it", async () => {
    const target = join(folder, "kept.csv");
    await writeFile(target, "before");
    const failing = (await session.readCsv(path)).select(col("text").cast("int64"));
    await expect(failing.writeCsv(target)).rejects.toThrow(/cast|t0/);
    await expect(failing.writeArrow(target)).rejects.toThrow(/cast|t0/);
    expect(await readFile(target, "utf8")).toBe("before");
    expect((await readdir(folder)).filter((name) => name.endsWith(".partial"))).toEqual([]);
  });

  describe("a file that contradicts its sample late", () => {
    const late = async () => {
      const name = join(folder, "late.csv");
      const lines = Array.from({ length: 3000 }, (_, row) => (row === 2990 ? "0.5" : String(row)));
      await writeFile(name, `value\n${lines.join("\n")}\n`);
      return await session.readCsv(name, { sampleBytes: 64 });
    };

    test("a writer starts over", async () => {
      const frame = await late();
      await frame.writeCsv(join(folder, "late-out.csv"));
      const written = await readFile(join(folder, "late-out.csv"), "utf8");
      expect(written.split("\n").slice(1, 3)).toEqual(["0.0", "1.0"]);
      expect(written).toContain("\n0.5\n");
    });

    test("a stream whose tables were taken says what to do", async () => {
      const frame = await late();
      const consume = async () => {
        for await (const _ of frame.stream())
          await new Promise((resolve) => setTimeout(resolve, 1));
      };
      await expect(consume()).rejects.toMatchObject({
        code: "PARSE_ERROR",
        column: "value",
        line: 2992,
        hint: 'Give readCsv schema: { "value": "float64" }, or a larger sampleBytes.',
      });
    });
  });
});

describe("onProgress", () => {
  test("counts tasks, rows and bytes by device, and ends at 1", async () => {
    const session = new Session({ engine: "cpu", partitions: 5 });
    const frame = session.fromColumns({ k: Array.from({ length: 100 }, (_, row) => row % 3) });
    const seen: Progress[] = [];
    const query = frame
      .filter(col("k").gt(0))
      .groupBy("k")
      .agg({ n: col("k").count() });
    await query.compute({ onProgress: (progress) => seen.push(progress) });
    await session.close();
    const fractions = seen.map(({ fraction }) => fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.filter((fraction) => fraction === 1)).toHaveLength(1);
    const last = seen.at(-1);
    expect(last?.fraction).toBe(1);
    expect(last?.tasksDone).toBe(last?.tasksTotal);
    expect(Object.keys(last?.devices ?? {})).toEqual(["cpu"]);
    const cpu = last?.devices.cpu;
    expect(cpu?.rows).toBe(last?.rows);
    expect(cpu?.bytes).toBe(last?.bytes);
    // 100 rows were cut, two thirds of them kept.
    expect(last?.rows).toBeGreaterThanOrEqual(100 + 66);
  });
});

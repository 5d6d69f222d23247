// Lines that `onError` leaves out are the same ones whatever a query reads of the file.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { col, count, type DataFrame, Session } from "../../src/index.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const folder = temporaryFolder();
const path = join(folder, "bad.csv");
const ROWS = 3000;
beforeAll(async () => {
  const lines = Array.from({ length: ROWS }, (_, row) => {
    if (row % 5 === 3) return `${row},zz,t${row}`;
    if (row % 7 === 2) return `${row},1`;
    return `${row},${row % 10},t${row}`;
  });
  await writeFile(path, `id,value,text\n${lines.join("\n")}\n`);
});
const good = Array.from({ length: ROWS }, (_, row) => row).filter(
  (row) => row % 5 !== 3 && row % 7 !== 2,
);

const sessions = [
  { name: "reference", options: { engine: "reference" } },
  { name: "reference, rules off", options: { engine: "reference", disableRules: "all" } },
  { name: "cpu", options: { engine: "cpu" } },
  { name: "cpu, many partitions", options: { engine: "cpu", partitionBytes: 4096 } },
] as const;

describe.each(sessions)("$name", ({ options }) => {
  const session = new Session(options);
  afterAll(() => session.close());
  const frame = async () =>
    (await session.readCsv(path, {
      schema: { id: "int64", value: "int64" },
      onError: "skip",
    })) as unknown as DataFrame;

  test.each([
    ["all columns", (f: DataFrame) => f],
    ["one column", (f: DataFrame) => f.select("id")],
    ["another one", (f: DataFrame) => f.select("text")],
    ["none of them", (f: DataFrame) => f.select(col("id").mul(0).as("one"))],
    ["behind a filter", (f: DataFrame) => f.filter(col("id").ge(0)).select("text")],
  ] as const)("%s", async (_, of) => {
    const table = await of(await frame()).compute();
    expect(table.numRows).toBe(good.length);
    expect(table.rejects).toHaveLength(ROWS - good.length);
  });

  test("counts, sums and groups", async () => {
    const f = await frame();
    expect(await f.count()).toBe(good.length);
    const total = await f.agg({ sum: col("id").sum(), n: count() }).compute();
    expect(total.toRows()).toEqual([
      { sum: good.reduce((sum, row) => sum + row, 0), n: good.length },
    ]);
    expect(await f.groupBy("text").agg({}).count()).toBe(good.length);
  });

  test("the first rows", async () => {
    const table = await (await frame()).select("id").limit(50).compute();
    expect(table.toRows().map(({ id }) => id)).toEqual(good.slice(0, 50));
  });
});

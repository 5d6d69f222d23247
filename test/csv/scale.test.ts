// Wide, long and many: 10^5 columns, records over the limit, thousands of dictionary entries, statistics.
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadAddon, readCsv } from "../../src/device/cpu/index.ts";
import { openCsv, parseCsv } from "../../src/io/index.ts";
import { cellsOf, fileOf, natives, readers, sourceOf } from "./readers.ts";

const addon = loadAddon();
if (!addon.ok) throw new Error(addon.reason);
const context = { native: addon.native, threads: 2 };

/** Repeatable numbers of [0, 1). */
function* random(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

const numbers = random(7);
const pick = (count: number) => Math.floor(numbers.next().value * count);
const rows = Array.from({ length: 30_000 }, (_, row) => ({
  few: `id${pick(50)}`,
  many: `a longer key ${pick(9000)}`,
  unique: `row-${row}-${pick(1e9)}`,
  quoted: pick(10) === 0 ? null : `say "${pick(5)}",\n${pick(3)}`,
  i: pick(1000) === 0 ? null : pick(2000) - 1000,
  f: (pick(2e6) - 1e6) / 1024,
}));
const cell = (value: string | null) => (value === null ? "" : `"${value.replaceAll('"', '""')}"`);
const content = `few,many,unique,quoted,i,f\n${rows
  .map(
    ({ few, many, unique, quoted, i, f }) =>
      `${few},${many},${unique},${cell(quoted)},${i ?? ""},${f}\n`,
  )
  .join("")}`;
const path = fileOf(content, "scale.csv");

describe("30,000 rows", () => {
  test.each([...natives])("$name gives what was written", async (reader) => {
    const source = await openCsv(path);
    const result = await reader.read(source, { columns: source.schema.names });
    if (result.kind !== "rows") throw new Error("conflicts");
    const cells = cellsOf(source.schema.names, result.batch);
    for (const name of ["few", "many", "unique", "quoted", "f"] as const) {
      expect(cells[name]).toEqual(rows.map((row) => row[name]));
    }
    expect(cells.i).toEqual(rows.map(({ i }) => (i === null ? null : BigInt(i))));
  });

  test.each([...natives])(
    "$name gives dictionaries in order of first appearance",
    async (reader) => {
      const source = await openCsv(path, { columns: ["few", "many"] });
      const result = await reader.read(source, { columns: ["few", "many"] });
      if (result.kind !== "rows") throw new Error("conflicts");
      for (const [index, name] of (["few", "many"] as const).entries()) {
        const data = result.batch.columns[index]!.data;
        if (data.encoding !== "dictionary") throw new Error(data.encoding);
        const texts = Array.from({ length: data.dictionary.size }, (_, code) =>
          data.dictionary.text(code),
        );
        expect(texts).toEqual([...new Set(rows.map((row) => row[name]))]);
      }
    },
  );

  test.each([...natives])(
    "$name gives them so below a limit, between blank lines",
    async (reader) => {
      const texts = Array.from({ length: 3000 }, (_, row) => `text ${row}`);
      const source = await sourceOf(`t,i\n${texts.map((text) => `${text},1\n\n\n`).join("")}`);
      const result = await reader.read(source, { columns: ["t"], limit: 2000 });
      const data = result.kind === "rows" ? result.batch.columns[0]?.data : undefined;
      if (data?.encoding !== "dictionary") throw new Error(data?.encoding);
      const { dictionary, codes } = data;
      expect(Array.from(codes, (code) => dictionary.text(code))).toEqual(texts.slice(0, 2000));
      expect([...codes]).toEqual(Array.from(codes, (_, row) => row));
    },
  );

  test("a column of unique texts is plain, whatever the threads", async () => {
    const source = await openCsv(path);
    for (const threads of [1, 2, 3]) {
      const result = await readCsv(source, { columns: ["unique", "few"] }, { ...context, threads });
      const encodings =
        result.kind === "rows" ? result.batch.columns.map(({ data }) => data.encoding) : [];
      expect(encodings).toEqual(["plain", "dictionary"]);
    }
  });

  test.each([...natives])("$name gathers statistics that bound the values", async (reader) => {
    const source = await openCsv(path);
    const result = await reader.read(source, { columns: ["i", "f"] });
    if (result.kind !== "rows") throw new Error("conflicts");
    const integers = rows.flatMap(({ i }) => (i === null ? [] : [i]));
    const floats = rows.map(({ f }) => f);
    const [i, f] = result.batch.columns;
    expect(i?.nullCount).toBe(rows.length - integers.length);
    expect(i?.statistics).toEqual({
      min: BigInt(Math.min(...integers)),
      max: BigInt(Math.max(...integers)),
    });
    expect(f?.statistics).toMatchObject({
      min: Math.min(...floats),
      max: Math.max(...floats),
      hasSpecials: false,
    });
    expect(f?.statistics?.lowExponent).toBe(-10);
    expect(f?.statistics?.highExponent).toBe(10);
  });

  test.each([0, 1, 17, 4096, 29_999, 30_000, 40_000])(
    "a limit of %i gives the first rows",
    async (limit) => {
      const source = await openCsv(path);
      for (const reader of natives) {
        const result = await reader.read(source, { columns: ["i", "many"], limit });
        if (result.kind !== "rows") throw new Error("conflicts");
        expect(cellsOf(["i", "many"], result.batch).many).toEqual(
          rows.slice(0, limit).map(({ many }) => many),
        );
      }
    },
  );
});

describe("extremes", () => {
  test("10^5 columns", async () => {
    const count = 100_000;
    const names = Array.from({ length: count }, (_, index) => `c${index}`);
    const line = (from: number) =>
      names.map((_, index) => (index % 3 === 0 ? `x${from}` : from + index)).join(",");
    const source = await sourceOf(`${names.join(",")}\n${line(1)}\n${line(2)}\n`);
    expect(source.schema.length).toBe(count);
    const result = await readCsv(source, { columns: names }, context);
    if (result.kind !== "rows") throw new Error("conflicts");
    expect(result.batch.rowCount).toBe(2);
    expect(
      cellsOf(["c99998"], { rowCount: 2, columns: [result.batch.columns[99_998]!] }).c99998,
    ).toEqual([99_999n, 100_000n]);
  });

  test.each([...readers])("$name reads a field of 1 MiB over many chunks", async (reader) => {
    const long = `"${"x,\n".repeat(350_000)}"`;
    const source = await sourceOf(`a,b\n1,${long}\n2,y\n`);
    const result = await reader.read(source, { columns: ["a", "b"] });
    if (result.kind !== "rows") throw new Error("conflicts");
    expect(cellsOf(["a", "b"], result.batch).a).toEqual([1n, 2n]);
    expect(cellsOf(["a", "b"], result.batch).b?.map((text) => String(text).length)).toEqual([
      1_050_000, 1,
    ]);
  });

  test("a line of 1 GiB fails at the limit, in bounded memory", async () => {
    const sparse = fileOf("a,b\n1,2\n", "sparse.csv");
    const file = openSync(sparse, "r+");
    ftruncateSync(file, 2 ** 30);
    writeSync(file, "\n", 2 ** 30 - 1);
    closeSync(file);
    const source = await openCsv(sparse, { maxRecordBytes: 2 ** 20, sampleBytes: 4096 });
    const before = process.memoryUsage().rss;
    const failing = readCsv(source, { columns: ["a"] }, { ...context, threads: 1 });
    await expect(failing).rejects.toMatchObject({ code: "PARSE_ERROR", line: 3, byteOffset: 8 });
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 2 ** 20);
  });

  test.each([
    ["header", ""],
    ["first record", "a,b\n"],
    ["open quote", 'a,b\n1,"x'],
  ])("a %s of 1 GiB fails when the file is opened, in bounded memory", async (_, start) => {
    const sparse = fileOf(start, "sparse_start.csv");
    const file = openSync(sparse, "r+");
    ftruncateSync(file, 2 ** 30);
    closeSync(file);
    const before = process.memoryUsage().rss;
    const limits = { maxRecordBytes: 2 ** 23, sampleBytes: 4096 };
    const found = await openCsv(sparse, limits)
      .then((source) => readCsv(source, { columns: ["a"] }, context))
      .catch((error: unknown) => error);
    expect(found).toMatchObject({ code: "PARSE_ERROR", byteOffset: start.startsWith("a") ? 4 : 0 });
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 2 ** 20);
  });

  test("rejects are counted beyond those that are kept", async () => {
    const source = await sourceOf(`a\n${"x\n".repeat(12_000)}`, {
      schema: { a: "int8" },
      onError: "null",
    });
    const [native] = natives;
    const read: (typeof parseCsv)[] = [parseCsv];
    if (native !== undefined) read.push((from, request) => native.read(from, request));
    for (const reader of read) {
      const result = await reader(source, { columns: ["a"] });
      expect(result.kind === "rows" && [result.rejects.length, result.rejectCount]).toEqual([
        10_000, 12_000,
      ]);
    }
  });
});

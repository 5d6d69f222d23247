// Shares of a source: they hold every record once, in order, wherever the cuts fall, and finding a share reads no more
// than what lies before its end.

import { appendFileSync, truncateSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { AbortError, ParseError } from "../../src/base/index.ts";
import { cutCsv as cutNative, loadAddon, readCsv } from "../../src/device/cpu/index.ts";
import { SpillStore } from "../../src/execution/memory/index.ts";
import { UnpackedCsv, UnpackingPlace } from "../../src/execution/unpacked_csv.ts";
import {
  type CsvCutRequest,
  type CsvCutter,
  type CsvReadOptions,
  type CsvRequest,
  type CsvSource,
  CsvSplits,
  cutCsv,
  openCsv,
  parseCsv,
} from "../../src/io/index.ts";
import { cellsOf, fileOf, folder } from "./readers.ts";

const addon = loadAddon();
if (!addon.ok) throw new Error(addon.reason);
const { native } = addon;

const context = { native, threads: 2 };
const readNative: typeof parseCsv = (source, request) => readCsv(source, request, context);
const codecs: readonly [string, CsvCutter, typeof parseCsv][] = [
  ["reference", cutCsv, parseCsv],
  ["native", (source, request) => cutNative(source, request, context), readNative],
];

interface Case {
  readonly name: string;
  readonly files: () => readonly (string | Uint8Array)[];
  readonly options?: CsvReadOptions;
  /** What ends the read. */
  readonly fault?: RegExp;
}

const ROWS = 1500;
const lines = (line: (row: number) => string) =>
  Array.from({ length: ROWS }, (_, row) => line(row));
const plain = `a,b\n${lines((row) => `${row},t${row}\n`).join("")}`;
const quoted = `a,b\n${lines((row) => `${row},"x,""\n${row % 3 === 0 ? "\n1,2\n" : ""}"\n`).join("")}`;
const long = (length: number) => `a,b\n1,x\n2,"${"y,\n".repeat(length / 3)}"\n3,z\n4,w\n`;

const CASES: readonly Case[] = [
  { name: "line ends in quotes", files: () => [quoted] },
  {
    name: "CRLF, and no end of the last line",
    files: () => [plain.replaceAll("\n", "\r\n").trimEnd()],
  },
  { name: "CR", files: () => [plain.replaceAll("\n", "\r")] },
  {
    name: "comments with quotes",
    files: () => [`a,b\n${lines((row) => `# "it's ${row}\n${row},t\n`).join("")}# end`],
    options: { comment: "#" },
  },
  {
    name: "escaped quotes and line ends",
    files: () => [`a,b\n${lines((row) => `${row},x\\"\\\\\\\ny\n`).join("")}`],
    options: { escape: "\\" },
  },
  { name: "a record longer than most shares", files: () => [long(40_000)] },
  {
    name: "a header longer than shares",
    files: () => [`${"# skipped\n".repeat(400)}a,b\n1,2\n3,4\n`],
    options: { skipRows: 400 },
  },
  {
    name: "many files, some empty, some compressed",
    files: () => [
      plain,
      "a,b\n",
      gzipSync(quoted),
      "a,b\n1,x",
      gzipSync("a,b\n"),
      gzipSync(`b,a\n${lines((row) => `u${row},${row}\n`).join("")}`),
    ],
  },
  { name: "no rows", files: () => ["a,b\n"] },
  {
    name: "a record that is too long",
    files: () => [`${plain}5,"${"\n".repeat(9000)}"\n6,x\n`],
    options: { maxRecordBytes: 4096 },
    fault: /longer|maxRecordBytes/,
  },
  {
    name: "quotes that stay open",
    files: () => [`${plain}5,"${"z\n".repeat(30_000)}`],
    fault: /quote/,
  },
];

/** Sources of files beside each other. */
async function opened({ files, options = {} }: Case): Promise<CsvSource> {
  return await openCsv(
    files().map((content) => fileOf(content)),
    { schema: { a: "string", b: "string" }, ...options },
  );
}

/** As in a session whose budget leaves `room` bytes of memory for decompressed files. */
function unpackedOf(source: CsvSource, room: number) {
  const store = new SpillStore(folder);
  const unpacked = new UnpackedCsv(source, new UnpackingPlace(store, 32 * room));
  return { store, unpacked };
}

async function rowsOf(source: CsvSource, request: Partial<CsvRequest> = {}, read = parseCsv) {
  const result = await read(source, { columns: ["a", "b"], ...request });
  if (result.kind !== "rows") throw new Error("conflicts");
  const { a = [], b = [] } = cellsOf(["a", "b"], result.batch);
  return a.map((value, row) => [value, b[row]]);
}

describe.each(codecs)("shares by the %s codec", (_, cut, reader) => {
  test.each(CASES)("$name", async (entry) => {
    const source = await opened(entry);
    const whole = await rowsOf(source, {}, reader).catch((error: unknown) => error);
    expect(whole instanceof ParseError).toBe(entry.fault !== undefined);
    for (const [count, room] of [
      [1, 2 ** 20],
      [2, 0],
      [7, 2 ** 20],
      [61, 0],
    ] as const) {
      const { store, unpacked } = unpackedOf(source, room);
      const splits = new CsvSplits(source, count, cut, unpacked);
      const read: unknown[] = [];
      let error: unknown = null;
      for (let share = 0; share < count && error === null; share++) {
        const ranges = await splits.ranges(share, share + 1);
        const contents = await unpacked.of(ranges, undefined);
        try {
          read.push(...(await rowsOf(source, { ranges, contents }, reader)));
        } catch (reason) {
          error = reason;
        }
      }
      if (entry.fault === undefined) expect([error, read], `${count}`).toEqual([null, whole]);
      else expect(error, `${count}`).toEqual(whole);
      expect(await splits.ranges(0, count)).toHaveLength(
        new Set((await splits.ranges(0, count)).map(({ file }) => file)).size,
      );
      await unpacked.close();
      expect(store.bytes).toBe(0);
      await store.close();
    }
  });
});

describe("what is read", () => {
  /** 24 MiB of records of 4 KiB, and more than a scan takes at least in each of 4 shares. */
  const SHARES = 4;
  const path = fileOf("a,b\n", "long.csv");
  const record = `1,${"x".repeat(4093)}\n`;
  for (let written = 0; written < 24; written++) appendFileSync(path, record.repeat(256));
  const total = 24 * 2 ** 20;

  function recording() {
    const requests: CsvCutRequest[] = [];
    const cut: CsvCutter = (source, request) => {
      requests.push(request);
      return cutNative(source, request, context);
    };
    const scanned = () =>
      requests.reduce((sum, { begin, positions }) => sum + (positions.at(-1) ?? 0) - begin, 0);
    return { requests, cut, scanned };
  }

  const contentsOf = (source: CsvSource) => unpackedOf(source, 0).unpacked;

  test("the first share takes a scan of itself, all of them one of the file", async () => {
    const source = await openCsv(path);
    const { cut, scanned, requests } = recording();
    const splits = new CsvSplits(source, SHARES, cut, contentsOf(source));
    const [first] = await splits.ranges(0, 1);
    expect(first).toMatchObject({ begin: 4 });
    expect(scanned()).toBeLessThanOrEqual(total / SHARES);
    await splits.ranges(SHARES - 1, SHARES);
    // What is behind the last cut is nobody's to look at; what is cut in two is looked at twice.
    expect(scanned()).toBeLessThan(0.8 * total);
    expect(requests).toHaveLength(SHARES - 1);
    await splits.ranges(0, SHARES);
    expect(requests).toHaveLength(SHARES - 1);
  });

  test("small shares are cut several at once", async () => {
    const source = await openCsv(path);
    const { cut, requests } = recording();
    const splits = new CsvSplits(source, 1000, cut, contentsOf(source));
    await splits.ranges(0, 1);
    expect(requests).toHaveLength(1);
    expect(requests[0]?.positions.at(-1)).toBeLessThan(6 * 2 ** 20);
    await splits.ranges(0, 1000);
    expect(requests.length).toBeLessThan(10);
  });

  test("a file that is cut short behind them is no error for the first shares", async () => {
    const short = fileOf(`a,b\n${record.repeat(2000)}`, "short.csv");
    const source = await openCsv(short);
    truncateSync(short, 7 * 2 ** 20);
    const { cut } = recording();
    const splits = new CsvSplits(source, 4, cut, contentsOf(source));
    const first = await splits.ranges(0, 1);
    const rows = await rowsOf(source, { ranges: first }, readNative);
    expect(rows.length).toBeGreaterThan(400);
    const behind = splits.ranges(3, 4).then((ranges) => rowsOf(source, { ranges }, readNative));
    await expect(behind).rejects.toMatchObject({ code: "FILE_ERROR" });
  });

  test("who gives up takes nothing from others who wait, nor from who comes later", async () => {
    const source = await openCsv(path);
    const { cut } = recording();
    const splits = new CsvSplits(source, SHARES, cut, contentsOf(source));
    const expected = await new CsvSplits(source, SHARES, cut, contentsOf(source)).ranges(2, 3);
    const controllers = [new AbortController(), new AbortController()];
    const [left, stayed] = controllers.map(({ signal }) => splits.ranges(2, 3, signal));
    controllers[0]?.abort();
    await expect(left).rejects.toBeInstanceOf(AbortError);
    expect(await stayed).toEqual(expected);
    const alone = new CsvSplits(source, SHARES, cut, contentsOf(source));
    const controller = new AbortController();
    const given = alone.ranges(2, 3, controller.signal);
    controller.abort();
    await expect(given).rejects.toBeInstanceOf(AbortError);
    expect(await alone.ranges(2, 3)).toEqual(expected);
  });
});

// Lines of left-out records in parts of a file: counted from a line that is known, and right.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { loadAddon, readCsv } from "../../src/device/cpu/index.ts";
import { KnownLines } from "../../src/execution/known_lines.ts";
import { Session } from "../../src/index.ts";
import { openCsv } from "../../src/io/index.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const ROWS = 9000;
const folder = temporaryFolder();
const path = join(folder, "rejects.csv");
const packed = join(folder, "rejects.csv.gz");

beforeAll(() => {
  const line = (row: number) => `${row % 300 === 7 ? "?" : row},"two\nlines ${row}"\n`;
  const content = `a,b\n${Array.from({ length: ROWS }, (_, row) => line(row)).join("")}`;
  writeFileSync(path, content);
  writeFileSync(packed, gzipSync(content));
});

const options = { schema: { a: "int64" }, onError: "skip" } as const;

describe.each(["cpu", "reference"] as const)("%s", (engine) => {
  test.each([
    ["plain", path],
    ["compressed", packed],
  ])("rejects of a %s file do not depend on its parts", async (_, file) => {
    await using parts = new Session({ engine, partitions: 13 });
    const { rejects } = await (await parts.readCsv(file, options)).compute();
    const lines = Array.from({ length: ROWS }, (_, row) => row).filter((row) => row % 300 === 7);
    expect(rejects.map(({ line }) => line)).toEqual(lines.map((row) => 2 + 2 * row));
    const streamed: number[] = [];
    for await (const table of (await parts.readCsv(file, options)).stream())
      streamed.push(...table.rejects.map(({ line }) => line));
    // They come with any table that is given after them.
    expect(streamed.sort((a, b) => a - b)).toEqual(lines.map((row) => 2 + 2 * row));
  });
});

test("the addon counts from the known line on", async () => {
  const addon = loadAddon();
  if (!addon.ok) throw new Error(addon.reason);
  const source = await openCsv(path, options);
  const known = new KnownLines(source);
  const reject = (byteOffset: number, line: number) =>
    known.add([{ path, byteOffset, line, column: null, text: "", reason: "" }]);
  // Wrong on purpose: it shows which of them the lines are counted from.
  reject(10_000, 500_000);
  reject(30_000, 700_000);
  reject(20_000, 600_000);
  const content = readFileSync(path, "latin1");
  const startBehind = (byte: number) => content.indexOf('"\n', byte) + 2;
  const linesFrom = async (begin: number) => {
    const range = { file: 0, begin, end: startBehind(100_000) };
    const lines = known.before([range]);
    const request = { columns: ["a"], ranges: [range], lines };
    const result = await readCsv(source, request, { native: addon.native, threads: 2 });
    return result.kind === "rows" ? Math.floor((result.rejects[0]?.line ?? 0) / 100_000) : null;
  };
  expect(await linesFrom(startBehind(9_000))).toBe(0);
  expect(await linesFrom(startBehind(10_000))).toBe(5);
  expect(await linesFrom(startBehind(29_000))).toBe(6);
  expect(await linesFrom(startBehind(30_000))).toBe(7);
});

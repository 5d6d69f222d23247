// Functions of strings run on dictionaries: once for every distinct text, however many rows there are.
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { NativeDictionaryOperations } from "../../src/device/cpu/dictionary_operations.ts";
import gpuDataFrame, { col, Session } from "../../src/index.ts";

const TEXTS = ["1", "22", "-3", "4 street", "é", "", " x "];
const ROWS = 5000;

const s = col("t").str;
const FUNCTIONS = {
  length: s.length(),
  byteLength: s.byteLength(),
  upper: s.upper(),
  lower: s.lower(),
  trim: s.trim(),
  trimStart: s.trimStart(),
  trimEnd: s.trimEnd(),
  reverse: s.reverse(),
  slice: s.slice(1, 2),
  split: s.split(" ", 0),
  padStart: s.padStart(5),
  padEnd: s.padEnd(5),
  repeat: s.repeat(2),
  "replace of a text": s.replace("2", "two"),
  "replace of a pattern": s.replace(/\d/, "<$&>"),
  contains: s.contains("2"),
  startsWith: s.startsWith("2"),
  endsWith: s.endsWith("2"),
  like: s.like("%2%"),
  matches: s.matches(/\d/),
  toInteger: s.toInteger({ strict: false }),
  toFloat: s.toFloat({ strict: false }),
};

const METHODS = ["match", "matchRegex", "map", "lengths", "parse"] as const;

const gpus = (await gpuDataFrame.devices()).filter(({ kind }) => kind === "gpu");
const gpu = gpus.find(({ name }) => name.includes("llvmpipe")) ?? gpus[0];
const sessions = [
  { where: "cpu", session: new Session({ engine: "cpu", threads: 1 }) },
  ...(gpu === undefined
    ? []
    : [{ where: "gpu", session: new Session({ engine: "gpu", devices: [gpu.id, "cpu"] }) }]),
];
afterAll(() => Promise.all(sessions.map(({ session }) => session.close())));
afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(sessions)("$where", ({ session }) => {
  const texts = Array.from({ length: ROWS }, (_, row) => TEXTS[(3 * row) % TEXTS.length] ?? "");
  const distinct = new Set(texts).size;
  const frame = session.fromColumns({ t: texts });

  test.each(Object.entries(FUNCTIONS))("%s", async (_name, expr) => {
    const spies = METHODS.map((method) => vi.spyOn(NativeDictionaryOperations.prototype, method));
    const table = await frame.select(expr.as("r")).compute();
    expect(table.toRows().length).toBe(ROWS);
    const sizes = spies.flatMap(({ mock }) => mock.calls.map(([dictionary]) => dictionary.size));
    expect(sizes).toEqual([distinct]);
  });
});

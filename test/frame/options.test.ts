// Arguments that a method does not take are errors that say what to write instead: dropped ones give wrong results.

import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import gpuDataFrame, {
  type AnyDataFrame,
  col,
  InvalidArgumentError,
  Session,
} from "../../src/index.ts";
import { referenceSession } from "./session.ts";

const session = referenceSession();
// biome-ignore lint/suspicious/noExplicitAny: what TypeScript refuses is what is tested
type Loose = any;

const PATH = join(tmpdir(), "never-written.csv");

/** What a JavaScript caller writes, and what the error says. */
const CALLS: readonly (readonly [string, (df: Loose, s: Loose) => unknown, RegExp])[] = [
  ["sort(a, b)", (df) => df.sort("a", "b"), /sort\(\["a", "b"\]\)/],
  ["sort(a, settings, more)", (df) => df.sort("a", {}, "b"), /sort\(\["a", "b"\]\)/],
  ["sort desc", (df) => df.sort("a", { desc: true }), /Did you mean "descending"/],
  ["sort ascending", (df) => df.sort("a", { ascending: false }), /Did you mean "descending"/],
  ["sort key", (df) => df.sort({ by: "a", desc: true }), /Did you mean "descending"/],
  ["sort nulls", (df) => df.sort("a", { nulls: "frist" }), /"first" or "last"/],
  ["distinct(a, b)", (df) => df.distinct("a", "b"), /distinct\(\["a", "b"\]\)/],
  ["distinct(a)", (df) => df.distinct("a"), /distinct\(\["a", "b"\]\)/],
  ["distinct of a number", (df) => df.distinct([5]), /list of column names/],
  ["filter(a, b)", (df) => df.filter(col("b"), col("b")), /a\.and\(b\)/],
  ["withColumns of two", (df) => df.withColumns({ c: col("a") }, { d: col("a") }), /one object/],
  ["agg of two", (df) => df.agg({ a: "sum" }, { b: "any" }), /one object/],
  ["agg of groups", (df) => df.groupBy("b").agg({ a: "sum" }, { a: "min" }), /one object/],
  ["select of two functions", (df) => df.select((c: Loose) => ({ a: c.a }), "b"), /one function/],
  ["groupBy sorted", (df) => df.groupBy(["a"], { sorted: true }), /Did you mean "sort"/],
  ["groupBy dropNull", (df) => df.groupBy(["a"], { dropNull: true }), /Did you mean "dropNulls"/],
  ["groupBy sort of a text", (df) => df.groupBy(["a"], { sort: "no" }), /not true or false/],
  ["groupBy([a], b)", (df) => df.groupBy(["a"], "b"), /groupBy\(\["a", "b"\]/],
  ["topK(n, a, b)", (df) => df.groupBy("b").topK(1, "a", "b"), /topK\(2, \["a", "b"\]\)/],
  ["join nullEquals", (df) => df.join(df, { on: "a", nullEquals: "no" }), /nullEquals: "no"/],
  ["join suffix", (df) => df.join(df, { on: "a", suffix: 5 }), /suffix: 5 is not a text/],
  ["join(df, a)", (df) => df.join(df, "a"), /on: "id"/],
  ["cast strict", (df) => df.cast({ a: "float64" }, { strict: 1 }), /strict: 1/],
  ["cast of a list", (df) => df.cast(["float64"]), /cast\(\) takes/],
  ["rename(null)", (df) => df.rename(null), /rename\(\) takes/],
  ["rename(a, b)", (df) => df.rename("a", "b"), /rename\(\) takes/],
  ["repartition()", (df) => df.repartition(), /partitions/],
  ["repartition(5)", (df) => df.repartition(5), /partitions: 8/],
  ["concat of a table", async (df) => df.concat(await df.compute()), /\.lazy\(\)/],
  ["pipe(5)", (df) => df.pipe(5), /takes a function/],
  ["compute(null)", (df) => df.compute(null), /not null/],
  ["compute(cpu)", (df) => df.compute("cpu"), /not "cpu"/],
  ["compute engin", (df) => df.compute({ engin: "gpu" }), /Did you mean "engine"/],
  ["compute engine", (df) => df.compute({ engine: "x" }), /engine: "x" is not "auto" or/],
  ["compute strict", (df) => df.compute({ strict: "yes" }), /strict: "yes"/],
  ["compute signal", (df) => df.compute({ signal: 5 }), /an AbortSignal/],
  ["compute onProgress", (df) => df.compute({ onProgress: 5 }), /a function/],
  ["explain engine", (df) => df.explain({ engine: "x" }), /engine: "x"/],
  ["head engine", (df) => df.head(1, { engine: "x" }), /engine: "x"/],
  ["show signal", (df) => df.show(1, { signal: 5 }), /an AbortSignal/],
  ["count(a)", (df) => df.count("a"), /not "a"/],
  ["profile engine", (df) => df.profile({ engine: "x" }), /engine: "x"/],
  ["persist engine", (df) => df.persist({ engine: "x" }), /engine: "x"/],
  ["stream row", (df) => df.stream({ row: 5 }).next(), /Did you mean "rows"/],
  ["stream(5)", (df) => df.stream(5).next(), /not 5/],
  ["writeCsv sep", (df) => df.writeCsv(PATH, { sep: ";" }), /delimiter/],
  ["writeCsv(5)", (df) => df.writeCsv(5), /path of a file/],
  ["writeCsv nullValue", (df) => df.writeCsv(PATH, { nullValue: 0 }), /nullValue: 0 is not a text/],
  ["writeCsv header", (df) => df.writeCsv(PATH, { header: 0 }), /header: 0/],
  ["writeArrow(5)", (df) => df.writeArrow(5), /path of a file/],
  ["writeArrow delimiter", (df) => df.writeArrow(PATH, { delimiter: ";" }), /no option/],
  ["toRows int64", async (df) => (await df.compute()).toRows({ int64: "big" }), /"bigint"/],
  [
    "toArray ints",
    async (df) => (await df.compute()).column("a").toArray({ ints: 1 }),
    /no option/,
  ],
  ["toString row", async (df) => (await df.compute()).toString({ row: 1 }), /Did you mean "rows"/],
  ["readCsv(p, null)", (_, s) => s.readCsv(PATH, null), /not null/],
  ["readCsv(p, ;)", (_, s) => s.readCsv(PATH, ";"), /delimiter/],
  ["readArrow(5)", (_, s) => s.readArrow(5), /path of a file/],
  [
    "fromColumns shema",
    (_, s) => s.fromColumns({ a: [1] }, { shema: {} }),
    /Did you mean "schema"/,
  ],
  ["fromRows shema", (_, s) => s.fromRows([{ a: 1 }], { shema: {} }), /Did you mean "schema"/],
  ["session(gpu)", (_, s) => s.session("gpu"), /not "gpu"/],
  ["session engin", (_, s) => s.session({ engin: "gpu" }), /Did you mean "engine"/],
  ["session engine", (_, s) => s.session({ engine: "x" }), /not an engine/],
  ["session devices text", (_, s) => s.session({ devices: "" }), /list of device ids/],
  ["session devices object", (_, s) => s.session({ devices: {} }), /list of device ids/],
  ["session no devices", (_, s) => s.session({ devices: [] }), /list of device ids/],
  ["session disableRules", (_, s) => s.session({ disableRules: 5 }), /disableRules/],
  ["session hostMemory 0", (_, s) => s.session({ hostMemory: 0 }), /hostMemory: 0/],
  ["session hostMemory true", (_, s) => s.session({ hostMemory: true }), /byte size/],
  ["session spillDirectory", (_, s) => s.session({ spillDirectory: 5 }), /spillDirectory: 5/],
  ["new Session", () => new Session({ engin: "gpu" } as Loose), /Did you mean "engine"/],
];

test.each(CALLS)("%s", async (_, call, says) => {
  const s = session();
  const df: AnyDataFrame = s.fromColumns({ a: [3, 1, 2], b: [true, false, true] });
  const calling = async () => await call(df, s);
  await expect(calling()).rejects.toThrow(InvalidArgumentError);
  await expect(calling()).rejects.toThrow(says);
});

test("an option that is undefined is left out", async () => {
  const df: Loose = session().fromColumns({ a: [2, 1] });
  const sorted = df.sort("a", { descending: undefined, nulls: undefined });
  const none = { engine: undefined, strict: undefined, signal: undefined, onProgress: undefined };
  expect((await sorted.compute(none)).column("a").toArray()).toEqual([1, 2]);
  expect(await df.distinct(undefined, undefined).count(undefined)).toBe(2);
});

test("a signal of another library is a signal", async () => {
  const { signal } = new AbortController();
  const foreign = {
    aborted: false,
    addEventListener: signal.addEventListener.bind(signal),
    removeEventListener: signal.removeEventListener.bind(signal),
  };
  const df: Loose = session().fromColumns({ a: [2, 1] });
  expect((await df.compute({ signal: foreign })).numRows).toBe(2);
});

test.each([
  { engine: "gpu", devices: ["cpu"] },
  { engine: "cpu", devices: ["gpu:0"] },
] as const)("a session of $engine needs it among $devices", async (options) => {
  const says = { code: "NO_DEVICE", message: expect.stringContaining("that the session names") };
  await expect(gpuDataFrame.session(options)).rejects.toMatchObject(says);
});

test("a query cannot ask for a kind of device that its session does not name", async () => {
  await using s = await gpuDataFrame.session({ devices: ["cpu"] });
  const df = s.fromColumns({ a: [1] });
  const says = { code: "NO_DEVICE" };
  await expect(df.compute({ engine: "gpu" })).rejects.toMatchObject(says);
  expect(() => df.explain({ engine: "gpu" })).toThrow(/that the session names/);
});

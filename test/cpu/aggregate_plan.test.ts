// Plans of aggregates are numbers that the addon reads by plain memory access: it checks every one that it follows.
import { expect, test } from "vitest";
import { columnFromValues } from "../../src/column/index.ts";
import { loadAddon } from "../../src/device/cpu/index.ts";
import { toNative } from "../../src/device/cpu/marshal.ts";
import type { NativeAggregate, NativeColumn } from "../../src/device/cpu/native_addon.ts";
import { FLOAT64, INT32 } from "../../src/dtype/index.ts";

const addon = loadAddon({});
if (!addon.ok) throw new Error(addon.reason);
const { native } = addon;

const ROWS = 4;
const columns: NativeColumn[] = [
  toNative(columnFromValues([1, 2, 1, 2], INT32)),
  toNative(columnFromValues([0.5, 1, 1.5, 2], FLOAT64)),
];

const SUM = 2;
const [MEAN, RATIO, QUANTILE, MODE] = [2, 3, 4, 6];
const FLOAT64_STORAGE = 10;
/** The sum of column 1 and how many it has. */
const COUNT_VALUES = 1;
const MONOIDS = [
  [SUM, 1, 1, -1, 0, 0, 0],
  [COUNT_VALUES, 1, -1, 0, 0, 0, 0],
].flat();
const mean = [FLOAT64_STORAGE, MEAN, 0, 1, 0, 0, 0, 0];
/** Steps: the sum, and its count. */
const STEPS = [1, 0, 0, 1, 1, 0];
const ratio = [FLOAT64_STORAGE, RATIO, 2, 0, 1, -1, 1, 1];
const median = [FLOAT64_STORAGE, QUANTILE, 1, 0, 0, 0, 0, 0];

function planWith(other: Partial<NativeAggregate>): NativeAggregate {
  return {
    phase: 0,
    dropNullKeys: false,
    keys: Int32Array.of(0),
    monoids: Int32Array.from(MONOIDS),
    calls: Int32Array.from([...mean, ...ratio, ...median]),
    steps: Int32Array.from(STEPS),
    quantiles: Float64Array.of(0.5),
    bounds: { numbers: new Int32Array(6), ranges: new BigInt64Array(4) },
    ...other,
  };
}

const run = (plan: NativeAggregate) => native.aggregate(columns, ROWS, plan, native.newRun(1));

test("means, ratios and quantiles are of their own numbers", async () => {
  const { columns: results } = await run(planWith({}));
  const values = (results as readonly NativeColumn[]).map((column) =>
    Array.from(column.values as Float64Array),
  );
  expect(values).toEqual([
    [1, 2],
    [1, 1.5],
    [1, 1.5],
    [1, 1.5],
  ]);
});

/** `rows` with another number at `place`. */
function changed(rows: readonly number[], place: number, value: number): Int32Array {
  const numbers = Int32Array.from(rows);
  numbers[place] = value;
  return numbers;
}

const REFUSED: readonly [name: string, other: object][] = [
  ["a phase that is none", { phase: 3 }],
  ["a key that is no column", { keys: Int32Array.of(2) }],
  ["a negative key", { keys: Int32Array.of(-1) }],
  ["keys that are no integers", { keys: Float64Array.of(0) }],
  ["keys that are an array", { keys: [0] }],
  ["half a monoid", { monoids: Int32Array.from(MONOIDS.slice(0, 10)) }],
  ["a monoid that is none", { monoids: changed(MONOIDS, 0, 9) }],
  ["a sum without a column", { monoids: changed(MONOIDS, 1, -1) }],
  ["a sum of a column that is none", { monoids: changed(MONOIDS, 1, 2) }],
  ["a sum of fifth powers", { monoids: changed(MONOIDS, 2, 5) }],
  ["a sum beside a column that is none", { monoids: changed(MONOIDS, 3, 2) }],
  ["a product with no column", { monoids: changed(MONOIDS, 4, 1) }],
  ["a window of 1024 limbs", { monoids: changed(MONOIDS, 6, 1024) }],
  ["a count beside a column that is none", { monoids: changed(MONOIDS, 9, 2) }],
  ["half a call", { calls: Int32Array.from(mean.slice(0, 4)) }],
  ["a storage that is none", { calls: changed(mean, 0, 15) }],
  ["a call that is none", { calls: changed(mean, 1, 8) }],
  ["a mean of a monoid that is none", { calls: changed(mean, 2, 2) }],
  ["a mean of a count that is none", { calls: changed(mean, 3, -1) }],
  ["a scale of 39", { calls: changed(mean, 4, 39) }],
  ["more steps than there are", { calls: changed(ratio, 2, 3) }],
  ["a numerator that is no step", { calls: changed(ratio, 3, 2) }],
  ["a denominator that is no step", { calls: changed(ratio, 4, -1) }],
  ["a sign that is no step", { calls: changed(ratio, 5, 2) }],
  ["a ratio of a count that is none", { calls: changed(ratio, 6, 2) }],
  ["half a step", { steps: Int32Array.from(STEPS.slice(0, 4)) }],
  ["a step that is none", { steps: changed(STEPS, 0, 5) }],
  ["a step of a monoid that is none", { steps: changed(STEPS, 1, 2) }],
  ["a step of itself", { steps: Int32Array.of(1, 0, 0, 2, 0, 1) }],
  ["a quantile of a column that is none", { calls: changed(median, 2, 2) }],
  ["an interpolation that is none", { calls: changed(median, 3, 5) }],
  ["a quantile without its number", { quantiles: new Float64Array(0) }],
  ["a quantile above 1", { quantiles: Float64Array.of(1.5) }],
  [
    "a mode of a column that is none",
    { calls: changed([FLOAT64_STORAGE, MODE, 1, 0, 0, 0, 0, 0], 2, 9) },
  ],
  [
    "bounds of one column",
    { bounds: { numbers: new Int32Array(3), ranges: new BigInt64Array(2) } },
  ],
  ["bounds without ranges", { bounds: { numbers: new Int32Array(6) } }],
];

test.each(REFUSED)("%s is refused", (_, other) => {
  expect(() => run(planWith(other))).toThrow(/aggregate: /);
});

// Sums without keys add in the hope that nothing is rounded, and see by the processor's flags whether that was so
// (native/kernels/aggregate/split_sum.h); else they guess a window of bits and check it on the way (window_sum.h). Every case
// adds values, then one value that is left, then their opposites in another order: any bit that was lost would show.
import { describe, expect, test } from "vitest";
import { at } from "../../src/base/index.ts";
import { type Column, columnFromValues, columnToValues } from "../../src/column/index.ts";
import { availableIsas, CpuExecutor } from "../../src/device/cpu/index.ts";
import { FLOAT64 } from "../../src/dtype/index.ts";
import type { AggregateOperation } from "../../src/physical/index.ts";
import { aggregateOperation, CallList } from "../lattice/cases/aggregate.ts";
import { Random } from "../lattice/random.ts";

const BLOCK = 4096;
const ROWS = 3 * BLOCK + 17;
const [INF, NAN] = [Number.POSITIVE_INFINITY, Number.NaN];

const random = new Random(7);
const unit = () => random.bits() / 2 ** 32;
const filled = (value: (row: number) => number) =>
  Float64Array.from({ length: ROWS }, (_, row) => value(row));
const uniform = filled(() => 100 * unit());

/** Rows 1 apart in every way in which a lane of a vector can be: adjacent, and by steps of 2 to 64. */
const opposites = (large: number, step: number) =>
  uniform.map((value, row) => (row === 5000 ? large : row === 5000 + step ? -large : value));

const cases: Readonly<Record<string, Float64Array>> = {
  "one scale": uniform,
  "both signs": filled(() => unit() - 0.5),
  "another scale in every block": filled(
    (row) => unit() * 2 ** (40 * (Math.floor(row / BLOCK) % 3)),
  ),
  "scales that fall": filled((row) => unit() * 2 ** (-60 * Math.floor(row / BLOCK))),
  // Of the smallest and the largest, 21 powers of two apart, the parts still add up without rounding, and those of a grid 41.
  ...Object.fromEntries(
    [19, 20, 21, 22, 23, 39, 40, 41, 42, 43, 60].map((bits) => [
      `blocks that span ${bits} bits`,
      filled((row) => (row % 129 === 5 ? 2 ** -bits : 1) * (2 - unit() * 2 ** -20)),
    ]),
  ),
  "one small value at the end of a block": filled((row) =>
    row === 2 * BLOCK - 1 ? 2 ** -90 + 2 ** -142 : 1 + unit(),
  ),
  "one small value at the beginning of a block": filled((row) =>
    row === BLOCK ? -(2 ** -90 + 2 ** -142) : 1 + unit(),
  ),
  "a scale in one block, another in the next, then the first": filled(
    (row) => (1 + unit()) * 2 ** (Math.floor(row / BLOCK) === 1 ? -50 : 30 * unit()),
  ),
  "the largest that have a grid, and larger": filled(
    (row) => (1 + unit()) * 2 ** (950 + 10 * Math.floor(row / BLOCK) + random.below(30)),
  ),
  "the smallest that have a grid, and smaller": filled(
    (row) => (1 + unit()) * 2 ** (-850 - 20 * Math.floor(row / BLOCK) - random.below(30)),
  ),
  "the sum of a run is too large": filled((row) => (row < BLOCK ? 1.5 * 2 ** 1023 : unit())),
  "bits below the window": filled((row) => (row % 1000 === 7 ? 2 ** -100 : 1)),
  "lanes as full as they get": filled(() => 64 - 2 ** -46),
  "negative zeros among them": filled((row) => (row % 3 === 0 ? -0 : unit())),
  "lanes of ties": filled((row) => (row % 2 === 0 ? 1 + 2 ** -52 : 2 ** -53)),
  "zeros, then values": filled((row) => (row < 2 * BLOCK ? -0 : unit())),
  "the largest": filled((row) => (row % 2 === 0 ? 1 : -1) * (1 - unit() / 4) * 2 ** 1023),
  "below the largest window": filled(() => unit() * 2 ** 1010),
  "any exponent": filled(
    () => (random.chance(0.5) ? 1 : -1) * unit() * 2 ** (random.below(2040) - 1016),
  ),
  "any exponent, zeros and subnormals": filled((row) =>
    row % 5 === 0
      ? -0
      : row % 3 === 0
        ? random.bits() * Number.MIN_VALUE
        : unit() * 2 ** random.below(900),
  ),
  "any exponent in one block only": filled((row) =>
    row < BLOCK ? unit() * 2 ** (random.below(1900) - 950) : unit(),
  ),
  subnormals: filled(() => random.bits() * Number.MIN_VALUE),
  "the smallest normals": filled(() => unit() * 2 ** -1000),
  ...Object.fromEntries(
    [1, 2, 4, 8, 16, 32, 64].map((step) => [
      `a large value and its opposite ${step} rows on`,
      opposites(2 ** 70, step),
    ]),
  ),
};

const specials: Readonly<Record<string, readonly [values: readonly number[], sum: number]>> = {
  "a NaN": [[NAN], NAN],
  "an infinity": [[INF], INF],
  "negative infinities": [[-INF, -INF], -INF],
  "infinities of both signs": [[INF, -INF], NAN],
};

/** Blocks with NaNs are summed without them. */
const nanRows: Readonly<Record<string, readonly number[]>> = {
  "the first row": [0],
  "the last row of a block": [BLOCK - 1],
  "both ends of two blocks": [BLOCK, 2 * BLOCK - 1, 2 * BLOCK, 3 * BLOCK - 1],
  "a short block": [ROWS - 1],
  "every 1,000th row": Array.from({ length: 12 }, (_, index) => 1000 * index + 999),
  "every row": Array.from({ length: ROWS }, (_, row) => row),
};

/** Of the sum of the values: its flags, and the words of the sum of those that are finite. */
async function stateOf(executor: CpuExecutor, values: Float64Array): Promise<readonly number[]> {
  const list = new CallList();
  list.monoid({ kind: "sum", column: 0, power: 1, window: { lowExponent: -1074, limbs: 67 } });
  const operation = { ...aggregateOperation([], list), phase: "partial" } as const;
  const { data } = await outputOf(executor, operation, values);
  if (data.encoding !== "words") throw new TypeError(`words expected, ${data.encoding} found`);
  return [...data.values];
}

async function sumOf(executor: CpuExecutor, values: Float64Array): Promise<unknown> {
  const list = new CallList();
  const sum = list.monoid({ kind: "sum", column: 0, power: 1, window: null });
  list.add({ kind: "sum", sum }, FLOAT64);
  return columnToValues(await outputOf(executor, aggregateOperation([], list), values))[0];
}

async function outputOf(
  executor: CpuExecutor,
  operation: AggregateOperation,
  values: Float64Array,
): Promise<Column> {
  const batch = { rowCount: values.length, columns: [columnFromValues(values, FLOAT64)] };
  const output = await executor.execute(operation, [await executor.upload(batch)]);
  return at((await executor.download(output)).columns, 0);
}

describe.each(availableIsas())("%s", (isa) => {
  const executor = CpuExecutor.open({ isa, threads: 2 });

  test.each(Object.entries(cases))("%s", async (_, values) => {
    const left = 2 ** -700;
    const opposite = [...values].reverse().map((value) => -value);
    expect(await sumOf(executor, Float64Array.of(...values, left, ...opposite))).toBe(left);
  });

  test.each(Object.entries(nanRows))("NaNs in %s leave the sum of the others", async (_, rows) => {
    for (const scale of [1, 2 ** -30]) {
      const without = uniform.map((value, row) => (row % 2 === 0 ? value : -value * scale));
      for (const row of rows) without[row] = 0;
      const [flags, ...words] = await stateOf(executor, without);
      expect(flags).toBe(0);
      const values = Float64Array.from(without);
      for (const row of rows) values[row] = NAN;
      expect(await stateOf(executor, values)).toEqual([1, ...words]);
      // An infinity in a block with a NaN is not left out in silence.
      values[2 * BLOCK + 1] = -INF;
      without[2 * BLOCK + 1] = 0;
      const [, ...others] = await stateOf(executor, without);
      expect(await stateOf(executor, values)).toEqual([5, ...others]);
    }
  });

  test.each(Object.entries(specials))("%s in later blocks", async (_, [found, sum]) => {
    const values = Float64Array.from(uniform);
    for (const [index, value] of found.entries()) values[(index + 1) * BLOCK + 100] = value;
    expect(await sumOf(executor, values)).toBe(sum);
    const wide = values.map((value, row) => (row % 7 === 0 ? value * 2 ** -900 : value));
    expect(await sumOf(executor, wide)).toBe(sum);
  });
});

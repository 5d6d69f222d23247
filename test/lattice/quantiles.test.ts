// Medians and quantiles of every dtype and interpolation on every executor against rationals of bigints: a value is right
// where no neighbouring float is nearer.
import { describe, expect, test } from "vitest";
import { at } from "../../src/base/index.ts";
import { type Batch, columnFromValues, columnToValues } from "../../src/column/index.ts";
import {
  type DType,
  dtypeName,
  duration,
  FLOAT32,
  FLOAT64,
  INT8,
  INT16,
  INT32,
  INT64,
  integerLimits,
  isFloat,
  UINT8,
  UINT16,
  UINT32,
  UINT64,
} from "../../src/dtype/index.ts";
import { hardDoubles } from "../aggregate/hard_doubles.ts";
import { isRounded, type Met } from "../aggregate/moments.ts";
import { INTERPOLATIONS, quantileOf } from "../aggregate/quantiles.ts";
import { rational } from "../aggregate/rational.ts";
import { aggregateOperation, CallList } from "./cases/aggregate.ts";
import { casesFor, executorsUnderTest, type TestExecutor } from "./executors.ts";
import { outcomeOn } from "./lattice.ts";
import { Random } from "./random.ts";

const { MAX_VALUE: MAX, MIN_VALUE: TINY, EPSILON } = Number;
const [INF, NAN] = [Number.POSITIVE_INFINITY, Number.NaN];

type Value = number | bigint | null;
type Groups = readonly (readonly Value[])[];

/** The places of two values, of three and of many; shares of one bit and of all 53, below 2^-12 and below 2^-64. */
const QS = [0, 1, 0.5, 0.25, 0.1, 0.9, 1 / 3, 1e-7, 2 ** -63, 1e-30, 1 - EPSILON / 2];

const CALLS = QS.flatMap((q) => INTERPOLATIONS.map((interpolation) => ({ q, interpolation })));

const doubles: Groups = [
  [1.7e308, -1.7e308],
  [MAX, -MAX],
  [MAX, MAX * (1 - EPSILON)],
  [TINY, 0],
  [-TINY, 0],
  [TINY, -TINY],
  [TINY, 3 * TINY],
  [2 ** -1022, 2 ** -1022 - TINY],
  [MAX, TINY],
  [1, 1 + EPSILON],
  [1 + EPSILON, 1 + 2 * EPSILON],
  [1, -1 - EPSILON],
  [-0, 0],
  [-0, 5, null],
  [INF, 1],
  [-INF, 1, 2],
  [INF, -INF],
  [INF, INF],
  [NAN, 1],
  [NAN, NAN],
  [NAN, -INF],
  [null, null],
  [null, 7],
  ...hardDoubles.map(({ values }) => values),
  ...randomPairs(300),
];

/** Of exponents that are equal, near to each other and far apart. */
function randomPairs(count: number): number[][] {
  const random = new Random(5);
  const draw = (exponent: number) => {
    const magnitude = (1 + random.bits() / 2 ** 32 + random.bits() / 2 ** 52) * 2 ** exponent;
    return random.chance(0.5) ? magnitude : -magnitude;
  };
  return Array.from({ length: count }, (_, index) => {
    const exponent = random.below(1900) - 950;
    const low = draw(exponent);
    return [low, draw(exponent + random.below(at([1, 3, 60, 130], index % 4)))];
  });
}

function integers(dtype: DType): Groups {
  const { min, max } = integerLimits(dtype);
  const random = new Random(9);
  const width = max - min;
  const draw = () =>
    min + (((BigInt(random.bits()) << 32n) | BigInt(random.bits())) % (width + 1n));
  return [
    [max, min],
    [max, max - 1n],
    [min, min + 1n],
    [max, max - 1n, min, min + 1n],
    [max, 0n],
    [min, 0n, 1n],
    [null, null],
    [null, 7n],
    ...Array.from({ length: 200 }, (_, index) => {
      const low = draw();
      const near = low + BigInt(random.below(5));
      return index % 2 === 0 ? [low, draw()] : [low, near > max ? max : near];
    }),
    ...[3, 4, 11, 100].map((length) => Array.from({ length }, draw)),
  ];
}

function metOf(value: Value): Met {
  if (typeof value === "bigint") return { numerator: value, denominator: 1n };
  return value === null || !Number.isFinite(value) ? value : rational(value);
}

/** Neighbouring rows are of different groups. */
function batchOf(dtype: DType, groups: Groups): Batch {
  const rows = groups.flatMap((values, key) => values.map((value, row) => ({ key, row, value })));
  rows.sort((a, b) => a.row - b.row || a.key - b.key);
  const keys = rows.map(({ key }) => key);
  const values = rows.map(({ value }) => value);
  const columns = [columnFromValues(keys, INT32), columnFromValues(values, dtype)];
  return { rowCount: rows.length, columns };
}

const dtypes = [
  FLOAT64,
  FLOAT32,
  INT8,
  INT16,
  INT32,
  INT64,
  UINT8,
  UINT16,
  UINT32,
  UINT64,
  duration("us"),
];

const cases = dtypes.map((dtype) => {
  const singles = doubles.map((values) =>
    values.map((v) => (v === null ? v : Math.fround(Number(v)))),
  );
  const groups =
    dtype === FLOAT64
      ? doubles
      : isFloat(dtype)
        ? singles
        : integers(dtype.kind === "duration" ? INT64 : dtype);
  const list = new CallList();
  for (const { q, interpolation } of CALLS) {
    list.add({ kind: "quantile", column: 1, q, interpolation }, FLOAT64);
  }
  return {
    name: dtypeName(dtype),
    batch: batchOf(dtype, groups),
    groups: groups.map((values) => values.map(metOf)),
    operation: aggregateOperation([0], list),
  };
});

const executors = await executorsUnderTest();

/** All on the reference and in the addon; adapters share them. */
const casesOf = (executor: TestExecutor) =>
  executor.name === "reference" ? cases : casesFor(executor, executors, cases);

describe.each(executors)("$name", (executor) => {
  test.each(casesOf(executor))("$name", async ({ batch, groups, operation }) => {
    const outcome = await outcomeOn(executor, operation, [batch]);
    if (outcome.kind === "error") throw new Error(outcome.message);
    const [keys, ...columns] = outcome.batch.columns.map((column) => columnToValues(column));
    const wrong = CALLS.flatMap(({ q, interpolation }, index) =>
      (at(columns, index) as (number | null)[]).flatMap((value, row) => {
        const key = (keys as number[])[row] as number;
        const isRight = isRounded(value, quantileOf(at(groups, key), q, interpolation));
        return isRight ? [] : `${interpolation} ${q} of group ${key}: ${value}`;
      }),
    );
    expect(wrong).toEqual([]);
    expect(keys).toHaveLength(groups.length);
  });
});

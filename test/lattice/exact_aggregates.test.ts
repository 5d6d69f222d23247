// Sums, means, variances, deviations, skewness, kurtosis, covariances and correlations of every numeric dtype on every
// executor, whole and in partitions, against rationals of bigints: a value is right where no neighbouring float is nearer.
import { describe, expect, test } from "vitest";
import { at } from "../../src/base/index.ts";
import { type Batch, columnFromValues, columnToValues } from "../../src/column/index.ts";
import {
  type DType,
  decimal,
  dtypeName,
  duration,
  FLOAT32,
  FLOAT64,
  INT8,
  INT16,
  INT32,
  INT64,
  UINT8,
  UINT16,
  UINT32,
  UINT64,
} from "../../src/dtype/index.ts";
import { hardDoubles } from "../aggregate/hard_doubles.ts";
import { type Exact, isRounded, type Met, momentsOf, pairMomentsOf } from "../aggregate/moments.ts";
import { type FloatWidth, rational } from "../aggregate/rational.ts";
import { aggregateOperation, CallList } from "./cases/aggregate.ts";
import { casesFor, executorsUnderTest, type TestExecutor } from "./executors.ts";
import { outcomeOn } from "./lattice.ts";
import { expectPartitionedResult } from "./partition.ts";

const { MAX_VALUE: MAX, MIN_VALUE: TINY } = Number;
const [INF, NAN] = [Number.POSITIVE_INFINITY, Number.NaN];

type Value = number | bigint | string | null;
interface Dataset {
  readonly name: string;
  readonly dtype: DType;
  /** Values of each group; beside them, in the second column, lie those of the group before. */
  readonly groups: readonly (readonly Value[])[];
}

const specials: readonly (readonly Value[])[] = [
  [1, NAN, INF],
  [INF, null, -INF],
  [INF, -MAX, -MAX],
  [0, -INF, 0],
  [null, null],
  [null, TINY],
];

/** With exponents so near to each other that sums of squares have few limbs: other kernels than those of wide windows. */
const near: readonly (readonly number[])[] = [
  [0.1, 0.2, 0.3, -0.6],
  [1e15, 1e15 + 0.125, 1e15 + 0.25, 1e15 - 0.5],
  [2 ** 53, 1, 2],
  [2 ** 53, 1, -(2 ** 53), 2 ** -6],
  [0.1, 0.1, 0.1],
  [1, 1 + 2 ** -52],
  [-2.5, -0, 0, 2.5],
];

const singles = (values: readonly number[]) => values.map(Math.fround);
const LARGEST_SINGLE = 2 ** 128 - 2 ** 104;
const hardSingles: readonly (readonly Value[])[] = [
  [2 ** 24, 1, 2 ** -149],
  [2 ** 24, 1],
  [2 ** 24 + 2, 1],
  [LARGEST_SINGLE, LARGEST_SINGLE, -LARGEST_SINGLE],
  [LARGEST_SINGLE, 2 ** 103],
  [LARGEST_SINGLE, 2 ** 102, 2 ** 101],
  [2 ** -149, 2 ** -149, -(2 ** -126)],
  [2 ** -149, 0, 0, 0],
  [NAN, 1],
  [INF, 1, 2],
  [INF, -INF],
  singles([0.1, 0.2, 0.3, 0.4]),
  singles(Array.from({ length: 64 }, (_, i) => (i % 3 === 0 ? -1.3 : 1.7) * 2 ** (3 * i - 96))),
];

const whole = (bits: number, isSigned: boolean): readonly (readonly Value[])[] => {
  const most = 2n ** BigInt(isSigned ? bits - 1 : bits) - 1n;
  const least = isSigned ? -most - 1n : 0n;
  // Sums of unsigned 64 bits fit in no more.
  const wide = bits === 64 && !isSigned ? [most - 7n, 3n, 4n, 0n] : [most, least, most - 1n, least];
  return [
    wide,
    [most, least],
    [least],
    [most / 2n, most / 3n, null, 1n],
    [7n, 7n, 7n],
    [1n, 2n, 4n, 9n],
  ];
};

const digits = (precision: number, scale: number): readonly (readonly Value[])[] => {
  const text = (unscaled: bigint) => {
    const padded = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
    return `${unscaled < 0n ? "-" : ""}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
  };
  const most = 10n ** BigInt(precision) - 1n;
  const groups: readonly (readonly (bigint | null)[])[] = [
    [most, -1n, -most, 5n],
    [most, -most],
    [most],
    [most / 3n, -(most / 7n), null, most / 11n, 1n],
    [1n, 2n, 3n, 10n],
    [7n, 7n, 7n],
    [2n ** 53n % most, 1n, 1n],
  ];
  return groups.map((group) => group.map((value) => (value === null ? null : text(value))));
};

const datasets: readonly Dataset[] = [
  {
    name: "any exponents",
    dtype: FLOAT64,
    groups: [...hardDoubles.slice(0, 17).map(({ values }) => values), ...specials],
  },
  { name: "near exponents", dtype: FLOAT64, groups: near },
  { name: "any exponents", dtype: FLOAT32, groups: hardSingles },
  ...([INT8, INT16, INT32, INT64] as const).map((dtype) => ({
    name: "extremes",
    dtype,
    groups: whole(Number(dtype.kind.slice(3)), true),
  })),
  ...([UINT8, UINT16, UINT32, UINT64] as const).map((dtype) => ({
    name: "extremes",
    dtype,
    groups: whole(Number(dtype.kind.slice(4)), false),
  })),
  { name: "extremes", dtype: duration("us"), groups: whole(64, true) },
  ...[decimal(9, 2), decimal(38, 10)].map((dtype) => ({
    name: "all digits",
    dtype,
    groups: digits(dtype.precision, dtype.scale),
  })),
];

function metOf(value: Value): Met {
  if (value === null) return null;
  if (typeof value === "bigint") return { numerator: value, denominator: 1n };
  if (typeof value === "number") return Number.isFinite(value) ? rational(value) : value;
  const scale = value.length - value.indexOf(".") - 1;
  return { numerator: BigInt(value.replace(".", "")), denominator: 10n ** BigInt(scale) };
}

/** The group before, as long as this one: repeated or cut. */
function besideOf(groups: readonly (readonly Value[])[], group: number): Value[] {
  const before = at(groups, (group + groups.length - 1) % groups.length);
  return at(groups, group).map((_, row) => at(before, row % before.length));
}

/** Key, value, and value of the other column; neighbouring rows are of different groups, so that partitions share groups. */
function batchOf({ dtype, groups }: Dataset): Batch {
  const rows = groups.flatMap((values, key) => {
    const beside = besideOf(groups, key);
    return values.map((value, row) => ({ key, row, value, other: at(beside, row) }));
  });
  rows.sort((a, b) => a.row - b.row || a.key - b.key);
  const columns = [
    columnFromValues(
      rows.map(({ key }) => key),
      INT32,
    ),
    columnFromValues(
      rows.map(({ value }) => value),
      dtype,
    ),
    columnFromValues(
      rows.map(({ other }) => other),
      dtype,
    ),
  ];
  return { rowCount: rows.length, columns };
}

function callsOf(dtype: DType): CallList {
  const calls = new CallList();
  const plan = (name: string, options = {}) => calls.plan(name, [1], [dtype], options);
  plan("sum");
  plan("mean");
  plan("var");
  plan("std", { ddof: 0 });
  plan("skew", { bias: true });
  plan("skew");
  plan("kurtosis", { bias: true });
  plan("kurtosis");
  calls.plan("cov", [1, 2], [dtype, dtype]);
  calls.plan("corr", [1, 2], [dtype, dtype]);
  return calls;
}

/** In the order of the calls, without the sum. */
function expectedOf(values: readonly Met[], beside: readonly Met[]): Record<string, Exact> {
  const { mean, variance, populationDeviation, skew, kurtosis } = momentsOf(values);
  const { covariance, correlation } = pairMomentsOf(values, beside);
  return {
    mean,
    variance,
    deviation: populationDeviation,
    "biased skew": skew.biased,
    skew: skew.unbiased,
    "biased kurtosis": kurtosis.biased,
    kurtosis: kurtosis.unbiased,
    covariance,
    correlation,
  };
}

/** Sums have the dtype: floats are rounded to it, integers and decimals are the numbers. */
function isSum(value: Value, exact: Exact, dtype: DType): boolean {
  if (dtype.kind === "float64" || dtype.kind === "float32") {
    const width: FloatWidth = dtype.kind === "float32" ? 32 : 64;
    return isRounded(value as number | null, exact, width);
  }
  if (exact.kind !== "number") return value === null;
  const met = metOf(typeof value === "number" ? BigInt(value) : value);
  if (met === null || typeof met === "number") return false;
  return met.numerator * exact.exact.denominator === exact.exact.numerator * met.denominator;
}

const cases = datasets.map((dataset) => {
  const { dtype, groups } = dataset;
  return {
    name: `${dtypeName(dtype)}, ${dataset.name}`,
    dtype,
    batch: batchOf(dataset),
    operation: aggregateOperation([0], callsOf(dtype)),
    exact: groups.map((values, group) => {
      const met = values.map(metOf);
      return { sum: momentsOf(met).sum, rest: expectedOf(met, besideOf(groups, group).map(metOf)) };
    }),
  };
});

const executors = await executorsUnderTest();

/** All on the reference, which the partitions are compared with, and in the addon; adapters share them. */
const wholeCases = (executor: TestExecutor) =>
  executor.name === "reference" ? cases : casesFor(executor, executors, cases);

describe.each(executors)("$name", (executor) => {
  test.each(wholeCases(executor))("$name", async ({ dtype, batch, operation, exact }) => {
    expect(executor.supports(operation, [batch.columns.map((column) => column.dtype)]).ok).toBe(
      true,
    );
    const outcome = await outcomeOn(executor, operation, [batch]);
    if (outcome.kind === "error") throw new Error(outcome.message);
    const [keys, sums, ...rest] = outcome.batch.columns.map((column) =>
      columnToValues(column, { int64: "bigint" }),
    );
    const wrong: string[] = [];
    for (const [row, key] of (keys as number[]).entries()) {
      const expected = at(exact, key);
      const sum = at(sums as Value[], row);
      if (!isSum(sum, expected.sum, dtype)) wrong.push(`sum ${sum} of group ${key}`);
      for (const [index, [name, wanted]] of Object.entries(expected.rest).entries()) {
        const value = at(rest, index)[row] as number | null;
        if (!isRounded(value, wanted)) wrong.push(`${name} ${value} of group ${key}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(keys).toHaveLength(exact.length);
  });

  // The whole is what the reference gives, which is right as above.
  test.each(casesFor(executor, executors, cases.toReversed()))(
    "$name, in 3 partitions",
    async ({ name, batch, operation }) => {
      expect(await expectPartitionedResult(executor, name, operation, batch, 3)).toBeNull();
    },
  );
});

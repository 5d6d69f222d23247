// Exact sums of the hardest floats, rounded once.
import { describe, expect, test } from "vitest";
import { at } from "../../src/base/index.ts";
import { type Batch, columnFromValues, columnToValues } from "../../src/column/index.ts";
import { availableIsas, CpuExecutor } from "../../src/device/cpu/index.ts";
import { FLOAT64, INT32 } from "../../src/dtype/index.ts";
import { aggregateOperation, CallList } from "../lattice/cases/aggregate.ts";
import { Random } from "../lattice/random.ts";
import { numericCalls } from "./operations.ts";
import { add, divide, isNearest, multiply, type Rational, rational, sumOf } from "./rational.ts";

const { MAX_VALUE: MAX, MIN_VALUE: TINY, EPSILON } = Number;
const [INF, NAN] = [Number.POSITIVE_INFINITY, Number.NaN];

const finite: readonly { readonly name: string; readonly values: readonly number[] }[] = [
  { name: "cancellation of the largest", values: [1e308, 1, -1e308, 1e-300] },
  { name: "a sum that passes the largest double and comes back", values: [MAX, MAX, -MAX] },
  { name: "a sum above the largest double", values: [MAX, MAX / 2] },
  { name: "half an ulp below infinity", values: [MAX, 2 ** 969] },
  { name: "half an ulp above: infinity", values: [MAX, 2 ** 970] },
  { name: "a tie that a tiny value breaks", values: [1, EPSILON / 2, TINY] },
  { name: "a tie to even, down", values: [1, EPSILON / 2] },
  { name: "a tie to even, up", values: [1 + EPSILON, EPSILON / 2] },
  { name: "subnormals", values: [TINY, TINY, TINY * 5, -TINY] },
  { name: "the border of subnormals", values: [2 ** -1022, -TINY, TINY * 3] },
  { name: "a mean below the smallest", values: [TINY, 0, 0, 0] },
  { name: "a negative mean below the smallest", values: [-TINY, 0, 0, 0] },
  { name: "the whole range", values: [MAX, TINY, -1, 2 ** -600, -(2 ** 600)] },
  { name: "zeros of both signs", values: [-0, 0, -0] },
  { name: "variance of near equals", values: [1e15, 1e15 + 0.125, 1e15 + 0.25] },
  { name: "equal values", values: [0.1, 0.1, 0.1] },
  { name: "wholes", values: [1, 2, 3, 4, 2 ** 52] },
  { name: "powers of two", values: Array.from({ length: 200 }, (_, i) => 2 ** (i - 100)) },
  ...Array.from({ length: 60 }, (_, seed) => ({
    name: `random ${seed}`,
    values: randomValues(seed),
  })),
];

/** Exponents of a random width around a random centre, so that every width of window comes. */
function randomValues(seed: number): number[] {
  const random = new Random(seed);
  const width = 1 + random.below([4, 60, 200, 2000][seed % 4] as number);
  const centre = random.below(2046 - width) - 1022;
  const draw = () => {
    const magnitude =
      (1 + random.bits() / 2 ** 32 + random.bits() / 2 ** 52) * 2 ** (centre + random.below(width));
    return random.chance(0.5) ? magnitude : -magnitude;
  };
  const values = Array.from({ length: 1 + random.below(300) }, draw);
  return seed % 3 === 0 ? [...values, ...values.slice(1).map((value) => -value)] : values;
}

interface Moments {
  readonly sum: Rational;
  readonly mean: Rational;
  readonly variance: Rational | null;
  readonly populationVariance: Rational;
  /** Of the biased skewness the square and the sign; null where the values are equal. */
  readonly skew: { readonly square: Rational; readonly negative: boolean } | null;
  readonly kurtosis: Rational | null;
}

function momentsOf(values: readonly number[]): Moments {
  const count = BigInt(values.length);
  const exact = values.map(rational);
  const sum = sumOf(exact);
  const squares = sumOf(exact.map((value) => multiply(value, value)));
  const squared = multiply(sum, sum);
  // count * squares - sum^2, over a common denominator.
  const numerator =
    count * squares.numerator * squared.denominator - squared.numerator * squares.denominator;
  const spread = { numerator, denominator: squares.denominator * squared.denominator };
  return {
    sum,
    mean: divide(sum, count),
    variance: count > 1n ? divide(spread, count * (count - 1n)) : null,
    populationVariance: divide(spread, count * count),
    ...shapeOf(exact, divide(sum, count)),
  };
}

/** By the definition: the central moments m2, m3, m4 themselves. */
function shapeOf(values: readonly Rational[], mean: Rational): Pick<Moments, "skew" | "kurtosis"> {
  const count = BigInt(values.length);
  const centred = values.map((value) => add(value, { ...mean, numerator: -mean.numerator }));
  const moment = (power: number) => {
    const raised = centred.map((value) => ({
      numerator: value.numerator ** BigInt(power),
      denominator: value.denominator ** BigInt(power),
    }));
    return divide(addAll(raised), count);
  };
  const [m2, m3, m4] = [moment(2), moment(3), moment(4)];
  if (m2.numerator === 0n) return { skew: null, kurtosis: null };
  const quotient = (a: Rational, b: Rational): Rational => ({
    numerator: a.numerator * b.denominator,
    denominator: a.denominator * b.numerator,
  });
  const square = quotient(multiply(m3, m3), multiply(multiply(m2, m2), m2));
  const excess = add(quotient(m4, multiply(m2, m2)), { numerator: -3n, denominator: 1n });
  return { skew: { square, negative: m3.numerator < 0n }, kurtosis: excess };
}

const larger = (a: bigint, b: bigint) => (a > b ? a : b);

/** Sums of rationals whose denominators are the same times powers of two. */
function addAll(values: readonly Rational[]): Rational {
  const denominator = values.reduce((most, value) => larger(most, value.denominator), 1n);
  const numerator = values.reduce((total, value) => {
    expect(denominator % value.denominator).toBe(0n);
    return total + value.numerator * (denominator / value.denominator);
  }, 0n);
  return { numerator, denominator };
}

interface PairMoments {
  readonly covariance: Rational | null;
  /** Its square and sign; null where a side is constant, or there are fewer than two. */
  readonly correlation: { readonly square: Rational; readonly negative: boolean } | null;
}

function pairMomentsOf(x: readonly number[], y: readonly number[]): PairMoments {
  const count = BigInt(x.length);
  if (count < 2n) return { covariance: null, correlation: null };
  const centred = [x, y].map((values) => {
    const exact = values.map(rational);
    const mean = divide(sumOf(exact), count);
    return exact.map((value) => add(value, { ...mean, numerator: -mean.numerator }));
  });
  const dot = (a: number, b: number) =>
    addAll(
      (centred[a] as Rational[]).map((value, row) =>
        multiply(value, at(centred[b] as Rational[], row)),
      ),
    );
  const [xy, xx, yy] = [dot(0, 1), dot(0, 0), dot(1, 1)];
  const covariance = divide(xy, count - 1n);
  if (xx.numerator === 0n || yy.numerator === 0n) return { covariance, correlation: null };
  const squares = multiply(xx, yy);
  const square = {
    numerator: xy.numerator ** 2n * squares.denominator,
    denominator: xy.denominator ** 2n * squares.numerator,
  };
  return { covariance, correlation: { square, negative: xy.numerator < 0n } };
}

/** Whether `value` is the root of `square`, with the sign, rounded once; NaN where there is none. */
function isSignedRoot(
  value: number | null | undefined,
  exact: { readonly square: Rational; readonly negative: boolean } | null,
): boolean {
  if (exact === null) return Number.isNaN(value);
  return isNearest(exact.negative ? -(value as number) : (value as number), exact.square, 2);
}

describe.each(availableIsas())("%s", (isa) => {
  const executor = CpuExecutor.open({ isa, threads: 2 });

  async function run(batch: Batch, keys: readonly number[], column: number) {
    const calls = numericCalls(column, FLOAT64);
    calls.plan("skew", [column], [FLOAT64], { bias: true });
    calls.plan("kurtosis", [column], [FLOAT64], { bias: true });
    const operation = aggregateOperation(keys, calls);
    const { batch: result } = await executor.execute(operation, [await executor.upload(batch)]);
    return result.columns
      .slice(keys.length)
      .map((output) => columnToValues(output) as (number | null)[]);
  }

  function expectMoments(values: readonly number[], results: readonly (number | null)[]) {
    const [sum, mean, variance, deviation, skew, kurtosis] = results;
    const exact = momentsOf(values);
    expect(isNearest(sum as number, exact.sum), `sum ${sum}`).toBe(true);
    expect(isNearest(mean as number, exact.mean), `mean ${mean}`).toBe(true);
    if (exact.variance === null) expect(variance).toBeNull();
    else expect(isNearest(variance as number, exact.variance), `variance ${variance}`).toBe(true);
    expect(isNearest(deviation as number, exact.populationVariance, 2), `std ${deviation}`).toBe(
      true,
    );
    expect(isSignedRoot(skew, exact.skew), `skew ${skew}`).toBe(true);
    if (exact.kurtosis === null) expect(kurtosis).toBeNaN();
    else expect(isNearest(kurtosis as number, exact.kurtosis), `kurtosis ${kurtosis}`).toBe(true);
  }

  test.each(finite)("$name", async ({ values }) => {
    const batch = {
      rowCount: values.length,
      columns: [columnFromValues(Float64Array.from(values))],
    };
    const columns = await run(batch, [], 0);
    expectMoments(
      values,
      columns.map((column) => at(column, 0) ?? null),
    );
  });

  test("all of them as groups, whose window is that of the widest", async () => {
    const keys = finite.flatMap(({ values }, group) => values.map(() => group));
    const values = finite.flatMap((entry) => entry.values);
    const batch = {
      rowCount: values.length,
      columns: [columnFromValues(keys, INT32), columnFromValues(Float64Array.from(values))],
    };
    const columns = await run(batch, [0], 1);
    for (const [group, entry] of finite.entries()) {
      expectMoments(
        entry.values,
        columns.map((column) => column[group] ?? null),
      );
    }
  });

  test.each(finite.slice(1).map((entry, index) => ({ entry, before: at(finite, index) })))(
    "pairs of $entry.name",
    async ({ entry, before }) => {
      const rows = Math.min(entry.values.length, before.values.length);
      const [x, y] = [entry.values.slice(0, rows), before.values.slice(0, rows)];
      const columns = [x, y].map((values) => columnFromValues(Float64Array.from(values)));
      const list = new CallList();
      list.plan("cov", [0, 1], [FLOAT64, FLOAT64]);
      list.plan("corr", [0, 1], [FLOAT64, FLOAT64]);
      const batch = await executor.upload({ rowCount: rows, columns });
      const { batch: result } = await executor.execute(aggregateOperation([], list), [batch]);
      const [cov, corr] = result.columns.map(
        (column) => columnToValues(column)[0] as number | null,
      );
      const exact = pairMomentsOf(x, y);
      if (exact.covariance === null) {
        expect([cov, corr]).toEqual([null, null]);
        return;
      }
      expect(isNearest(cov as number, exact.covariance), `cov ${cov}`).toBe(true);
      expect(isSignedRoot(corr, exact.correlation), `corr ${corr}`).toBe(true);
    },
  );

  test("zero is +0", async () => {
    const batch = { rowCount: 3, columns: [columnFromValues(Float64Array.of(-0, 1.5, -1.5))] };
    const [sum, mean] = await run(batch, [], 0);
    expect(sum?.[0]).toBe(0);
    expect(mean?.[0]).toBe(0);
  });

  test.each([
    { values: [1, NAN, INF], expected: NAN },
    { values: [INF, -INF], expected: NAN },
    { values: [INF, -MAX, -MAX], expected: INF },
    { values: [-INF, MAX], expected: -INF },
  ])("specials: the sum of $values is $expected", async ({ values, expected }) => {
    const batch = {
      rowCount: values.length,
      columns: [columnFromValues(Float64Array.from(values))],
    };
    const [sum, mean, variance, deviation] = (await run(batch, [], 0)).map((column) => column[0]);
    expect([sum, mean, variance, deviation]).toEqual([expected, expected, NAN, NAN]);
  });
});

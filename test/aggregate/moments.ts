// What aggregates of exact sums must give, by their definitions, in rational arithmetic: an oracle of its own.
import { at } from "../../src/base/index.ts";
import {
  add,
  divide,
  type FloatWidth,
  isNearest,
  multiply,
  type Rational,
  sumOf,
} from "./rational.ts";

/** A value that an aggregate meets: exact, or a NaN or an infinity; null is no value. */
export type Met = Rational | number | null;

/** What the nearest float is looked for of: a number, its square root with a sign, or one that is given. */
export type Exact =
  | { readonly kind: "number"; readonly exact: Rational }
  | { readonly kind: "root"; readonly square: Rational; readonly isNegative: boolean }
  | { readonly kind: "given"; readonly value: number | null };

const given = (value: number | null): Exact => ({ kind: "given", value });
const number = (exact: Rational): Exact => ({ kind: "number", exact });
const root = (square: Rational, isNegative = false): Exact => ({
  kind: "root",
  square,
  isNegative,
});

/** Whether `value` is rounded once; exactly zero is +0. */
export function isRounded(value: number | null, exact: Exact, width: FloatWidth = 64): boolean {
  switch (exact.kind) {
    case "given":
      return Object.is(value, exact.value);
    case "number":
      if (exact.exact.numerator === 0n) return Object.is(value, 0);
      return value !== null && isNearest(value, exact.exact, 1, width);
    case "root": {
      if (exact.square.numerator === 0n) return Object.is(value, 0);
      if (value === null || (value !== 0 && value < 0 !== exact.isNegative)) return false;
      return isNearest(Math.abs(value), exact.square, 2, width);
    }
  }
}

/** As they are planned: skewness and kurtosis both biased and not. */
export interface Moments {
  readonly sum: Exact;
  readonly mean: Exact;
  readonly variance: Exact;
  readonly populationDeviation: Exact;
  readonly skew: { readonly biased: Exact; readonly unbiased: Exact };
  readonly kurtosis: { readonly biased: Exact; readonly unbiased: Exact };
}

/** What a NaN or infinities add up to; null where there are none. */
function specialSum(values: readonly (Rational | number)[]): number | null {
  const specials = values.filter((value) => typeof value === "number");
  return specials.length === 0 ? null : specials.reduce((total, value) => total + value);
}

export function momentsOf(met: readonly Met[]): Moments {
  const values = met.filter((value) => value !== null);
  const special = specialSum(values);
  const count = values.length;
  if (count === 0 || special !== null) return withoutNumbers(special, count);
  const exact = values as readonly Rational[];
  const n = BigInt(count);
  const sum = sumOf(exact);
  const mean = divide(sum, n);
  const [m2, m3, m4] = centralMoments(exact, mean);
  return {
    sum: number(sum),
    mean: number(mean),
    variance: count < 2 ? given(null) : number(scaled(m2, n, n - 1n)),
    populationDeviation: root(m2),
    skew: skewOf(n, m2, m3),
    kurtosis: kurtosisOf(n, m2, m4),
  };
}

function withoutNumbers(sum: number | null, count: number): Moments {
  const from = (least: number) => given(count < least ? null : Number.NaN);
  return {
    sum: given(sum),
    mean: given(sum),
    variance: from(2),
    populationDeviation: from(1),
    skew: { biased: from(1), unbiased: from(3) },
    kurtosis: { biased: from(1), unbiased: from(4) },
  };
}

const scaled = (value: Rational, by: bigint, over: bigint): Rational => ({
  numerator: value.numerator * by,
  denominator: value.denominator * over,
});

function quotient(a: Rational, b: Rational): Rational {
  return {
    numerator: a.numerator * b.denominator,
    denominator: a.denominator * b.numerator,
  };
}

/** The means of the squares, cubes and fourth powers of the distances from the mean. */
function centralMoments(
  values: readonly Rational[],
  mean: Rational,
): [Rational, Rational, Rational] {
  const count = BigInt(values.length);
  const centred = centre(values, mean);
  const moment = (power: bigint) =>
    divide(
      sumOf(
        centred.map(({ numerator, denominator }) => ({
          numerator: numerator ** power,
          denominator: denominator ** power,
        })),
      ),
      count,
    );
  return [moment(2n), moment(3n), moment(4n)];
}

/** Over one denominator. */
function centre(values: readonly Rational[], mean: Rational): Rational[] {
  return values.map((value) => ({
    numerator: value.numerator * (mean.denominator / value.denominator) - mean.numerator,
    denominator: mean.denominator,
  }));
}

function skewOf(n: bigint, m2: Rational, m3: Rational): Moments["skew"] {
  if (m2.numerator === 0n) {
    return { biased: given(Number.NaN), unbiased: given(n < 3n ? null : Number.NaN) };
  }
  const square = quotient(multiply(m3, m3), multiply(multiply(m2, m2), m2));
  const isNegative = m3.numerator < 0n;
  const unbiased =
    n < 3n ? given(null) : root(scaled(square, n * (n - 1n), (n - 2n) ** 2n), isNegative);
  return { biased: root(square, isNegative), unbiased };
}

function kurtosisOf(n: bigint, m2: Rational, m4: Rational): Moments["kurtosis"] {
  if (m2.numerator === 0n) {
    return { biased: given(Number.NaN), unbiased: given(n < 4n ? null : Number.NaN) };
  }
  const excess = add(quotient(m4, multiply(m2, m2)), { numerator: -3n, denominator: 1n });
  const six = { numerator: 6n, denominator: 1n };
  const lifted = add(scaled(excess, n + 1n, 1n), six);
  const unbiased = n < 4n ? given(null) : number(scaled(lifted, n - 1n, (n - 2n) * (n - 3n)));
  return { biased: number(excess), unbiased };
}

/** Covariance (ddof 1) and correlation over the rows where both have a value. */
export function pairMomentsOf(
  left: readonly Met[],
  right: readonly Met[],
): { readonly covariance: Exact; readonly correlation: Exact } {
  const rows = left.flatMap((x, row) => {
    const y = at(right, row);
    return x === null || y === null ? [] : [[x, y] as const];
  });
  const n = BigInt(rows.length);
  const both = (exact: Exact) => ({ covariance: exact, correlation: exact });
  if (n < 2n) return both(given(null));
  if (rows.some((pair) => pair.some((value) => typeof value === "number"))) {
    return both(given(Number.NaN));
  }
  const [x, y] = ([0, 1] as const).map((side) => {
    const values = rows.map((pair) => pair[side] as Rational);
    return centre(values, divide(sumOf(values), n));
  }) as [Rational[], Rational[]];
  const dot = (a: readonly Rational[], b: readonly Rational[]) =>
    sumOf(a.map((value, row) => multiply(value, at(b, row))));
  const [xy, squares] = [dot(x, y), multiply(dot(x, x), dot(y, y))];
  const covariance = number(divide(xy, n - 1n));
  if (squares.numerator === 0n) return { covariance, correlation: given(Number.NaN) };
  const square = quotient(multiply(xy, xy), squares);
  return { covariance, correlation: root(square, xy.numerator < 0n) };
}

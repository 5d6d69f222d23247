// var, std, skew, kurtosis: ratios of exact sums of powers, rounded once. With n values and S_k the sum of their k-th
// powers, the central moments m_k become integers:
//
//   A = n S2 - S1^2                                     n^2 m2
//   C = n^2 S3 - 3 n S1 S2 + 2 S1^3                     n^3 m3
//   D = n^3 S4 - 4 n^2 S1 S3 + 6 n S1^2 S2 - 3 S1^4     n^4 m4
//
//   variance     A / (n (n - ddof))
//   skewness     g1 = C / A^(3/2)          unbiased: g1 sqrt(n (n - 1)) / (n - 2)
//   kurtosis     g2 = D / A^2 - 3          unbiased: ((n + 1) g2 + 6) (n - 1) / ((n - 2) (n - 3))
//
// Formulas: Joanes and Gill, "Comparing measures of sample skewness and kurtosis" (1998).

import { type DType, FLOAT64 } from "../../dtype/index.ts";
import { type Exact, type ExactNumbers, exactNumbers, ratio } from "./exact_number.ts";
import {
  type AggregateFunction,
  type AggregatePlanSite,
  type AggregateSite,
  columnOf,
  inputOf,
  invalidOption,
  type MonoidTable,
  optionOf,
} from "./function.ts";
import { summand } from "./sums.ts";

/** The option of var, std and cov, 1 unless given. */
export function ddofOf({ options }: Pick<AggregateSite, "options">): number {
  return Number(optionOf(options, "ddof") ?? 1);
}

export function checkDdof(site: AggregateSite): void {
  const ddof = optionOf(site.options, "ddof") ?? 1;
  if (typeof ddof === "number" && Number.isInteger(ddof) && ddof >= 0 && ddof < 2 ** 31) return;
  throw invalidOption(site, "ddof is a whole number from 0 to 2^31 - 1", "Write { ddof: 1 }.");
}

/** Decimals are added as integers, in units of 10^-scale; what has no dimension does not care. */
export function scaleOf(dtype: DType): number {
  return dtype.kind === "decimal" ? dtype.scale : 0;
}

/** The numbers that moments are made of. */
interface Powers {
  readonly numbers: ExactNumbers;
  readonly count: number;
  readonly n: Exact;
  /** n times the sum of squares, less the square of the sum. */
  readonly a: Exact;
  readonly sum: (power: 1 | 2 | 3 | 4) => Exact;
}

function powersOf(site: AggregatePlanSite, monoids: MonoidTable): Powers {
  const column = columnOf(site);
  const numbers = exactNumbers();
  const count = monoids.add({ kind: "countValues", column });
  const n = numbers.state(count);
  const sum = (power: 1 | 2 | 3 | 4) =>
    numbers.state(monoids.add({ kind: "sum", column, power, window: null }));
  const { multiply, subtract } = numbers;
  const a = subtract(multiply(n, sum(2)), multiply(sum(1), sum(1)));
  return { numbers, count, n, a, sum };
}

function spread(name: "var" | "std"): AggregateFunction {
  return {
    name,
    arity: 1,
    bind: (site) => {
      checkDdof(site);
      return { args: [summand(site)], dtype: FLOAT64 };
    },
    plan: (site, monoids) => {
      const { numbers, count, n, a } = powersOf(site, monoids);
      const ddof = ddofOf(site);
      const freedom = numbers.subtract(n, numbers.constant(ddof));
      const unit = numbers.powerOfTen(2 * scaleOf(inputOf(site)));
      const parts = {
        numerator: a,
        denominator: numbers.multiply(n, freedom, unit),
        count,
        least: ddof + 1,
      };
      return ratio(numbers, name === "std" ? { ...parts, root: { sign: a } } : parts);
    },
  };
}

function isBiased({ options }: Pick<AggregateSite, "options">): boolean {
  return optionOf(options, "bias") === true;
}

function bindShape(site: AggregateSite) {
  if (typeof (optionOf(site.options, "bias") ?? false) !== "boolean") {
    throw invalidOption(site, "bias is true or false", "Write { bias: true }.");
  }
  return { args: [summand(site)], dtype: FLOAT64 };
}

const skew: AggregateFunction = {
  name: "skew",
  arity: 1,
  bind: bindShape,
  plan: (site, monoids) => {
    const { numbers, count, n, a, sum } = powersOf(site, monoids);
    const { constant, add, subtract, multiply } = numbers;
    const [s1, s2, s3] = [sum(1), sum(2), sum(3)];
    const positive = add(multiply(n, n, s3), multiply(constant(2), s1, s1, s1));
    const c = subtract(positive, multiply(constant(3), n, s1, s2));
    const [squared, cubed] = [multiply(c, c), multiply(a, a, a)];
    const root = { sign: c };
    if (isBiased(site)) {
      return ratio(numbers, { numerator: squared, denominator: cubed, root, count, least: 1 });
    }
    const less = (k: number) => subtract(n, constant(k));
    return ratio(numbers, {
      numerator: multiply(squared, n, less(1)),
      denominator: multiply(cubed, less(2), less(2)),
      root,
      count,
      least: 3,
    });
  },
};

const kurtosis: AggregateFunction = {
  name: "kurtosis",
  arity: 1,
  bind: bindShape,
  plan: (site, monoids) => {
    const { numbers, count, n, a, sum } = powersOf(site, monoids);
    const { constant, add, subtract, multiply } = numbers;
    const [s1, s2, s3, s4] = [sum(1), sum(2), sum(3), sum(4)];
    const positive = add(multiply(n, n, n, s4), multiply(constant(6), n, s1, s1, s2));
    const negative = add(
      multiply(constant(4), n, n, s1, s3),
      multiply(constant(3), s1, s1, s1, s1),
    );
    const squared = multiply(a, a);
    // D - 3 A^2, so that excess = g2 = numerator / A^2.
    const excess = subtract(subtract(positive, negative), multiply(constant(3), squared));
    if (isBiased(site)) {
      return ratio(numbers, { numerator: excess, denominator: squared, count, least: 1 });
    }
    const less = (k: number) => subtract(n, constant(k));
    const scaled = add(multiply(add(n, constant(1)), excess), multiply(constant(6), squared));
    return ratio(numbers, {
      numerator: multiply(less(1), scaled),
      denominator: multiply(less(2), less(3), squared),
      count,
      least: 4,
    });
  },
};

export const momentFunctions: readonly AggregateFunction[] = [
  spread("var"),
  spread("std"),
  skew,
  kurtosis,
];

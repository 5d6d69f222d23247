// cov and corr of two columns, over the rows where neither is null: ratios of exact sums, rounded once.
//
//   P = n Sxy - Sx Sy,  A = n Sxx - Sx^2,  B = n Syy - Sy^2
//   cov = P / (n (n - ddof))      corr = P / sqrt(A B)

import { at } from "../../base/index.ts";
import { FLOAT64 } from "../../dtype/index.ts";
import { type Exact, type ExactNumbers, exactNumbers, ratio } from "./exact_number.ts";
import type {
  AggregateFunction,
  AggregatePlanSite,
  AggregateSite,
  MonoidTable,
} from "./function.ts";
import { checkDdof, ddofOf, scaleOf } from "./moments.ts";
import { summand } from "./sums.ts";

interface PairSums {
  readonly numbers: ExactNumbers;
  readonly count: number;
  readonly n: Exact;
  readonly p: Exact;
  /** n times the sum of a side's squares, less the square of its sum. */
  readonly spread: (side: 0 | 1) => Exact;
}

function pairSums(site: AggregatePlanSite, monoids: MonoidTable): PairSums {
  const numbers = exactNumbers();
  const { subtract, multiply } = numbers;
  const [x, y] = [at(site.columns, 0), at(site.columns, 1)];
  const sum = (column: number, power: 1 | 2, other: { column: number; power: 0 | 1 }) =>
    numbers.state(monoids.add({ kind: "sum", column, power, other, window: null }));
  const of = (side: 0 | 1, power: 1 | 2) =>
    side === 0 ? sum(x, power, { column: y, power: 0 }) : sum(y, power, { column: x, power: 0 });
  const count = monoids.add({ kind: "countValues", column: x, beside: y });
  const n = numbers.state(count);
  const product = multiply(n, sum(x, 1, { column: y, power: 1 }));
  return {
    numbers,
    count,
    n,
    p: subtract(product, multiply(of(0, 1), of(1, 1))),
    spread: (side) => subtract(multiply(n, of(side, 2)), multiply(of(side, 1), of(side, 1))),
  };
}

function bindPair(site: AggregateSite) {
  return { args: site.inputs.map((input) => summand(site, input)), dtype: FLOAT64 };
}

const covariance: AggregateFunction = {
  name: "cov",
  arity: 2,
  bind: (site) => {
    checkDdof(site);
    return bindPair(site);
  },
  plan: (site, monoids) => {
    const { numbers, count, n, p } = pairSums(site, monoids);
    const ddof = ddofOf(site);
    const freedom = numbers.subtract(n, numbers.constant(ddof));
    const unit = numbers.powerOfTen(scaleOf(at(site.inputs, 0)) + scaleOf(at(site.inputs, 1)));
    const denominator = numbers.multiply(n, freedom, unit);
    return ratio(numbers, { numerator: p, denominator, count, least: ddof + 1 });
  },
};

const correlation: AggregateFunction = {
  name: "corr",
  arity: 2,
  bind: bindPair,
  plan: (site, monoids) => {
    const { numbers, count, p, spread } = pairSums(site, monoids);
    return ratio(numbers, {
      numerator: numbers.multiply(p, p),
      denominator: numbers.multiply(spread(0), spread(1)),
      root: { sign: p },
      count,
      least: 2,
    });
  },
};

export const pairFunctions: readonly AggregateFunction[] = [covariance, correlation];

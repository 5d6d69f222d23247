// sum, mean, var, std: exact inside, rounded once. Bools count as 0 and 1, durations as their units: their sum is a
// duration, the others are float64 numbers of units (of units squared, for var).

import {
  BOOL,
  cappedDecimal,
  type DType,
  FLOAT64,
  INT64,
  isFloat,
  isNumeric,
  isUnsigned,
  MAX_PRECISION,
  UINT64,
} from "../../dtype/index.ts";
import {
  type AggregateFunction,
  type AggregatePlanSite,
  type AggregateSite,
  columnOf,
  inputOf,
  invalidOption,
  type MonoidTable,
  mismatch,
  optionOf,
} from "./function.ts";

/** The dtype in which the values are added. */
function summand(site: AggregateSite): DType {
  const input = inputOf(site);
  if (input === BOOL) return INT64;
  if (isNumeric(input) || input.kind === "duration") return input;
  throw mismatch(site, "numbers", "Cast the column to a number, or use count(), min() or max().");
}

/**
 * Sums of integers are 64 bits wide, those of decimals have all digits that there are; floats and durations keep their
 * dtype.
 */
function sumDType(input: DType): DType {
  if (isFloat(input) || input.kind === "duration") return input;
  if (input.kind === "decimal") return cappedDecimal(MAX_PRECISION, input.scale);
  return isUnsigned(input) ? UINT64 : INT64;
}

/** Decimals are summed as integers: what their unit is, the finalizer is told. */
function scaleOf(site: AggregatePlanSite): { readonly scale?: number } {
  const input = inputOf(site);
  return input.kind === "decimal" && input.scale > 0 ? { scale: input.scale } : {};
}

const addSum = (site: AggregatePlanSite, monoids: MonoidTable, power: 1 | 2): number =>
  monoids.add({ kind: "sum", column: columnOf(site), power, window: null });

const addCount = (site: AggregatePlanSite, monoids: MonoidTable): number =>
  monoids.add({ kind: "countValues", column: columnOf(site) });

function bindFloat(site: AggregateSite) {
  return { args: [summand(site)], dtype: FLOAT64 };
}

function spread(name: string, squareRoot: boolean): AggregateFunction {
  return {
    name,
    arity: 1,
    bind: (site) => {
      const ddof = optionOf(site.options, "ddof") ?? 1;
      if (typeof ddof !== "number" || !Number.isInteger(ddof) || ddof < 0) {
        throw invalidOption(site, "ddof is a whole number of at least 0", "Write { ddof: 1 }.");
      }
      return bindFloat(site);
    },
    plan: (site, monoids) => ({
      kind: "variance",
      sum: addSum(site, monoids, 1),
      sumOfSquares: addSum(site, monoids, 2),
      count: addCount(site, monoids),
      ddof: Number(optionOf(site.options, "ddof") ?? 1),
      squareRoot,
      ...scaleOf(site),
    }),
  };
}

export const sumFunctions: readonly AggregateFunction[] = [
  {
    name: "sum",
    arity: 1,
    bind: (site) => {
      const input = summand(site);
      return { args: [input], dtype: sumDType(input) };
    },
    plan: (site, monoids) => ({ kind: "sum", sum: addSum(site, monoids, 1) }),
  },
  {
    name: "mean",
    arity: 1,
    bind: bindFloat,
    plan: (site, monoids) => ({
      kind: "mean",
      sum: addSum(site, monoids, 1),
      count: addCount(site, monoids),
      ...scaleOf(site),
    }),
  },
  spread("var", false),
  spread("std", true),
];

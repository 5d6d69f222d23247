// sum and mean: exact inside, rounded once. Bools count as 0 and 1, durations as their units: their sum is a duration,
// their mean a float64 number of units.

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
  type MonoidTable,
  mismatch,
} from "./function.ts";

/** The dtype in which the values are added. */
export function summand(site: AggregateSite, input: DType = inputOf(site)): DType {
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

const addSum = (site: AggregatePlanSite, monoids: MonoidTable): number =>
  monoids.add({ kind: "sum", column: columnOf(site), power: 1, window: null });

export const sumFunctions: readonly AggregateFunction[] = [
  {
    name: "sum",
    arity: 1,
    bind: (site) => {
      const input = summand(site);
      return { args: [input], dtype: sumDType(input) };
    },
    plan: (site, monoids) => ({ kind: "sum", sum: addSum(site, monoids) }),
  },
  {
    name: "mean",
    arity: 1,
    bind: (site) => ({ args: [summand(site)], dtype: FLOAT64 }),
    plan: (site, monoids) => ({
      kind: "mean",
      sum: addSum(site, monoids),
      count: monoids.add({ kind: "countValues", column: columnOf(site) }),
      ...scaleOf(site),
    }),
  },
];

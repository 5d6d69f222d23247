// Quantiles of more values than one task holds: values are dealt out to ranges, whose sizes say in which of them a rank
// lies. Only those are sorted, and what stands at the ranks is interpolated as it would be among all values.

import { assertNever, type Steps } from "../../base/index.ts";
import { FLOAT64, INT64 } from "../../dtype/index.ts";
import {
  applyOperation,
  columnRef,
  gather,
  type PlanningContext,
  positionalSchema,
} from "../build.ts";
import type { AggregateOperation, SortKey } from "../operation.ts";
import type { Held, PhysicalPlan } from "../plan.ts";
import { oneRow, withoutNulls } from "./folds.ts";
import { defer, fits } from "./parts.ts";
import { dealtByRange, sampleOf, sortedRanges } from "./stage_sort.ts";
import type { QuantileCall, QuantilesStep, RowWindow } from "./step.ts";

/** Equal values are told apart by their rows' numbers, so that any number of them can be cut. */
const KEYS: readonly SortKey[] = [0, 1].map((column) => ({
  column,
  descending: false,
  nulls: "last",
}));

/** Quantiles of one column of the input, whose last column has the rows' numbers. One row, a column a call. */
export function quantilesOf(
  context: PlanningContext,
  input: PhysicalPlan,
  column: number,
  calls: readonly QuantileCall[],
): PhysicalPlan {
  const { operator } = input;
  const value = columnRef(column, input.schema.field(column).dtype);
  const values = withoutNulls(context, input, value, columnRef(input.schema.length - 1, INT64));
  const inputs = [values, sampleOf(context, values, KEYS, operator)];
  const schema = positionalSchema(calls.map(() => FLOAT64));
  return defer(context, { kind: "quantiles", calls }, { inputs, operator, schema });
}

export function* planQuantiles(
  context: PlanningContext,
  { calls }: QuantilesStep,
  values: Held,
  samples: Held,
  operator: string,
): Steps<PhysicalPlan> {
  if (fits(context, values.size.bytes)) {
    return quantiles(context, gather(context, values, operator), calls, operator);
  }
  const dealt = yield* dealtByRange(context, KEYS, values, samples);
  const pieces = calls.map((call, index) => {
    const { window, q } = ranksOf(call, values.size.rows);
    const step = { keys: KEYS, given: 0, outputs: [0], level: 0, window };
    const ranked = gather(context, sortedRanges(context, step, dealt, operator), operator);
    const plan = quantiles(context, ranked, [{ ...call, q }], operator);
    return { plan, columns: [index] };
  });
  return oneRow(context, pieces, positionalSchema(calls.map(() => FLOAT64)), operator);
}

function quantiles(
  context: PlanningContext,
  values: PhysicalPlan,
  calls: readonly QuantileCall[],
  operator: string,
): PhysicalPlan {
  const operation: AggregateOperation = {
    kind: "aggregate",
    phase: "complete",
    keys: [],
    monoids: [],
    calls: calls.map((call) => ({ ...call, column: 0 })),
    dtypes: calls.map(() => FLOAT64),
    texts: calls.map(() => "quantile"),
    dropNullKeys: false,
  };
  const schema = positionalSchema(operation.dtypes);
  return applyOperation(context, operation, [values], schema, operator);
}

/**
 * Where the quantile lies among `count` sorted values, by the contract of kernels/aggregate: one value, or two and the `q`
 * that interpolates between two values as the call does between these, with the very fraction.
 */
function ranksOf(
  { q, interpolation }: QuantileCall,
  count: number,
): { window: RowWindow; q: number } {
  const place = (count - 1) * q;
  const low = Math.floor(place);
  const fraction = place - low;
  const one = (offset: number) => ({ window: { offset, length: 1 }, q: 0 });
  switch (interpolation) {
    case "lower":
      return one(low);
    case "higher":
      return one(fraction > 0 ? low + 1 : low);
    case "nearest":
      return one(fraction < 0.5 || (fraction === 0.5 && low % 2 === 0) ? low : low + 1);
    case "midpoint":
    case "linear":
      return fraction === 0 ? one(low) : { window: { offset: low, length: 2 }, q: fraction };
    default:
      return assertNever(interpolation);
  }
}

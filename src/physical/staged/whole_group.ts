// One group of more rows than one task holds, with calls that need all of its values. Every call is planned by itself, by
// exchanges of its values; what they give are single rows, which become one.

import { at } from "../../base/index.ts";
import { BOOL, type DType, INT64 } from "../../dtype/index.ts";
import type { BoundExpr } from "../../function/index.ts";
import { isHolistic } from "../../ir/index.ts";
import { columnRef, type PlanningContext, positionalSchema, workingSetBytes } from "../build.ts";
import type { AggregateOperation, Monoid } from "../operation.ts";
import { planAggregateOperation } from "../operators/plan_aggregate.ts";
import { sortRows } from "../operators/plan_sort.ts";
import type { Held, PhysicalPlan } from "../plan.ts";
import { type Fold, foldBy, oneRow, type SomeColumns, withoutNulls } from "./folds.ts";
import { chunks, gathered, numberRows, type Part, resultSchema, union } from "./parts.ts";
import { quantilesOf } from "./stage_quantiles.ts";
import type { QuantileCall } from "./step.ts";

/** `part`: rows of equal keys, in row order. Gives one row: keys, then calls. */
export function planWholeGroup(
  context: PlanningContext,
  operation: AggregateOperation,
  rows: Held,
  part: Part,
): PhysicalPlan {
  const { operator } = rows;
  const half = workingSetBytes(context) / 2;
  const runs = chunks(rows, part, half);
  const plans = runs.map((run) => gathered(context, rows, run));
  const input = union(plans, rows.schema, operator);
  const { calls, keys } = operation;
  const places = calls.map((_, call) => keys.length + call);
  const pieces: SomeColumns[] = [];
  const folded = places.filter((_, call) => !isHolistic(at(calls, call)));
  if (keys.length + folded.length > 0) {
    const plan = foldedCalls(context, operation, input);
    pieces.push({ plan, columns: [...keys.keys(), ...folded] });
  }
  const quantiles = new Map<number, QuantileCall[]>();
  const quantilePlaces = new Map<number, number[]>();
  for (const [index, call] of calls.entries()) {
    if (!isHolistic(call)) continue;
    const { column } = call;
    if (call.kind === "quantile") {
      quantiles.set(column, [...(quantiles.get(column) ?? []), call]);
      quantilePlaces.set(column, [...(quantilePlaces.get(column) ?? []), at(places, index)]);
      continue;
    }
    const dtype = at(operation.dtypes, index);
    const plan =
      call.kind === "nUnique"
        ? distinctValues(context, input, column)
        : call.kind === "mode"
          ? mostFrequent(context, input, column, dtype)
          : placeOfExtreme(context, densely(context, plans, runs, column), call.upper, operator);
    pieces.push({ plan, columns: [at(places, index)] });
  }
  for (const [column, own] of quantiles) {
    pieces.push({
      plan: quantilesOf(context, input, column, own),
      columns: quantilePlaces.get(column) ?? [],
    });
  }
  return oneRow(context, pieces, resultSchema(input, operation), operator);
}

/** Keys, and the calls that are folds of partitions. */
function foldedCalls(
  context: PlanningContext,
  operation: AggregateOperation,
  input: PhysicalPlan,
): PhysicalPlan {
  const kept = operation.calls.map((call) => !isHolistic(call));
  const own: AggregateOperation = {
    ...operation,
    calls: operation.calls.filter((_, call) => at(kept, call)),
    dtypes: operation.dtypes.filter((_, call) => at(kept, call)),
    texts: operation.texts.filter((_, call) => at(kept, call)),
  };
  return folded(context, input, own);
}

function folded(
  context: PlanningContext,
  input: PhysicalPlan,
  operation: AggregateOperation,
): PhysicalPlan {
  const schema = resultSchema(input, operation);
  // Of several partitions the groups may be many; of values of one group, they need no order.
  return planAggregateOperation(context, operation, input, schema, input.operator, {
    ordered: false,
  });
}

/** Rows of one value meet; then the values that are not null are counted. */
function distinctValues(
  context: PlanningContext,
  input: PhysicalPlan,
  column: number,
): PhysicalPlan {
  const values = folded(context, input, foldBy([column], []));
  const count: Fold = { monoid: { kind: "countValues", column: 0 }, dtype: INT64 };
  return folded(context, values, foldBy([], [count]));
}

/** The value with the most rows, of equally frequent ones the lowest. Nulls count no rows. */
function mostFrequent(
  context: PlanningContext,
  input: PhysicalPlan,
  column: number,
  dtype: DType,
): PhysicalPlan {
  const count: Fold = { monoid: { kind: "countValues", column }, dtype: INT64 };
  const counted = folded(context, input, foldBy([column], [count]));
  const keys = [
    { column: 1, descending: true, nulls: "last" as const },
    { column: 0, descending: false, nulls: "last" as const },
  ];
  const first = sortRows(context, counted, { kind: "sort", keys, limit: 1 }, input.operator);
  const monoid: Monoid = { kind: dtype === BOOL ? "all" : "min", column: 0 };
  return folded(context, first, foldBy([], [{ monoid, dtype }]));
}

/** The values of a column, and the places of their rows in the group. */
function densely(
  context: PlanningContext,
  plans: readonly PhysicalPlan[],
  runs: readonly Part[],
  column: number,
): PhysicalPlan {
  let before = 0;
  const placed = plans.map((plan, run) => {
    const numbered = numberRows(context, plan, plan.operator);
    const value = columnRef(column, plan.schema.field(column).dtype);
    const place = columnRef(plan.schema.length, INT64);
    const offset: BoundExpr = { kind: "literal", value: BigInt(before), dtype: INT64 };
    before += at(runs, run).size.rows;
    return withoutNulls(context, numbered, value, {
      kind: "call",
      function: "add",
      args: [place, offset],
      options: {},
      dtype: INT64,
    });
  });
  const [first] = placed;
  return union(placed, first?.schema ?? positionalSchema([]), at(plans, 0).operator);
}

function placeOfExtreme(
  context: PlanningContext,
  values: PhysicalPlan,
  upper: boolean,
  operator: string,
): PhysicalPlan {
  const keys = [
    { column: 0, descending: upper, nulls: "last" as const },
    { column: 1, descending: false, nulls: "last" as const },
  ];
  const first = sortRows(context, values, { kind: "sort", keys, limit: 1 }, operator);
  return folded(context, first, foldBy([], [{ monoid: { kind: "min", column: 1 }, dtype: INT64 }]));
}

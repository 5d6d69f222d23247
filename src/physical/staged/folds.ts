// What aggregates that are planned call by call are made of: folds, values without nulls, and a row of several results.

import { BOOL, type DType, type Schema } from "../../dtype/index.ts";
import type { BoundExpr } from "../../function/index.ts";
import {
  applyOperation,
  columnRef,
  evaluate,
  gather,
  type PlanningContext,
  positionalSchema,
} from "../build.ts";
import type { AggregateCall, AggregateOperation, Monoid } from "../operation.ts";
import type { PhysicalPlan } from "../plan.ts";
import { union } from "./parts.ts";

export interface Fold {
  readonly monoid: Monoid;
  readonly dtype: DType;
}

export function foldBy(keys: readonly number[], folds: readonly Fold[]): AggregateOperation {
  return {
    kind: "aggregate",
    phase: "complete",
    keys,
    monoids: folds.map(({ monoid }) => monoid),
    calls: folds.map((_, monoid): AggregateCall => ({ kind: "value", monoid })),
    dtypes: folds.map(({ dtype }) => dtype),
    texts: folds.map(({ monoid }) => monoid.kind),
    dropNullKeys: false,
  };
}

/** The value and another column, of rows where there is a value. */
export function withoutNulls(
  context: PlanningContext,
  input: PhysicalPlan,
  value: BoundExpr,
  other: BoundExpr,
): PhysicalPlan {
  return evaluate(context, input, {
    outputs: [value, other],
    predicate: { kind: "call", function: "isNotNull", args: [value], options: {}, dtype: BOOL },
    schema: positionalSchema([value.dtype, other.dtype]),
    operator: input.operator,
  });
}

/** A row of a result: which of its columns this plan's only row has. */
export interface SomeColumns {
  readonly plan: PhysicalPlan;
  readonly columns: readonly number[];
}

/** Rows that have some columns each, as one that has all: the others are null in each, and folded away. */
export function oneRow(
  context: PlanningContext,
  pieces: readonly SomeColumns[],
  schema: Schema,
  operator: string,
): PhysicalPlan {
  const dtypes = schema.fields.map(({ dtype }) => dtype);
  const widened = pieces.map(({ plan, columns }) =>
    evaluate(context, plan, {
      outputs: dtypes.map((dtype, column): BoundExpr => {
        const own = columns.indexOf(column);
        return own < 0 ? { kind: "literal", value: null, dtype } : columnRef(own, dtype);
      }),
      predicate: null,
      schema,
      operator,
    }),
  );
  const [only] = widened;
  if (widened.length === 1 && only !== undefined) return only;
  const rows = gather(context, union(widened, schema, operator), operator);
  const folds = dtypes.map(
    (dtype, column): Fold => ({ monoid: { kind: "first", column, nulls: "skip" }, dtype }),
  );
  return applyOperation(context, foldBy([], folds), [rows], schema, operator);
}

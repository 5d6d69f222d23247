// One row a group: the keys, then the aggregates. Groups come in order of first appearance, or sorted by key. Without
// keys there is exactly one group, even of no rows.

import { InvalidArgumentError } from "../base/index.ts";
import { Schema } from "../dtype/index.ts";
import {
  aggregateField,
  columnsText,
  freezeColumns,
  type NamedExpr,
  scalarField,
} from "./derive.ts";
import type { LogicalPlan } from "./logical_plan.ts";

export interface Aggregate {
  readonly kind: "aggregate";
  readonly schema: Schema;
  readonly input: LogicalPlan;
  readonly keys: readonly NamedExpr[];
  /** Expressions over aggregates: `max(a)`, and also `max(a) - min(b)`. */
  readonly aggregates: readonly NamedExpr[];
  /** Groups ascending by key, nulls last, instead of in order of first appearance. */
  readonly sortKeys: boolean;
  /** Leave out rows with a null in any key. */
  readonly dropNulls: boolean;
}

export interface AggregateOptions {
  readonly sortKeys?: boolean;
  readonly dropNulls?: boolean;
}

export function aggregate(
  input: LogicalPlan,
  keys: readonly NamedExpr[],
  aggregates: readonly NamedExpr[],
  options: AggregateOptions = {},
): Aggregate {
  if (keys.length + aggregates.length === 0) {
    throw new InvalidArgumentError("agg() needs at least one aggregate", {
      operator: "agg",
      hint: "Write agg({ n: count() }).",
    });
  }
  const keyFields = keys.map((key) => scalarField(key, input.schema, "groupBy"));
  const fields = [
    ...new Schema(keyFields, "groupBy").fields,
    ...aggregates.map((call) => aggregateField(call, input.schema, "agg")),
  ];
  return Object.freeze({
    kind: "aggregate",
    schema: new Schema(fields, "agg"),
    input,
    keys: freezeColumns(keys),
    aggregates: freezeColumns(aggregates),
    sortKeys: options.sortKeys ?? false,
    dropNulls: options.dropNulls ?? false,
  });
}

export function aggregateText({ keys, aggregates, sortKeys, dropNulls }: Aggregate): string {
  const by = keys.length === 0 ? "" : ` by ${columnsText(keys)}`;
  const flags = `${sortKeys ? ", sorted by key" : ""}${dropNulls ? ", null keys dropped" : ""}`;
  const calls = aggregates.length === 0 ? "" : `: ${columnsText(aggregates)}`;
  return `aggregate${by}${flags}${calls}`;
}

// distinct: a group-by that keeps the whole first row of every group. Order of first appearance is row order. By no
// columns all rows are equal: the first one stays.

import { type Distinct, type LogicalPlan, slice } from "../../plan/index.ts";
import { columnRef, evaluate, type PlanningContext, positionalSchema } from "../build.ts";
import type { AggregateOperation, Monoid } from "../operation.ts";
import type { PhysicalPlan } from "../plan.ts";
import { planAggregateOperation } from "./plan_aggregate.ts";
import { planSlice } from "./plan_slice.ts";

export function planDistinct(
  context: PlanningContext,
  node: Distinct,
  input: PhysicalPlan,
  readers: ReadonlyMap<LogicalPlan, number>,
): PhysicalPlan {
  const { schema } = input;
  const keys = (node.columns ?? schema.names).map((name) => schema.indexOf(name, "distinct"));
  if (keys.length === 0) return planSlice(context, slice(node.input, 0, 1), input, readers);
  const others = schema.fields.map((_, index) => index).filter((index) => !keys.includes(index));
  const monoids = others.map((column): Monoid => ({ kind: "first", column, nulls: "keep" }));
  const operation: AggregateOperation = {
    kind: "aggregate",
    phase: "complete",
    keys,
    monoids,
    calls: monoids.map((_, monoid) => ({ kind: "value", monoid })),
    dtypes: others.map((index) => schema.field(index).dtype),
    texts: others.map(() => "first row"),
    dropNullKeys: false,
  };
  const order = [...keys, ...others];
  const grouped = planAggregateOperation(
    context,
    operation,
    input,
    positionalSchema(order.map((index) => schema.field(index).dtype)),
    "distinct",
  );
  return evaluate(context, grouped, {
    outputs: schema.fields.map((field, index) => columnRef(order.indexOf(index), field.dtype)),
    predicate: null,
    schema: node.schema,
    operator: "distinct",
  });
}

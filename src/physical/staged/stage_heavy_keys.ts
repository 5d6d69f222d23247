// Keys with more rows than one task holds, for aggregates that need all rows of a group: no hash cuts them, so they are found
// by counting and dealt out by range, each to a part of its own.

import type { Steps } from "../../base/index.ts";
import { BOOL, type DType, INT64 } from "../../dtype/index.ts";
import type { BoundExpr } from "../../function/index.ts";
import {
  applyOperation,
  columnRef,
  evaluate,
  gather,
  type PlanningContext,
  positionalSchema,
  workingSetBytes,
} from "../build.ts";
import type { DataSize } from "../device_costs.ts";
import type { AggregateOperation, SortKey } from "../operation.ts";
import { planAggregateOperation } from "../operators/plan_aggregate.ts";
import type { Held, PhysicalPlan } from "../plan.ts";
import { foldBy } from "./folds.ts";
import { defer, exchange, gathered, mergedParts, partsOf, resultSchema, union } from "./parts.ts";
import type { HeavyKeyPartsStep, HeavyKeysStep } from "./step.ts";
import { planWholeGroup } from "./whole_group.ts";

/** Numbers below and above those of all rows. */
const BEFORE_ALL = -1n;
const AFTER_ALL = 2n ** 62n;

/** Groups of `rows`, whose last column has their numbers; `size`: of all of them. */
export function heavyKeysApart(
  context: PlanningContext,
  operation: AggregateOperation,
  rows: PhysicalPlan,
  size: DataSize,
): PhysicalPlan {
  const { operator } = rows;
  const kept = operation.dropNullKeys ? withKeys(context, operation, rows) : rows;
  const most = Math.floor((size.rows * workingSetBytes(context)) / Math.max(1, size.bytes));
  const inputs = [kept, boundsOf(context, operation, kept, most)];
  const schema = resultSchema(rows, operation);
  return defer(context, { kind: "heavyKeys", operation }, { inputs, operator, schema });
}

function withKeys(
  context: PlanningContext,
  { keys }: AggregateOperation,
  rows: PhysicalPlan,
): PhysicalPlan {
  const columns = rows.schema.fields.map(({ dtype }, column) => columnRef(column, dtype));
  return keys.reduce(
    (kept, key) =>
      evaluate(context, kept, {
        outputs: columns,
        predicate: call("isNotNull", [columns[key] as BoundExpr], BOOL),
        schema: rows.schema,
        operator: rows.operator,
      }),
    rows,
  );
}

function call(name: string, args: readonly BoundExpr[], dtype: DType): BoundExpr {
  return { kind: "call", function: name, args, options: {}, dtype };
}

/** Keys with more than `most` rows, twice each, in order: before their first row and after their last one. */
function boundsOf(
  context: PlanningContext,
  { keys }: AggregateOperation,
  rows: PhysicalPlan,
  most: number,
): PhysicalPlan {
  const { operator } = rows;
  const counting = foldBy(keys, [{ monoid: { kind: "count" }, dtype: INT64 }]);
  const counted = planAggregateOperation(
    context,
    counting,
    rows,
    resultSchema(rows, counting),
    operator,
    { ordered: false },
  );
  const own = keys.map((_, index) => columnRef(index, counted.schema.field(index).dtype));
  const literal = (value: bigint): BoundExpr => ({ kind: "literal", value, dtype: INT64 });
  const isHeavy = call("gt", [columnRef(keys.length, INT64), literal(BigInt(most))], BOOL);
  const schema = positionalSchema([...own.map(({ dtype }) => dtype), INT64]);
  const heavy = gather(
    context,
    evaluate(context, counted, {
      outputs: own,
      predicate: isHeavy,
      schema: positionalSchema(own.map(({ dtype }) => dtype)),
      operator,
    }),
    operator,
  );
  const numbered = [BEFORE_ALL, AFTER_ALL].map((number) =>
    evaluate(context, heavy, {
      outputs: [...own, literal(number)],
      predicate: null,
      schema,
      operator,
    }),
  );
  const both = gather(context, union(numbered, schema, operator), operator);
  const sorting = {
    kind: "sort" as const,
    keys: ascending([...keys.keys(), keys.length]),
    limit: null,
  };
  return applyOperation(context, sorting, [both], schema, operator);
}

function ascending(columns: readonly number[]): SortKey[] {
  return columns.map((column) => ({ column, descending: false, nulls: "last" }));
}

export function planHeavyKeys(
  context: PlanningContext,
  { operation }: HeavyKeysStep,
  rows: Held,
  bounds: Held,
): PhysicalPlan {
  const { operator } = rows;
  const parts = bounds.sizes.reduce((count, size) => count + size.rows, 1);
  const route = {
    kind: "range" as const,
    keys: ascending([...operation.keys, rows.schema.length - 1]),
  };
  const dealt = exchange(context, rows, route, { parts, operator, splitters: bounds });
  const schema = resultSchema(rows, operation);
  return defer(
    context,
    { kind: "heavyKeyParts", operation, parts },
    { inputs: [dealt], operator, schema },
  );
}

export function* planHeavyKeyParts(
  context: PlanningContext,
  { operation, parts }: HeavyKeyPartsStep,
  dealt: Held,
  operator: string,
): Steps<PhysicalPlan> {
  const all = yield* partsOf(dealt, parts);
  const schema = resultSchema(dealt, operation);
  const heavy = all.filter(({ size }, part) => part % 2 === 1 && size.rows > 0);
  const light = all.filter((_, part) => part % 2 === 0);
  const hasLight = heavy.length === 0 || light.some(({ size }) => size.rows > 0);
  const gathers = hasLight ? mergedParts(context, light) : [];
  const plans = [
    ...heavy.map((part) => planWholeGroup(context, operation, dealt, part)),
    ...gathers.map((part) =>
      applyOperation(context, operation, [gathered(context, dealt, part)], schema, operator),
    ),
  ];
  return union(plans, schema, operator);
}

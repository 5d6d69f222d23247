// aggregate: arguments are computed first, groups are folded, composite expressions over aggregates come last. Over
// several partitions, or where a device folds but cannot finish, the fold is split: partial states, then final.

import { assert, at, type Steps } from "../../base/index.ts";
import {
  BOOL,
  bitWidth,
  type DType,
  INT32,
  INT64,
  isFloat,
  isInteger,
  type Schema,
} from "../../dtype/index.ts";
import {
  type AggregateNode as AggregateExpr,
  type ExprNode,
  exprKey,
  withoutAlias,
} from "../../expr/index.ts";
import {
  aggregatesIn,
  type BoundAggregate,
  type BoundExpr,
  bindExpression,
  planAggregates,
  substituteAggregates,
} from "../../function/index.ts";
import { factorsOf, isHolistic } from "../../ir/index.ts";
import type { Aggregate } from "../../plan/index.ts";
import {
  allColumns,
  applyOperation,
  columnRef,
  dtypesOf,
  evaluate,
  evaluated,
  gather,
  materialize,
  type PlanningContext,
  positionalSchema,
} from "../build.ts";
import type { AggregateOperation, Monoid } from "../operation.ts";
import { place } from "../placement.ts";
import type { Apply, ApplyPartialAggregate, PhysicalPlan } from "../plan.ts";
import { defer, needsStages, numberRows } from "../staged/parts.ts";
import {
  type FilterBelow,
  type FilteredInput,
  filteredInput,
  prefersMask,
} from "./filtered_input.ts";
import { sortRows } from "./plan_sort.ts";

export function* planAggregate(
  context: PlanningContext,
  node: Aggregate,
  input: PhysicalPlan,
  below: FilterBelow | null = null,
): Steps<PhysicalPlan> {
  const calls = yield* distinctCalls(node.aggregates.map(({ expr }) => expr));
  const { schema } = below === null ? input : node.input;
  const keys = node.keys.map(({ expr }) => bindExpression(expr, schema, "groupBy"));
  const bound: BoundAggregate[] = [];
  for (const call of calls) {
    bound.push(bindAggregate(call, schema));
    yield;
  }
  const expressions = [...keys, ...bound.flatMap((call) => call.args)];
  const filtered = below && (yield* filteredInput(context, below, input, expressions, "agg"));
  const { plan, columns } = filtered
    ? { plan: filtered.compacted, columns: filtered.columns }
    : materialize(context, input, expressions, "agg");
  yield;
  const argColumns = columns.slice(keys.length);
  const planned = yield* planAggregates(
    bound.map((call) => ({
      function: call.function,
      argColumns: argColumns.splice(0, call.args.length),
      options: call.options,
      text: call.text,
    })),
    dtypesOf(plan.schema),
  );
  yield;
  const operation: AggregateOperation = {
    kind: "aggregate",
    phase: "complete",
    keys: columns.slice(0, keys.length),
    ...planned,
    dropNullKeys: node.dropNulls,
  };
  const dtypes = [...keys.map((key) => key.dtype), ...planned.dtypes];
  const results = positionalSchema(dtypes);
  const ordered = { ordered: !node.sortKeys };
  const grouped =
    (filtered && planMasked(context, operation, filtered, results, ordered)) ??
    planAggregateOperation(context, operation, plan, results, "agg", ordered);
  yield;
  const finished = yield* finish(context, node, { schema, calls, grouped });
  return node.sortKeys ? sortByKeys(context, finished, keys.length) : finished;
}

function bindAggregate(call: AggregateExpr, schema: Schema): BoundAggregate {
  const bound = bindExpression(call, schema, "agg");
  assert(bound.kind === "aggregate", "an aggregate binds to an aggregate");
  return bound;
}

/** Over all rows with a mask, or null where the rows that the mask keeps are better compacted. */
function planMasked(
  context: PlanningContext,
  operation: AggregateOperation,
  filtered: FilteredInput,
  schema: Schema,
  options: AggregateOptions,
): PhysicalPlan | null {
  const { plan, mask } = filtered.masked;
  const masked: AggregateOperation = { ...operation, mask };
  const split = plan.partitions > 1 || finishesElsewhere(context, masked, plan);
  // Partitions that are gathered first are better small.
  if (split && operation.calls.some(isHolistic)) return null;
  if (split && operation.keys.length === 0 && operation.monoids.some(showsAnyRow)) return null;
  const fold: AggregateOperation = split ? { ...masked, phase: "partial" } : masked;
  return prefersMask(context, filtered, fold, "agg")
    ? planAggregateOperation(context, masked, plan, schema, "agg", options)
    : null;
}

/** Its state is null for a null as for no rows. Empty partitions are left out; masked ones may be empty in secret. */
function showsAnyRow(monoid: Monoid): boolean {
  return (monoid.kind === "first" || monoid.kind === "last") && monoid.nulls === "keep";
}

export interface AggregateOptions {
  /** Groups in order of first appearance; false: in any order, where that is cheaper. */
  readonly ordered?: boolean;
  /** All groups in one task, however many there are. */
  readonly gathers?: boolean;
}

/** Plans the operation in one step or, over several partitions, in two. `schema`: keys, then calls. */
export function planAggregateOperation(
  context: PlanningContext,
  operation: AggregateOperation,
  input: PhysicalPlan,
  schema: Schema,
  operator: string,
  { ordered = true, gathers = false }: AggregateOptions = {},
): PhysicalPlan {
  if (context.wholeAggregates) {
    const whole = gather(context, input, operator);
    return applyOperation(context, operation, [whole], schema, operator);
  }
  if (operation.calls.some(isHolistic)) {
    if (!gathers && needsStages(context, input)) {
      const inputs = [numberRows(context, input, operator)];
      const step = { kind: "aggregate" as const, operation, windows: null, ordered };
      return defer(context, step, { inputs, operator, schema });
    }
    const whole = gather(context, input, operator);
    return applyOperation(context, operation, [whole], schema, operator);
  }
  if (input.partitions === 1 && !finishesElsewhere(context, operation, input)) {
    return applyOperation(context, operation, [input], schema, operator);
  }
  const partial = planPartial(context, operation, input, operator);
  const final: AggregateOperation = {
    ...operation,
    phase: "final",
    keys: operation.keys.map((_, index) => index),
    monoids: partial.operation.monoids,
    dropNullKeys: false,
    mask: undefined,
    isPart: true,
  };
  if (operation.keys.length > 0 && !gathers && needsStages(context, partial)) {
    return deferFinal(context, final, partial, { schema, operator, ordered });
  }
  const merged = gather(context, partial, operator);
  const applied = applyOperation(context, final, [merged], schema, operator);
  return partial.kind === "apply" ? applied : { ...applied, windowsOf: partial };
}

/** 42 bits of carry hold so many rows. */
const MOST_ROWS = 2 ** 41;

function deferFinal(
  context: PlanningContext,
  operation: AggregateOperation,
  partial: PartialAggregate,
  rest: { readonly schema: Schema; readonly operator: string; readonly ordered: boolean },
): PhysicalPlan {
  const { schema, operator, ordered } = rest;
  const measured: PartialAggregate =
    partial.kind === "apply" ? partial : { ...partial, rowBound: MOST_ROWS };
  const groups = numberRows(context, measured, operator);
  const step = { kind: "aggregate" as const, operation, ordered };
  if (measured.kind === "apply") {
    return defer(context, { ...step, windows: null }, { inputs: [groups], operator, schema });
  }
  const { columns } = measured.range;
  const ranges: PhysicalPlan = {
    kind: "ranges",
    operator,
    schema: positionalSchema(columns.flatMap(() => [INT32, INT32])),
    partitions: measured.partitions,
    of: measured,
  };
  const inputs = [groups, ranges];
  return defer(
    context,
    { ...step, windows: { columns, rowBound: MOST_ROWS } },
    { inputs, operator, schema },
  );
}

/** Would the whole operation leave a device that can at least fold the groups? */
function finishesElsewhere(
  context: PlanningContext,
  operation: AggregateOperation,
  input: PhysicalPlan,
): boolean {
  const kindOf = (candidate: AggregateOperation) => {
    const [id] = place(context.policy, candidate, [dtypesOf(input.schema)], "agg").devices;
    return context.policy.devices.find(({ descriptor }) => descriptor.id === id)?.descriptor.kind;
  };
  return kindOf(operation) !== kindOf({ ...operation, phase: "partial" });
}

type PartialAggregate =
  | (Apply & { readonly operation: AggregateOperation })
  | ApplyPartialAggregate;

function planPartial(
  context: PlanningContext,
  operation: AggregateOperation,
  input: PhysicalPlan,
  operator: string,
): PartialAggregate {
  const dtypes = dtypesOf(input.schema);
  const partial: AggregateOperation = {
    ...operation,
    phase: "partial",
    monoids: operation.monoids.map((monoid) => withIntegerWindow(monoid, dtypes)),
  };
  const states = operation.monoids.map((monoid) => stateType(monoid, dtypes));
  const schema = positionalSchema([...operation.keys.map((key) => at(dtypes, key)), ...states]);
  const apply = applyOperation(context, partial, [input], schema, operator);
  const measured = partial.monoids.flatMap((monoid) =>
    monoid.kind === "sum" && monoid.window === null
      ? factorsOf(monoid).map(({ column }) => column)
      : [],
  );
  if (measured.length === 0) return { ...apply, operation: partial };
  const columns = [...new Set(measured)];
  return {
    ...apply,
    kind: "applyPartialAggregate",
    operation: partial,
    range: { kind: "exponentRange", columns, mask: operation.mask },
    input,
  };
}

/** Sums of integers need no measuring: their dtypes bound them. 42 bits of carry hold 2^41 rows. */
function withIntegerWindow(monoid: Monoid, dtypes: readonly DType[]): Monoid {
  if (monoid.kind !== "sum") return monoid;
  let bits = 42;
  for (const { column, power } of factorsOf(monoid)) {
    const dtype = at(dtypes, column);
    if (isFloat(dtype)) return monoid;
    const width = isInteger(dtype) ? bitWidth(dtype) : dtype.kind === "decimal" ? 128 : 64;
    bits += power * width;
  }
  return { ...monoid, window: { lowExponent: 0, limbs: Math.ceil(bits / 32) } };
}

function stateType(monoid: Monoid, dtypes: readonly DType[]): DType {
  switch (monoid.kind) {
    case "count":
    case "countValues":
    case "sum":
      return INT64;
    case "any":
    case "all":
      return BOOL;
    default:
      return at(dtypes, monoid.column);
  }
}

/** The aggregates of all outputs, each once. */
function* distinctCalls(expressions: readonly ExprNode[]): Steps<AggregateExpr[]> {
  const calls = new Map<string, AggregateExpr>();
  for (const expression of expressions) {
    for (const call of aggregatesIn(expression)) calls.set(exprKey(call), call);
    yield;
  }
  return [...calls.values()];
}

/**
 * From keys and calls to the outputs: `max(a) - min(b)` becomes a difference of two calls. It is bound as it was written,
 * over the input's schema, so that errors show it and not the columns in which the calls lie.
 */
function* finish(
  context: PlanningContext,
  node: Aggregate,
  results: {
    readonly schema: Schema;
    readonly calls: readonly AggregateExpr[];
    readonly grouped: PhysicalPlan;
  },
): Steps<PhysicalPlan> {
  const { schema, calls, grouped } = results;
  const keyCount = node.keys.length;
  const positions = new Map(calls.map((call, index) => [exprKey(call), keyCount + index]));
  const reference = (index: number) => columnRef(index, grouped.schema.field(index).dtype);
  const resultOf = (call: AggregateExpr) => {
    const position = positions.get(exprKey(call));
    assert(position !== undefined, "every aggregate was collected");
    return reference(position);
  };
  const outputs: BoundExpr[] = node.keys.map((_, index) => reference(index));
  for (const { expr } of node.aggregates) {
    const written = withoutAlias(expr);
    // Most are nothing but an aggregate, which is bound already.
    outputs.push(
      written.kind === "aggregate"
        ? resultOf(written)
        : substituteAggregates(bindExpression(written, schema, "agg"), (call) =>
            resultOf(call.node),
          ),
    );
    yield;
  }
  return yield* evaluated(context, grouped, {
    outputs,
    predicate: null,
    schema: node.schema,
    operator: "agg",
  });
}

function sortByKeys(context: PlanningContext, plan: PhysicalPlan, keyCount: number): PhysicalPlan {
  const keys = Array.from({ length: keyCount }, (_, column) => ({
    column,
    descending: false,
    nulls: "last" as const,
  }));
  const sorted = sortRows(context, plan, { kind: "sort", keys, limit: null }, "groupBy sort");
  return evaluate(context, sorted, {
    outputs: allColumns(plan.schema),
    predicate: null,
    schema: plan.schema,
    operator: "groupBy sort",
  });
}

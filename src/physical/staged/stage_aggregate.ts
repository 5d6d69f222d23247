// Aggregates in parts: groups that partitions have found are dealt out by key, so that each group's pieces meet in one
// part, and are merged there. Functions that need all rows of a group get the rows dealt out instead. Where a group's
// first row stood goes along, and restores the order.

import { assert, type Steps } from "../../base/index.ts";
import { INT64 } from "../../dtype/index.ts";
import { isHolistic as needsAllRows } from "../../ir/index.ts";
import {
  applyOperation,
  columnRef,
  dtypesOf,
  evaluate,
  gather,
  type PlanningContext,
  positionalSchema,
} from "../build.ts";
import type { AggregateOperation } from "../operation.ts";
import type { Apply, Held, HeldWindows, PhysicalPlan } from "../plan.ts";
import {
  allOf,
  cutsFurther,
  defer,
  exchange,
  fits,
  gathered,
  mergedParts,
  partCount,
  partsOf,
  regathered,
  resultSchema,
  union,
} from "./parts.ts";
import { heavyKeysApart } from "./stage_heavy_keys.ts";
import { stagedSort } from "./stage_sort.ts";
import type { AggregatePartsStep, AggregateStep } from "./step.ts";
import { planWholeGroup } from "./whole_group.ts";

export function planAggregateStage(
  context: PlanningContext,
  step: AggregateStep,
  [rows, ranges]: readonly Held[],
  operator: string,
): PhysicalPlan {
  assert(rows !== undefined, "an aggregate has an input");
  const { bytes } = rows.size;
  const { operation, ordered } = step;
  if (fits(context, bytes)) {
    const whole = gather(context, rows, operator);
    return applied(context, step, operation, whole, ranges, operator);
  }
  // Without keys only what needs all values comes here.
  if (operation.keys.length === 0) return planWholeGroup(context, operation, rows, allOf(rows));
  const parts = partCount(context, bytes, rows.sizes.length);
  const dealt = dealOut(context, step, rows, { ranges, parts, level: 0 });
  const results = operation.keys.length + operation.calls.length;
  const outputs = Array.from({ length: results }, (_, column) => column);
  if (ordered) {
    const keys = [{ column: results, descending: false, nulls: "last" as const }];
    return stagedSort(context, dealt, { keys, given: 0, outputs }, operator);
  }
  return evaluate(context, dealt, {
    outputs: outputs.map((column) => columnRef(column, dealt.schema.field(column).dtype)),
    predicate: null,
    schema: positionalSchema(dtypesOf(dealt.schema).slice(0, results)),
    operator,
  });
}

function dealOut(
  context: PlanningContext,
  step: Omit<AggregateStep, "kind">,
  rows: PhysicalPlan,
  rest: { ranges: Held | undefined; parts: number; level: number },
): PhysicalPlan {
  const { operator } = rows;
  const { operation, windows, ordered } = step;
  const { ranges, parts, level } = rest;
  const { keys } = operation;
  const route = { kind: "hash" as const, keys, seed: level, spreadNulls: false };
  const dealt = exchange(context, rows, route, { parts, operator });
  return defer(
    context,
    { kind: "aggregateParts", operation, windows, ordered, parts, level },
    {
      inputs: ranges === undefined ? [dealt] : [dealt, ranges],
      operator,
      schema: withNumbers(rows, operation),
    },
  );
}

export function* planAggregateParts(
  context: PlanningContext,
  step: AggregatePartsStep,
  [dealt, ranges]: readonly Held[],
  operator: string,
): Steps<PhysicalPlan> {
  assert(dealt !== undefined, "an aggregate has an input");
  const { operation, level } = step;
  const found = yield* partsOf(dealt, step.parts);
  const numbered = withFirstRow(operation, dealt.schema.length - 1);
  const isHolistic = operation.calls.some(needsAllRows);
  const plans: PhysicalPlan[] = [];
  for (const part of mergedParts(context, found)) {
    yield;
    const { bytes } = part.size;
    const isCut = cutsFurther(bytes, dealt, level);
    if (fits(context, bytes) || !(isCut || isHolistic)) {
      const whole = gathered(context, dealt, part);
      plans.push(applied(context, step, numbered, whole, ranges, operator));
      continue;
    }
    const runs = yield* regathered(context, dealt, part);
    const again = { ranges, parts: partCount(context, bytes, runs.partitions), level: level + 1 };
    plans.push(
      isCut
        ? dealOut(context, step, runs, again)
        : heavyKeysApart(context, numbered, runs, part.size),
    );
  }
  return union(plans, withNumbers(dealt, operation), operator);
}

function applied(
  context: PlanningContext,
  { windows }: Pick<AggregateStep, "windows">,
  operation: AggregateOperation,
  input: PhysicalPlan,
  ranges: Held | undefined,
  operator: string,
): Apply {
  const schema = resultSchema(input, operation);
  const apply = applyOperation(context, operation, [input], schema, operator);
  if (ranges === undefined || windows === null) return apply;
  const windowsOf: HeldWindows = { kind: "heldWindows", ranges, ...windows };
  return { ...apply, windowsOf };
}

/** One more call: the number of the group's first row. In phase final, the state of a minimum is the number itself. */
function withFirstRow(operation: AggregateOperation, column: number): AggregateOperation {
  const { monoids, calls, dtypes, texts } = operation;
  return {
    ...operation,
    monoids: [...monoids, { kind: "min", column }],
    calls: [...calls, { kind: "value", monoid: monoids.length }],
    dtypes: [...dtypes, INT64],
    texts: [...texts, "first row"],
    isPart: true,
  };
}

function withNumbers(input: PhysicalPlan, operation: AggregateOperation) {
  return resultSchema(input, withFirstRow(operation, 0));
}

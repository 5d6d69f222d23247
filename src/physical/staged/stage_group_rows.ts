// The first rows of each group, in parts: rows are dealt out by key, each part keeps its own, and numbers restore the order.

import type { Steps } from "../../base/index.ts";
import { applyOperation, gather, type PlanningContext } from "../build.ts";
import type { GroupRowsOperation } from "../operation.ts";
import type { Held, PhysicalPlan } from "../plan.ts";
import {
  cutsFurther,
  defer,
  exchange,
  fits,
  gathered,
  mergedParts,
  partCount,
  partsOf,
  regathered,
  union,
} from "./parts.ts";
import { stagedSort } from "./stage_sort.ts";
import type { GroupRowsPartsStep, GroupRowsStep } from "./step.ts";

export function planGroupRowsStage(
  context: PlanningContext,
  { operation }: GroupRowsStep,
  rows: Held,
  operator: string,
): PhysicalPlan {
  const { bytes } = rows.size;
  const last = rows.schema.length - 1;
  if (fits(context, bytes)) {
    return applyOperation(
      context,
      operation,
      [gather(context, rows, operator)],
      rows.schema,
      operator,
    );
  }
  const parts = partCount(context, bytes, rows.sizes.length);
  const kept = dealOut(context, operation, rows, { parts, level: 0 });
  const keys = [{ column: last, descending: false, nulls: "last" as const }];
  const outputs = Array.from({ length: rows.schema.length }, (_, column) => column);
  return stagedSort(context, kept, { keys, given: 0, outputs }, operator);
}

function dealOut(
  context: PlanningContext,
  operation: GroupRowsOperation,
  rows: PhysicalPlan,
  { parts, level }: { readonly parts: number; readonly level: number },
): PhysicalPlan {
  const { operator, schema } = rows;
  const route = { kind: "hash" as const, keys: operation.keys, seed: level, spreadNulls: false };
  const dealt = exchange(context, rows, route, { parts, operator });
  const step = { kind: "groupRowsParts" as const, operation, parts, level };
  return defer(context, step, { inputs: [dealt], operator, schema });
}

export function* planGroupRowsParts(
  context: PlanningContext,
  step: GroupRowsPartsStep,
  dealt: Held,
  operator: string,
): Steps<PhysicalPlan> {
  const found = yield* partsOf(dealt, step.parts);
  const plans: PhysicalPlan[] = [];
  for (const part of mergedParts(context, found)) {
    yield;
    const { bytes } = part.size;
    if (!fits(context, bytes) && cutsFurther(bytes, dealt, step.level)) {
      const runs = yield* regathered(context, dealt, part);
      const again = { parts: partCount(context, bytes, runs.partitions), level: step.level + 1 };
      plans.push(dealOut(context, step.operation, runs, again));
      continue;
    }
    const whole = gathered(context, dealt, part);
    plans.push(applyOperation(context, step.operation, [whole], dealt.schema, operator));
  }
  return union(plans, dealt.schema, operator);
}

// Sort in parts: splitters from a sample of the keys cut the rows into ranges, and every range is sorted by itself. The
// row's number is the last key: rows that are equal in all others can still be cut, and stay in order.

import { assert } from "../../base/index.ts";
import {
  applyOperation,
  columnRef,
  evaluate,
  gather,
  type PlanningContext,
  positionalSchema,
  workingSetBytes,
} from "../build.ts";
import type { SortKey } from "../operation.ts";
import type { Held, PhysicalPlan } from "../plan.ts";
import {
  coalesced,
  defer,
  exchange,
  fits,
  gathered,
  merged,
  type Part,
  partCount,
  partsOf,
  pick,
  regathered,
  union,
} from "./parts.ts";
import type { SortPartsStep, SortStep } from "./step.ts";

/** Of every partition. With S rows in all, the largest of P ranges exceeds the mean by about sqrt(2 P ln P / S). */
const SAMPLED_ROWS = 1024;
/** Ranges that stay too large although they were cut so often hold few rows of much text each. */
const MOST_LEVELS = 4;

/** The `outputs` of the rows in the order of `keys`, which tell any two rows apart. */
export function stagedSort(
  context: PlanningContext,
  rows: PhysicalPlan,
  step: Pick<SortStep, "keys" | "given" | "outputs"> & { readonly level?: number },
  operator: string,
): PhysicalPlan {
  const schema = positionalSchema(step.outputs.map((column) => rows.schema.field(column).dtype));
  const sampled = sample(
    context,
    keysOf(context, rows, step.keys, operator),
    SAMPLED_ROWS,
    operator,
  );
  return defer(
    context,
    {
      kind: "sort",
      keys: step.keys,
      given: step.given,
      outputs: step.outputs,
      level: step.level ?? 0,
    },
    { inputs: [rows, sampled], operator, schema },
  );
}

export function planSortStage(
  context: PlanningContext,
  step: SortStep,
  [rows, samples]: readonly Held[],
  operator: string,
): PhysicalPlan {
  assert(rows !== undefined && samples !== undefined, "a sort has rows and a sample of them");
  const bytes = rows.sizes.reduce((total, size) => total + size.bytes, 0);
  if (fits(context, bytes) || step.level >= MOST_LEVELS) {
    return sorted(context, gather(context, rows, operator), step, operator);
  }
  const parts = partCount(context, bytes, rows.sizes.length);
  const dealt = exchange(
    context,
    rows,
    { kind: "range", keys: step.keys },
    { parts, operator, splitters: splittersOf(context, step, rows, samples, parts) },
  );
  return defer(
    context,
    { ...step, kind: "sortParts", parts },
    { inputs: [dealt], operator, schema: outputSchema(rows, step) },
  );
}

export function planSortParts(
  context: PlanningContext,
  step: SortPartsStep,
  dealt: Held,
  operator: string,
): PhysicalPlan {
  const parts = partsOf(dealt, step.parts).filter(({ size }) => size.rows > 0);
  const groups = coalesced(parts, workingSetBytes(context), ({ size }) => size.bytes).map(merged);
  const all = groups.length > 0 ? groups : [{ indices: [], size: { rows: 0, bytes: 0 } }];
  const plans = all.map((part: Part) => {
    if (fits(context, part.size.bytes) || part.size.rows < 2) {
      return sorted(context, gathered(context, dealt, part), step, operator);
    }
    const pieces = regathered(context, dealt, part);
    return stagedSort(context, pieces, { ...step, level: step.level + 1 }, operator);
  });
  return union(plans, outputSchema(dealt, step), operator);
}

/** One partition, sorted. */
function sorted(
  context: PlanningContext,
  input: PhysicalPlan,
  step: Pick<SortStep, "keys" | "given" | "outputs">,
  operator: string,
): PhysicalPlan {
  const keys = step.keys.slice(0, step.keys.length - step.given);
  const operation = { kind: "sort" as const, keys, limit: null };
  const rows = applyOperation(context, operation, [input], input.schema, operator);
  return evaluate(context, rows, {
    outputs: step.outputs.map((column) => columnRef(column, input.schema.field(column).dtype)),
    predicate: null,
    schema: outputSchema(input, step),
    operator,
  });
}

function outputSchema({ schema }: PhysicalPlan, { outputs }: Pick<SortStep, "outputs">) {
  return positionalSchema(outputs.map((column) => schema.field(column).dtype));
}

/** Every partition's rows, as many in proportion as it holds of all; sorted, and cut into even runs. */
function splittersOf(
  context: PlanningContext,
  { keys }: SortStep,
  rows: Held,
  samples: Held,
  parts: number,
): PhysicalPlan {
  const { operator } = rows;
  const most = Math.max(...rows.sizes.map((size) => size.rows));
  const weighted = rows.sizes.flatMap(({ rows: count }, index) => {
    const share = Math.ceil((count / most) * SAMPLED_ROWS);
    return share === 0 ? [] : [sample(context, pick(samples, [index]), share, operator)];
  });
  const all = gather(context, union(weighted, samples.schema, operator), operator);
  const own = keys.map((key, column) => ({ ...key, column }));
  const operation = { kind: "sort" as const, keys: own, limit: null };
  const ordered = applyOperation(context, operation, [all], all.schema, operator);
  return sample(context, ordered, parts - 1, operator);
}

function sample(
  context: PlanningContext,
  input: PhysicalPlan,
  count: number,
  operator: string,
): PhysicalPlan {
  return applyOperation(context, { kind: "sample", count }, [input], input.schema, operator);
}

function keysOf(
  context: PlanningContext,
  rows: PhysicalPlan,
  keys: readonly SortKey[],
  operator: string,
): PhysicalPlan {
  const outputs = keys.map(({ column }) => columnRef(column, rows.schema.field(column).dtype));
  const schema = positionalSchema(outputs.map(({ dtype }) => dtype));
  return evaluate(context, rows, { outputs, predicate: null, schema, operator });
}

// Sort in parts: splitters from a sample of the keys cut the rows into ranges, and every range is sorted by itself. The
// row's number is the last key: rows that are equal in all others can still be cut, and stay in order.

import { assert, at, type Steps } from "../../base/index.ts";
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
import type { Exchange, Held, PhysicalPlan } from "../plan.ts";
import { rowBytes } from "../size_estimate.ts";
import {
  allOf,
  defer,
  exchange,
  fits,
  gathered,
  mergedParts,
  type Part,
  partCount,
  partsOf,
  pick,
  regathered,
  union,
} from "./parts.ts";
import type { RowWindow, SortPartsStep, SortStep } from "./step.ts";

/** Of every partition. With S rows in all, the largest of P ranges exceeds the mean by about sqrt(2 P ln P / S). */
const SAMPLED_ROWS = 1024;
/** Of what one task holds, the sample of all partitions. */
const SAMPLE_SHARE = 0.5;
/** Ranges that stay too large although they were cut so often hold few rows of much text each. */
const MOST_LEVELS = 4;
/** Fewer cannot be cut, however many bytes their dictionaries have: of no rows there is nothing to sample either. */
const LEAST_ROWS = 2;

/** The `outputs` of the rows in the order of `keys`, which tell any two rows apart. */
export function stagedSort(
  context: PlanningContext,
  rows: PhysicalPlan,
  step: Pick<SortStep, "keys" | "given" | "outputs"> & Partial<Pick<SortStep, "level" | "window">>,
  operator: string,
): PhysicalPlan {
  const schema = positionalSchema(step.outputs.map((column) => rows.schema.field(column).dtype));
  const { keys, given, outputs, level = 0, window = null } = step;
  return defer(
    context,
    { kind: "sort", keys, given, outputs, level, window },
    { inputs: [rows, sampleOf(context, rows, keys, operator)], operator, schema },
  );
}

/** Of every partition, some rows' keys. */
export function sampleOf(
  context: PlanningContext,
  rows: PhysicalPlan,
  keys: readonly SortKey[],
  operator: string,
): PhysicalPlan {
  return sample(context, keysOf(context, rows, keys, operator), SAMPLED_ROWS, operator);
}

export function* planSortStage(
  context: PlanningContext,
  step: SortStep,
  [rows, samples]: readonly Held[],
  operator: string,
): Steps<PhysicalPlan> {
  assert(rows !== undefined && samples !== undefined, "a sort has rows and a sample of them");
  const isCut = !fits(context, rows.size.bytes) && rows.size.rows >= LEAST_ROWS;
  if (!isCut || step.level >= MOST_LEVELS) {
    return sorted(context, gather(context, rows, operator), step, operator);
  }
  const dealt = yield* dealtByRange(context, step.keys, rows, samples);
  return sortedRanges(context, step, dealt, operator);
}

/** The rows, in runs of the order of `keys`. */
export function* dealtByRange(
  context: PlanningContext,
  keys: readonly SortKey[],
  rows: Held,
  samples: Held,
): Steps<Exchange> {
  const { operator } = rows;
  const runs = yield* regathered(context, rows, allOf(rows));
  const parts = partCount(context, rows.size.bytes, runs.partitions);
  const splitters = yield* splittersOf(context, keys, rows, samples, parts);
  return exchange(context, runs, { kind: "range", keys }, { parts, operator, splitters });
}

/** The `outputs` of rows that have been dealt out, in order. */
export function sortedRanges(
  context: PlanningContext,
  step: Omit<SortStep, "kind">,
  dealt: Exchange,
  operator: string,
): PhysicalPlan {
  const { parts } = dealt.operation;
  return defer(
    context,
    { ...step, kind: "sortParts", parts },
    { inputs: [dealt], operator, schema: outputSchema(dealt, step) },
  );
}

export function* planSortParts(
  context: PlanningContext,
  step: SortPartsStep,
  dealt: Held,
  operator: string,
): Steps<PhysicalPlan> {
  const groups = mergedParts(context, yield* partsOf(dealt, step.parts));
  const plans: PhysicalPlan[] = [];
  for (const { part, window } of wantedParts(groups, step.window)) {
    yield;
    const own = { ...step, window };
    if (fits(context, part.size.bytes) || part.size.rows < LEAST_ROWS) {
      plans.push(sorted(context, gathered(context, dealt, part), own, operator));
      continue;
    }
    const pieces = yield* regathered(context, dealt, part);
    plans.push(stagedSort(context, pieces, { ...own, level: step.level + 1 }, operator));
  }
  return union(plans, outputSchema(dealt, step), operator);
}

interface WantedPart {
  readonly part: Part;
  /** Of the part's own rows; null: all. */
  readonly window: RowWindow | null;
}

/** The parts that have rows of the window; never none, so that there is a partition to show. */
function wantedParts(parts: readonly Part[], window: RowWindow | null): readonly WantedPart[] {
  const wanted: WantedPart[] = [];
  let first = 0;
  for (const part of parts) {
    const { rows } = part.size;
    const start = Math.max(window?.offset ?? 0, first) - first;
    const end = Math.min(window === null ? Infinity : window.offset + window.length - first, rows);
    first += rows;
    if (end <= start) continue;
    const isWhole = start === 0 && end === rows;
    wanted.push({ part, window: isWhole ? null : { offset: start, length: end - start } });
  }
  if (wanted.length > 0) return wanted;
  const none = { indices: at(parts, 0).indices.slice(0, 1), size: { rows: 0, bytes: 0 } };
  return [{ part: none, window: { offset: 0, length: 0 } }];
}

/** One partition, sorted. */
function sorted(
  context: PlanningContext,
  input: PhysicalPlan,
  step: Pick<SortStep, "keys" | "given" | "outputs" | "window">,
  operator: string,
): PhysicalPlan {
  const keys = step.keys.slice(0, step.keys.length - step.given);
  const { window } = step;
  const limit = window === null ? null : window.offset + window.length;
  const rows = applyOperation(
    context,
    { kind: "sort", keys, limit },
    [input],
    input.schema,
    operator,
  );
  const cut =
    window === null || window.offset === 0
      ? rows
      : applyOperation(context, { kind: "slice", ...window }, [rows], input.schema, operator);
  return evaluate(context, cut, {
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
function* splittersOf(
  context: PlanningContext,
  keys: readonly SortKey[],
  rows: Held,
  samples: Held,
  parts: number,
): Steps<PhysicalPlan> {
  const { operator } = rows;
  const most = rows.sizes.reduce((largest, size) => Math.max(largest, size.rows), 0);
  // One task sorts the sample: of many partitions it takes less of each.
  const room = (SAMPLE_SHARE * workingSetBytes(context)) / rowBytes(samples.schema);
  const sampled = Math.min(SAMPLED_ROWS, (room * most) / Math.max(1, rows.size.rows));
  const weighted: PhysicalPlan[] = [];
  for (const [index, { rows: count }] of rows.sizes.entries()) {
    yield;
    const share = Math.ceil((count / most) * sampled);
    if (share > 0) weighted.push(sample(context, pick(samples, [index]), share, operator));
  }
  const whole = gather(context, union(weighted, samples.schema, operator), operator);
  const own = keys.map((key, column) => ({ ...key, column }));
  const operation = { kind: "sort" as const, keys: own, limit: null };
  const ordered = applyOperation(context, operation, [whole], samples.schema, operator);
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

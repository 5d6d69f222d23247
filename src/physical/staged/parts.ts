// The steps that all staged operators take: number rows, deal them out, and work part by part on what one task can hold.

import { at, mapped, type Steps } from "../../base/index.ts";
import { INT64, type Schema } from "../../dtype/index.ts";
import {
  applyOperation,
  gather,
  type PlanningContext,
  positionalSchema,
  workingSetBytes,
} from "../build.ts";
import type { DataSize } from "../device_costs.ts";
import type { AggregateOperation, ExchangeRoute } from "../operation.ts";
import { placeOnHost } from "../placement.ts";
import type { Deferred, Exchange, Held, PhysicalPlan } from "../plan.ts";
import { estimateSize, sum } from "../size_estimate.ts";
import type { StageStep } from "./step.ts";

/** A part may be so much larger than planned before it is dealt out again: hashes and samples are not exact. */
const TOLERANCE = 1.5;
/** Pieces are batches of their own, with a cost of their own (about 0.1 ms): an exchange of many inputs makes fewer parts. */
const MOST_PIECES = 2 ** 14;

/** Could a task have to hold more than it should, were all of this gathered? */
export function needsStages(context: PlanningContext, ...plans: readonly PhysicalPlan[]): boolean {
  const { bytes } = sum(plans.map(estimateSize));
  return plans.some(({ partitions }) => partitions > 1) && bytes > workingSetBytes(context);
}

export function fits(context: PlanningContext, bytes: number): boolean {
  return bytes <= workingSetBytes(context) * TOLERANCE;
}

/**
 * Into how many parts so much goes that comes in so many partitions. Parts that stay too large are dealt out again: where
 * that must be, both times into about as many.
 */
export function partCount(context: PlanningContext, bytes: number, partitions: number): number {
  const most = Math.max(2, Math.floor(MOST_PIECES / Math.max(1, partitions)));
  const wanted = Math.max(2, Math.ceil(bytes / workingSetBytes(context)));
  return wanted <= most ? wanted : Math.min(most, Math.max(2, Math.ceil(Math.sqrt(wanted))));
}

/** The input's columns, then the number of each row, ascending over all partitions. */
export function numberRows(
  context: PlanningContext,
  input: PhysicalPlan,
  operator: string,
): PhysicalPlan {
  const dtypes = [...input.schema.fields.map(({ dtype }) => dtype), INT64];
  const operation = { kind: "numberRows" as const, partition: 0 };
  return applyOperation(context, operation, [input], positionalSchema(dtypes), operator);
}

export function exchange(
  context: PlanningContext,
  input: PhysicalPlan,
  route: ExchangeRoute,
  rest: { parts: number; operator: string; splitters?: PhysicalPlan },
): Exchange {
  return {
    kind: "exchange",
    operator: rest.operator,
    schema: input.schema,
    partitions: input.partitions * rest.parts,
    operation: { kind: "exchange", parts: rest.parts, route },
    input,
    splitters: rest.splitters ?? null,
    placement: { ...placeOnHost(context.policy), reason: "rows are exchanged in host memory" },
  };
}

export function defer(
  context: PlanningContext,
  step: StageStep,
  rest: Pick<Deferred, "inputs" | "operator" | "schema"> &
    Partial<Pick<Deferred, "later" | "reason">>,
  atLeast: DataSize = { rows: 0, bytes: 0 },
): Deferred {
  const read = sum([...rest.inputs, ...(rest.later ?? [])].map(estimateSize));
  const estimate = {
    rows: Math.max(read.rows, atLeast.rows),
    bytes: Math.max(read.bytes, atLeast.bytes),
  };
  const parts = Math.max(2, Math.ceil(estimate.bytes / workingSetBytes(context)));
  return {
    kind: "deferred",
    later: [],
    partitions: parts,
    step,
    estimate,
    reason: `up to ${sizeText(estimate.bytes)} in about ${parts} parts: more than the ${sizeText(workingSetBytes(context))} that one task holds`,
    ...rest,
  };
}

function sizeText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const unit = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Number((bytes / 1024 ** unit).toPrecision(3))} ${units[unit]}`;
}

/** Pieces of one part, or of neighbours that fit into one task together. */
export interface Part {
  /** Those that have rows, or one that has none: never nothing. */
  readonly indices: readonly number[];
  readonly size: DataSize;
}

/** What each of `count` parts holds of an exchange's pieces. */
export function* partsOf({ sizes }: Held, count: number): Steps<Part[]> {
  const each = sizes.length / count;
  const parts: Part[] = [];
  for (let part = 0; part < count; part++) {
    const own = Array.from({ length: each }, (_, piece) => part * each + piece);
    const filled = own.filter((index) => at(sizes, index).rows > 0);
    const indices = filled.length > 0 ? filled : own.slice(0, 1);
    parts.push({ indices, size: sum(indices.map((index) => at(sizes, index))) });
    yield;
  }
  return parts;
}

/** Neighbours together as long as `weigh` of them stays below the limit. */
export function coalesced<T>(
  items: readonly T[],
  limit: number,
  weigh: (item: T) => number,
): readonly (readonly T[])[] {
  const groups: T[][] = [];
  let [last, weight]: [T[] | null, number] = [null, 0];
  for (const item of items) {
    const own = weigh(item);
    if (last === null || weight + own > limit) {
      last = [];
      weight = 0;
      groups.push(last);
    }
    last.push(item);
    weight += own;
  }
  return groups;
}

/** At least one. */
export function merged(parts: readonly Part[]): Part {
  const filled = parts.filter(({ size }) => size.rows > 0);
  const kept = filled.length > 0 ? filled : parts.slice(0, 1);
  return {
    indices: kept.flatMap(({ indices }) => indices),
    size: sum(kept.map(({ size }) => size)),
  };
}

/** Of what has been dealt out, neighbours together that one task may hold; without any rows, one part. */
export function mergedParts(context: PlanningContext, parts: readonly Part[]): readonly Part[] {
  const filled = parts.filter(({ size }) => size.rows > 0);
  if (filled.length === 0) return [merged(parts)];
  return coalesced(filled, workingSetBytes(context), ({ size }) => size.bytes).map(merged);
}

export function pick(input: PhysicalPlan, indices: readonly number[]): PhysicalPlan {
  const { operator, schema } = input;
  return { kind: "pick", operator, schema, partitions: indices.length, input, indices };
}

/** All partitions as one part. */
export function allOf({ sizes, size }: Held): Part {
  return { indices: [...sizes.keys()], size };
}

/** The pieces as one partition. */
export function gathered(context: PlanningContext, input: Held, part: Part): PhysicalPlan {
  return gather(context, pick(input, part.indices), input.operator);
}

/** Runs of pieces, none larger than the limit unless a single piece is. */
export function chunks(input: Held, part: Part, limit: number): readonly Part[] {
  const weigh = (index: number) => at(input.sizes, index).bytes;
  return coalesced(part.indices, limit, weigh).map((indices) => ({
    indices,
    size: sum(indices.map((index) => at(input.sizes, index))),
  }));
}

/** A part that other hashes do not make smaller is one key, or nearly. */
const MOST_LEVELS = 3;
/** A part that keeps so much of what was dealt out again has one key with nearly all of its rows. */
const ONE_KEY = 0.7;

/** May another hash cut a part of so many bytes, of what was dealt out? */
export function cutsFurther(bytes: number, dealt: Held | readonly Held[], level: number): boolean {
  const all = sum([dealt].flat().map(({ size }) => size)).bytes;
  return level < MOST_LEVELS && !(level > 0 && bytes > all * ONE_KEY);
}

/** The pieces of a part that is dealt out: neighbours are put together first, so that there are not ever more of them. */
export function* regathered(
  context: PlanningContext,
  input: Held,
  part: Part,
): Steps<PhysicalPlan> {
  const runs = chunks(input, part, workingSetBytes(context));
  const plans = yield* mapped(runs, (run) => gathered(context, input, run));
  return union(plans, input.schema, input.operator);
}

export function union(
  plans: readonly PhysicalPlan[],
  schema: Schema,
  operator: string,
): PhysicalPlan {
  const [only] = plans;
  if (plans.length === 1 && only !== undefined) return only;
  const partitions = plans.reduce((count, plan) => count + plan.partitions, 0);
  return { kind: "union", operator, schema, partitions, inputs: plans };
}

/** Keys, then calls. */
export function resultSchema({ schema }: PhysicalPlan, { keys, dtypes }: AggregateOperation) {
  return positionalSchema([...keys.map((key) => schema.field(key).dtype), ...dtypes]);
}

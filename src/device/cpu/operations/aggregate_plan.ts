// An aggregate operation as the addon reads it (native/kernels/aggregate/plan_napi.cc): rows of numbers in typed arrays,
// written between turns of the event loop. Of objects the addon would read each property by a call of its own: of 10,000
// aggregates 12 ms in one turn.

import { assertNever, at, ITEMS_A_STEP, inSlices, type Steps } from "../../../base/index.ts";
import { fixedStorage } from "../../../codegen/index.ts";
import type { Column } from "../../../column/index.ts";
import type { AggregateCall, ExactStep, Interpolation, Monoid } from "../../../ir/index.ts";
import type { AggregateOperation } from "../../../physical/index.ts";
import { toNativeBounds } from "../bounds.ts";
import type { NativeAggregate } from "../native_addon.ts";

// The numbers of plan.h.
const PHASES = { complete: 0, partial: 1, final: 2 } as const;
const MONOIDS = {
  count: 0,
  countValues: 1,
  sum: 2,
  min: 3,
  max: 4,
  first: 5,
  last: 6,
  any: 7,
  all: 8,
} as const;
const CALLS = {
  value: 0,
  sum: 1,
  mean: 2,
  ratio: 3,
  quantile: 4,
  nUnique: 5,
  mode: 6,
  argExtreme: 7,
} as const;
const STEPS = { constant: 0, state: 1, add: 2, subtract: 3, multiply: 4 } as const;
const INTERPOLATIONS: Record<Interpolation, number> = {
  linear: 0,
  lower: 1,
  higher: 2,
  nearest: 3,
  midpoint: 4,
};

/** Numbers a row: a kind, then what its kind reads. */
const MONOID = 7;
const CALL = 8;

export async function toNativeAggregate(
  operation: AggregateOperation,
  columns: readonly Column[],
): Promise<NativeAggregate> {
  const { phase, keys, dropNullKeys, monoids, calls } = operation;
  const steps: number[] = [];
  const quantiles: number[] = [];
  const toMonoid = (monoid: Monoid, index: number) =>
    monoidRow(monoid, inputOf(operation, monoid, index), phase !== "final");
  const toCall = (call: AggregateCall, index: number) => {
    if (call.kind === "ratio") for (const step of call.steps) steps.push(...stepRow(step));
    if (call.kind === "quantile") quantiles.push(call.q);
    return [fixedStorage(at(operation.dtypes, index)), ...callRow(call)];
  };
  return {
    phase: PHASES[phase],
    dropNullKeys,
    keys: Int32Array.from(keys),
    monoids: await inSlices(rowsOf(monoids, MONOID, toMonoid)),
    calls: await inSlices(rowsOf(calls, CALL, toCall)),
    steps: Int32Array.from(steps),
    quantiles: Float64Array.from(quantiles),
    bounds: await toNativeBounds(columns),
  };
}

/** The column that a monoid reads: in phase final its state, behind the keys. -1: none. */
export function inputOf(
  { phase, keys }: AggregateOperation,
  monoid: Monoid,
  index: number,
): number {
  if (phase === "final") return keys.length + index;
  return monoid.kind === "count" ? -1 : monoid.column;
}

/** Rows of one width; the numbers that an item does not have are 0. */
function* rowsOf<T>(
  items: readonly T[],
  width: number,
  toRow: (item: T, index: number) => readonly number[],
): Steps<Int32Array> {
  const numbers = new Int32Array(items.length * width);
  for (const [index, item] of items.entries()) {
    numbers.set(toRow(item, index), index * width);
    if (index % ITEMS_A_STEP === ITEMS_A_STEP - 1) yield;
  }
  return numbers;
}

/** `readsInput`: the monoid folds rows, whose columns it names, and not the states of a phase partial. */
function monoidRow(monoid: Monoid, column: number, readsInput: boolean): readonly number[] {
  const kind = MONOIDS[monoid.kind];
  switch (monoid.kind) {
    case "sum": {
      const { power, window } = monoid;
      const other = readsInput ? monoid.other : undefined;
      const [lowExponent, limbs] = [window?.lowExponent ?? 0, window?.limbs ?? 0];
      return [kind, column, power, other?.column ?? -1, other?.power ?? 0, lowExponent, limbs];
    }
    case "countValues":
      return [kind, column, readsInput ? (monoid.beside ?? -1) : -1];
    case "first":
    case "last":
      return [kind, column, monoid.nulls === "keep" ? 1 : 0];
    default:
      return [kind, column];
  }
}

function callRow(call: AggregateCall): readonly number[] {
  const kind = CALLS[call.kind];
  switch (call.kind) {
    case "value":
      return [kind, call.monoid];
    case "sum":
      return [kind, call.sum];
    case "mean":
      return [kind, call.sum, call.count, call.scale ?? 0];
    case "ratio": {
      const { steps, numerator, denominator, root, count, least } = call;
      return [kind, steps.length, numerator, denominator, root?.sign ?? -1, count, least];
    }
    case "quantile":
      return [kind, call.column, INTERPOLATIONS[call.interpolation]];
    case "nUnique":
    case "mode":
      return [kind, call.column];
    case "argExtreme":
      return [kind, call.column, call.upper ? 1 : 0];
    default:
      return assertNever(call);
  }
}

/** The operation, then its constant, its monoid or its two operands. */
function stepRow(step: ExactStep): readonly [number, number, number] {
  const op = STEPS[step.op];
  switch (step.op) {
    case "constant":
      return [op, step.value, 0];
    case "state":
      return [op, step.monoid, 0];
    case "add":
    case "subtract":
    case "multiply":
      return [op, step.left, step.right];
    default:
      return assertNever(step);
  }
}

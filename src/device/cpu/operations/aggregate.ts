// aggregate: see native/kernels/aggregate. Strings that are compared (keys, min, max, nUnique) become dictionaries first.

import { assertNever, at, IntegerOverflowError, inSlices, mapped } from "../../../base/index.ts";
import { fixedStorage } from "../../../codegen/index.ts";
import type { Batch, Column } from "../../../column/index.ts";
import { dtypeName, INT64 } from "../../../dtype/index.ts";
import {
  type AggregateCall,
  type ExactStep,
  type Interpolation,
  isHolistic,
  type Monoid,
} from "../../../ir/index.ts";
import type { AggregateOperation } from "../../../physical/index.ts";
import { takenColumns, toNatives } from "../column_lists.ts";
import type { CpuContext } from "../context.ts";
import { type ColumnOrigin, fromNative, fromRowsOf } from "../marshal.ts";
import type { NativeAggregate, NativeCall, NativeColumn, NativeMonoid } from "../native_addon.ts";

export async function aggregate(
  context: CpuContext,
  operation: AggregateOperation,
  batch: Batch,
): Promise<Batch> {
  const columns = await withComparableStrings(context, operation, batch.columns);
  const { native, run } = context;
  const plan = await toNativeAggregate(operation, columns);
  const natives = await toNatives(context, columns);
  const result = await native
    .aggregate(natives, batch.rowCount, plan, run)
    .catch((error: unknown) => {
      throw overflowOf(error, operation) ?? error;
    });
  const { keys } = operation;
  const toColumn = (column: NativeColumn, index: number) =>
    index < keys.length
      ? fromRowsOf(context.blocks, column, at(columns, at(keys, index)))
      : outputColumn(context, operation, columns, column, index - keys.length);
  return {
    rowCount: result.rowCount,
    columns: await takenColumns(context, result.columns, toColumn),
  };
}

/** Plain strings as dictionaries, where their values and not only their rows matter. */
async function withComparableStrings(
  { dictionaries }: CpuContext,
  operation: AggregateOperation,
  columns: readonly Column[],
): Promise<readonly Column[]> {
  const compared = new Set(operation.keys);
  for (const [index, monoid] of operation.monoids.entries()) {
    if (monoid.kind === "min" || monoid.kind === "max")
      compared.add(inputOf(operation, monoid, index));
  }
  if (operation.phase === "complete") {
    for (const call of operation.calls) if (isHolistic(call)) compared.add(call.column);
  }
  const isPlain = (column: Column, index: number) =>
    column.data.encoding === "plain" && compared.has(index);
  if (!columns.some(isPlain)) return columns;
  return Promise.all(
    columns.map(async (column, index) =>
      isPlain(column, index) ? await dictionaries.encode(column) : column,
    ),
  );
}

/** The column that a monoid reads: in phase final its state, behind the keys. -1: none. */
function inputOf({ phase, keys }: AggregateOperation, monoid: Monoid, index: number): number {
  if (phase === "final") return keys.length + index;
  return monoid.kind === "count" ? -1 : monoid.column;
}

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

async function toNativeAggregate(
  operation: AggregateOperation,
  columns: readonly Column[],
): Promise<NativeAggregate> {
  const toMonoid = (monoid: Monoid, index: number) =>
    toNativeMonoid(monoid, inputOf(operation, monoid, index), operation.phase !== "final");
  const toCall = (call: AggregateCall, index: number) => ({
    ...toNativeCall(call),
    storage: fixedStorage(at(operation.dtypes, index)),
  });
  return {
    phase: PHASES[operation.phase],
    dropNullKeys: operation.dropNullKeys,
    keys: operation.keys,
    monoids: await inSlices(mapped(operation.monoids, toMonoid)),
    calls: await inSlices(mapped(operation.calls, toCall)),
    bounds: columns.map(({ statistics }) => statistics),
  };
}

/** `readsInput`: the monoid folds rows, whose columns it names, and not the states of a phase partial. */
function toNativeMonoid(monoid: Monoid, column: number, readsInput: boolean): NativeMonoid {
  const base = { kind: MONOIDS[monoid.kind], column };
  switch (monoid.kind) {
    case "sum":
      return {
        ...base,
        power: monoid.power,
        ...(readsInput &&
          monoid.other && { other: monoid.other.column, otherPower: monoid.other.power }),
        ...monoid.window,
      };
    case "countValues":
      return readsInput && monoid.beside !== undefined ? { ...base, other: monoid.beside } : base;
    case "first":
    case "last":
      return { ...base, keepNulls: monoid.nulls === "keep" };
    default:
      return base;
  }
}

function toNativeCall(call: AggregateCall): Omit<NativeCall, "storage"> {
  const kind = CALLS[call.kind];
  switch (call.kind) {
    case "value":
      return { kind, monoid: call.monoid };
    case "sum":
      return { kind, monoid: call.sum };
    case "mean":
      return { kind, monoid: call.sum, count: call.count, scale: call.scale ?? 0 };
    case "ratio": {
      const { numerator, denominator, root, count, least } = call;
      const steps = Int32Array.from(call.steps.flatMap(toNativeStep));
      return { kind, steps, numerator, denominator, sign: root?.sign ?? -1, count, least };
    }
    case "quantile": {
      const { column, q, interpolation } = call;
      return { kind, column, q, interpolation: INTERPOLATIONS[interpolation] };
    }
    case "nUnique":
    case "mode":
      return { kind, column: call.column };
    case "argExtreme":
      return { kind, column: call.column, upper: call.upper };
    default:
      return assertNever(call);
  }
}

/** Three numbers: the operation, then its constant, its monoid or its two operands. */
function toNativeStep(step: ExactStep): number[] {
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

function outputColumn(
  { blocks }: CpuContext,
  operation: AggregateOperation,
  columns: readonly Column[],
  native: NativeColumn,
  index: number,
): Column {
  const call = operation.phase === "partial" ? null : at(operation.calls, index);
  const monoid = call === null ? index : call.kind === "value" ? call.monoid : null;
  const origin = originOf(operation, columns, call, monoid);
  return fromNative(
    blocks,
    native,
    call === null ? origin : { ...origin, dtype: at(operation.dtypes, index) },
  );
}

function originOf(
  operation: AggregateOperation,
  columns: readonly Column[],
  call: AggregateCall | null,
  monoid: number | null,
): ColumnOrigin {
  if (monoid !== null) return stateOrigin(operation, columns, monoid);
  return call?.kind === "mode" ? valueOrigin(at(columns, call.column)) : { dtype: INT64 };
}

/** Of values that are a column's own. */
function valueOrigin({ dtype, data }: Column): ColumnOrigin {
  return { dtype, dictionary: data.encoding === "dictionary" ? data.dictionary : null };
}

/** What a monoid's state takes from its input: values that are rows of it keep dtype and dictionary. */
function stateOrigin(
  operation: AggregateOperation,
  columns: readonly Column[],
  index: number,
): ColumnOrigin {
  const monoid = at(operation.monoids, index);
  switch (monoid.kind) {
    case "count":
    case "countValues":
    case "sum":
      return { dtype: INT64 };
    default:
      return valueOrigin(at(columns, inputOf(operation, monoid, index)));
  }
}

/** The addon says which call overflowed and what its sum is; only here it is known how the call is written. */
function overflowOf(error: unknown, operation: AggregateOperation): IntegerOverflowError | null {
  if (!(error instanceof Error) || !("code" in error) || error.code !== "INTEGER_OVERFLOW") {
    return null;
  }
  const { site, row } = error as Error & { readonly site?: number; readonly row?: number };
  if (site === undefined || row === undefined) return null;
  const [text, dtype] = [at(operation.texts, site), dtypeName(at(operation.dtypes, site))];
  return new IntegerOverflowError(`${text} is ${error.message}, which does not fit ${dtype}`, {
    row,
    hint: 'Cast the column to "float64" before summing.',
  });
}

// aggregate: see native/kernels/aggregate. Strings that are compared (keys, min, max, nUnique) become dictionaries first.

import { at, IntegerOverflowError } from "../../../base/index.ts";
import type { Batch, Column } from "../../../column/index.ts";
import { dtypeName, INT64 } from "../../../dtype/index.ts";
import { type AggregateCall, isHolistic } from "../../../ir/index.ts";
import type { AggregateOperation } from "../../../physical/index.ts";
import { takenColumns, toNatives } from "../column_lists.ts";
import type { CpuContext } from "../context.ts";
import { type ColumnOrigin, fromNative, fromRowsOf } from "../marshal.ts";
import type { NativeColumn } from "../native_addon.ts";
import { inputOf, toNativeAggregate } from "./aggregate_plan.ts";

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

// aggregate: groups are lists of row numbers; every state is computed from its group's rows, exactly.

import { at } from "../../base/index.ts";
import type { Batch, Column } from "../../column/index.ts";
import type { Monoid } from "../../ir/index.ts";
import type { AggregateOperation } from "../../physical/index.ts";
import { callResult } from "./aggregate_calls.ts";
import {
  decodeState,
  encodeState,
  fold,
  foldSum,
  merge,
  type State,
  stateDType,
  stateWidth,
} from "./monoids.ts";
import { canonical, gather, keyText, readColumn, type Value, writeColumn } from "./values.ts";

/** The rows of one group, ascending. */
type Group = readonly number[];

export function aggregate(operation: AggregateOperation, batch: Batch): Batch {
  const groups = groupRowNumbers(batch, operation);
  const read = columnCache(batch);
  const states = groups.map((rows) =>
    operation.monoids.map((monoid, index) => stateOf(operation, monoid, index, rows, batch, read)),
  );
  const keys = operation.keys.map((key) => keyColumn(at(batch.columns, key), groups));
  const results =
    operation.phase === "partial"
      ? operation.monoids.map((monoid, index) => stateColumn(monoid, batch, states, index))
      : callColumns(operation, groups, states, read);
  return { rowCount: groups.length, columns: [...keys, ...results] };
}

/** The rows of each group, groups in order of first appearance. */
export function groupRowNumbers(
  batch: Batch,
  { keys, dropNullKeys }: Pick<AggregateOperation, "keys" | "dropNullKeys">,
): Group[] {
  if (keys.length === 0) return [Array.from({ length: batch.rowCount }, (_, row) => row)];
  const columns = keys.map((key) => readColumn(at(batch.columns, key)));
  const groups = new Map<string, number[]>();
  for (let row = 0; row < batch.rowCount; row++) {
    const key = columns.map((values) => values[row] as Value);
    if (dropNullKeys && key.includes(null)) continue;
    const text = keyText(key);
    const rows = groups.get(text);
    if (rows === undefined) groups.set(text, [row]);
    else rows.push(row);
  }
  return [...groups.values()];
}

/** The key of each group's first row, in canonical form. */
function keyColumn(column: Column, groups: readonly Group[]): Column {
  const first = gather(
    column,
    groups.map((rows) => at(rows, 0)),
  );
  return writeColumn(column.dtype, readColumn(first).map(canonical));
}

function stateOf(
  operation: AggregateOperation,
  monoid: Monoid,
  index: number,
  rows: Group,
  batch: Batch,
  read: (column: number) => Value[],
): State {
  if (operation.phase === "final") {
    const encoded = read(operation.keys.length + index);
    return merge(
      monoid,
      rows.map((row) => decodeState(monoid, encoded[row] as Value)),
    );
  }
  if (monoid.kind === "count") return BigInt(rows.length);
  const valuesOf = (column: number) => {
    const values = read(column);
    return rows.map((row) => values[row] as Value);
  };
  if (monoid.kind === "sum") {
    const { column, power, other } = monoid;
    const factors = [{ column, power }, ...(other ? [other] : [])];
    return foldSum(
      monoid,
      factors.map((factor) => ({
        dtype: at(batch.columns, factor.column).dtype,
        power: factor.power,
        values: valuesOf(factor.column),
      })),
    );
  }
  const values = valuesOf(monoid.column);
  if (monoid.kind !== "countValues" || monoid.beside === undefined) return fold(monoid, values);
  const beside = valuesOf(monoid.beside);
  const counted = values.map((value, index) => (beside[index] === null ? null : value));
  return fold(monoid, counted);
}

function stateColumn(
  monoid: Monoid,
  batch: Batch,
  states: readonly (readonly State[])[],
  index: number,
): Column {
  const input = monoid.kind === "count" ? null : at(batch.columns, monoid.column).dtype;
  const encoded = states.map((group) => encodeState(monoid, group[index] as State));
  return writeColumn(stateDType(monoid, input), encoded, stateWidth(monoid));
}

function callColumns(
  operation: AggregateOperation,
  groups: readonly Group[],
  states: readonly (readonly State[])[],
  read: (column: number) => Value[],
): Column[] {
  return operation.calls.map((call, index) => {
    const dtype = at(operation.dtypes, index);
    const results = groups.map((rows, group) => {
      const valuesOf = (column: number) => rows.map((row) => read(column)[row] as Value);
      const view = { states: states[group] as readonly State[], valuesOf, row: rows[0] ?? 0 };
      return callResult(call, view, dtype, at(operation.texts, index));
    });
    return writeColumn(dtype, results);
  });
}

/** Reads each column of a batch once. */
function columnCache(batch: Batch): (column: number) => Value[] {
  const cache = new Map<number, Value[]>();
  return (column) => {
    const values = cache.get(column) ?? readColumn(at(batch.columns, column));
    cache.set(column, values);
    return values;
  };
}

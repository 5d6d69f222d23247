// sort: row numbers by a comparison of the key columns; JavaScript's sort is stable.

import { at } from "../../base/index.ts";
import type { Batch } from "../../column/index.ts";
import type { SortKey, SortOperation } from "../../physical/index.ts";
import { compareKeys, gather, readColumn, type Scalar, type Value } from "./values.ts";

export function sort({ keys, limit }: SortOperation, batch: Batch): Batch {
  const rows = Array.from({ length: batch.rowCount }, (_, row) => row);
  rows.sort(rowOrder(keys, batch));
  const kept = limit === null ? rows : rows.slice(0, limit);
  return { rowCount: kept.length, columns: batch.columns.map((column) => gather(column, kept)) };
}

/** Compares two rows by their keys; 0 where all are equal. */
export function rowOrder(keys: readonly SortKey[], batch: Batch): (a: number, b: number) => number {
  const columns = keys.map((key) => ({ key, values: readColumn(at(batch.columns, key.column)) }));
  return (a, b) => {
    for (const { key, values } of columns) {
      const order = compareCells(key, values[a] as Value, values[b] as Value);
      if (order !== 0) return order;
    }
    return 0;
  };
}

function compareCells(key: SortKey, a: Value, b: Value): number {
  if (a === null || b === null) {
    const nullsLast = Number(a === null) - Number(b === null);
    return key.nulls === "last" ? nullsLast : -nullsLast;
  }
  const order = compareKeys(a as Scalar, b as Scalar);
  return key.descending ? -order : order;
}

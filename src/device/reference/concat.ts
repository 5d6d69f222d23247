// concat: the rows of all inputs, one after the other.

import { assert, at } from "../../base/index.ts";
import type { Batch } from "../../column/index.ts";
import { readColumn, widthOf, writeColumn } from "./values.ts";

export function concat(batches: readonly Batch[]): Batch {
  assert(batches.length > 0, "a concat has an input");
  const first = at(batches, 0);
  return {
    rowCount: batches.reduce((rows, batch) => rows + batch.rowCount, 0),
    columns: first.columns.map((column, index) => {
      const parts = batches.map((batch) => readColumn(at(batch.columns, index)));
      return writeColumn(column.dtype, parts.flat(), widthOf(column));
    }),
  };
}

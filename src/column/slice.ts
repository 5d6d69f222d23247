// A run of rows of a column or batch. Value buffers are shared; bitmaps are too where the offset is a multiple of 8.

import type { Batch } from "./batch.ts";
import { countBits, sliceBitmap } from "./bitmap.ts";
import type { Column, ColumnData } from "./column.ts";

/** Rows [offset, offset + length), clamped to the column. */
export function sliceColumn(column: Column, offset: number, length: number): Column {
  const start = Math.min(Math.max(0, offset), column.length);
  const rows = Math.min(Math.max(0, length), column.length - start);
  if (rows === column.length) return column;
  const bitmap = column.validity === null ? null : sliceBitmap(column.validity, start, rows);
  const nullCount = bitmap === null ? 0 : rows - countBits(bitmap, rows);
  return {
    dtype: column.dtype,
    length: rows,
    nullCount,
    validity: nullCount === 0 ? null : bitmap,
    data: sliceData(column.data, start, rows),
    // Bounds of all rows are bounds of some.
    statistics: column.statistics,
  };
}

function sliceData(data: ColumnData, start: number, rows: number): ColumnData {
  const end = start + rows;
  switch (data.encoding) {
    case "fixed":
      return { encoding: "fixed", values: data.values.subarray(start, end) };
    case "bits":
      return { encoding: "bits", values: sliceBitmap(data.values, start, rows) };
    case "dictionary":
      return { ...data, codes: data.codes.subarray(start, end) };
    case "plain":
      return { ...data, offsets: data.offsets.subarray(start, end + 1) };
    case "words":
      return { ...data, values: data.values.subarray(start * data.width, end * data.width) };
  }
}

export function sliceBatch(batch: Batch, offset: number, length: number): Batch {
  const start = Math.min(Math.max(0, offset), batch.rowCount);
  const rowCount = Math.min(Math.max(0, length), batch.rowCount - start);
  return { rowCount, columns: batch.columns.map((column) => sliceColumn(column, start, rowCount)) };
}

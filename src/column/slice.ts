// A run of rows of a column or batch. Value buffers are shared; bitmaps are too where the offset is a multiple of 8. Of
// bitmaps in blocks the bytes are copied, since their bits are counted here.

import type { Batch } from "./batch.ts";
import { bitmapBytes, countBits, sliceBitmap } from "./bitmap.ts";
import { isVisible, type Span, subspan } from "./block.ts";
import type { Column } from "./column.ts";
import { columnOf, type DataParts, partsOf } from "./parts.ts";

/** Rows [offset, offset + length), clamped to the column. */
export function sliceColumn(column: Column, offset: number, length: number): Column {
  const start = Math.min(Math.max(0, offset), column.length);
  const rows = Math.min(Math.max(0, length), column.length - start);
  if (rows === column.length) return column;
  const { dtype, statistics, validity, data } = partsOf(column);
  const bitmap = validity === null ? null : sliceBits(validity, start, rows);
  const nullCount = bitmap === null ? 0 : rows - countBits(bitmap, rows);
  return columnOf({
    dtype,
    length: rows,
    nullCount,
    validity: nullCount === 0 ? null : bitmap,
    data: sliceData(data, start, rows),
    // Bounds of all rows are bounds of some.
    statistics,
  });
}

function sliceBits(bitmap: Span<Uint8Array>, start: number, rows: number): Uint8Array {
  if (isVisible(bitmap)) return sliceBitmap(bitmap, start, rows);
  const first = start >> 3;
  return sliceBitmap(bitmap.subarray(first, bitmapBytes(start + rows)).copy(), start & 7, rows);
}

function sliceData(data: DataParts, start: number, rows: number): DataParts {
  const end = start + rows;
  switch (data.encoding) {
    case "fixed":
      return { encoding: "fixed", values: subspan(data.values, start, end) };
    case "bits":
      return { encoding: "bits", values: sliceBits(data.values, start, rows) };
    case "dictionary":
      return { ...data, codes: subspan(data.codes, start, end) };
    case "plain":
      return { ...data, offsets: subspan(data.offsets, start, end + 1) };
    case "words":
      return { ...data, values: subspan(data.values, start * data.width, end * data.width) };
  }
}

export function sliceBatch(batch: Batch, offset: number, length: number): Batch {
  const start = Math.min(Math.max(0, offset), batch.rowCount);
  const rowCount = Math.min(Math.max(0, length), batch.rowCount - start);
  return { rowCount, columns: batch.columns.map((column) => sliceColumn(column, start, rowCount)) };
}

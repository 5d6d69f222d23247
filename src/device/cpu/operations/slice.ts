// slice: values are shared; bitmaps too where the offset is a multiple of 8, else the addon shifts and counts them.

import { at } from "../../../base/index.ts";
import {
  type Batch,
  type Column,
  columnOf,
  partsOf,
  type Span,
  sliceColumn,
} from "../../../column/index.ts";
import type { SliceOperation } from "../../../physical/index.ts";
import type { CpuContext } from "../context.ts";
import { bitmapOf, toNativeSpan } from "../marshal.ts";

export async function slice(
  { native, run, blocks }: CpuContext,
  { offset, length }: SliceOperation,
  batch: Batch,
): Promise<Batch> {
  const start = Math.min(Math.max(0, offset), batch.rowCount);
  const rowCount = Math.min(Math.max(0, length), batch.rowCount - start);
  if (rowCount === batch.rowCount) return batch;
  const bitmaps = batch.columns.flatMap(bitmapsOf).map(toNativeSpan);
  const cut = await native.sliceBitmaps(bitmaps, start, rowCount, run);
  let next = 0;
  const columns = batch.columns.map((column): Column => {
    const { dtype, statistics, validity, data } = partsOf(column);
    const bits = validity === null ? null : at(cut, next++);
    const nullCount = bits === null ? 0 : rowCount - bits.ones;
    // Without its bitmaps a column is sliced in constant time.
    const rest = columnOf({
      dtype,
      length: batch.rowCount,
      nullCount: 0,
      validity: null,
      data,
      statistics,
    });
    return columnOf({
      dtype,
      length: rowCount,
      nullCount,
      validity: bits === null || nullCount === 0 ? null : bitmapOf(blocks, bits.bits, rowCount),
      data:
        data.encoding === "bits"
          ? { encoding: "bits", values: bitmapOf(blocks, at(cut, next++).bits, rowCount) }
          : partsOf(sliceColumn(rest, start, rowCount)).data,
      statistics,
    });
  });
  return { rowCount, columns };
}

function bitmapsOf(column: Column): Span<Uint8Array>[] {
  const { validity, data } = partsOf(column);
  return [
    ...(validity === null ? [] : [validity]),
    ...(data.encoding === "bits" ? [data.values] : []),
  ];
}

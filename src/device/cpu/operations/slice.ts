// slice: values are shared; bitmaps too where the offset is a multiple of 8, else the addon shifts and counts them.

import { at } from "../../../base/index.ts";
import { type Batch, type Column, sliceColumn } from "../../../column/index.ts";
import type { SliceOperation } from "../../../physical/index.ts";
import type { CpuContext } from "../context.ts";

export async function slice(
  { native, run }: CpuContext,
  { offset, length }: SliceOperation,
  batch: Batch,
): Promise<Batch> {
  const start = Math.min(Math.max(0, offset), batch.rowCount);
  const rowCount = Math.min(Math.max(0, length), batch.rowCount - start);
  if (rowCount === batch.rowCount) return batch;
  const bitmaps = batch.columns.flatMap(bitmapsOf);
  const cut = await native.sliceBitmaps(bitmaps, start, rowCount, run);
  let next = 0;
  const columns = batch.columns.map((column): Column => {
    // Without its bitmaps a column is sliced in constant time.
    const isBool = column.data.encoding === "bits";
    const rest = isBool
      ? null
      : sliceColumn({ ...column, validity: null, nullCount: 0 }, start, rowCount);
    const validity = column.validity === null ? null : at(cut, next++);
    const nullCount = validity === null ? 0 : rowCount - validity.ones;
    return {
      dtype: column.dtype,
      length: rowCount,
      nullCount,
      validity: nullCount === 0 || validity === null ? null : validity.bits,
      data: rest === null ? { encoding: "bits", values: at(cut, next++).bits } : rest.data,
      statistics: column.statistics,
    };
  });
  return { rowCount, columns };
}

function bitmapsOf({ validity, data }: Column): Uint8Array[] {
  return [
    ...(validity === null ? [] : [validity]),
    ...(data.encoding === "bits" ? [data.values] : []),
  ];
}

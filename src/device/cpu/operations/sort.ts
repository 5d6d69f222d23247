// sort: see native/kernels/sort.

import { at } from "../../../base/index.ts";
import type { Batch } from "../../../column/index.ts";
import type { SortOperation } from "../../../physical/index.ts";
import type { CpuContext } from "../context.ts";
import { fromRowsOf, toNative } from "../marshal.ts";

export async function sort(
  { native, threads }: CpuContext,
  { keys, limit }: SortOperation,
  batch: Batch,
): Promise<Batch> {
  const numbers = keys.flatMap(({ column, descending, nulls }) => [
    column,
    descending ? 1 : 0,
    nulls === "first" ? 1 : 0,
  ]);
  const { columns, rowCount } = await native.sort(
    batch.columns.map(toNative),
    batch.rowCount,
    Int32Array.from(numbers),
    limit ?? -1,
    threads,
  );
  return {
    rowCount,
    columns: columns.map((column, index) => fromRowsOf(column, at(batch.columns, index))),
  };
}

// sort: see native/kernels/sort.

import { at } from "../../../base/index.ts";
import type { Batch } from "../../../column/index.ts";
import type { SortOperation } from "../../../physical/index.ts";
import { rowsOfAll, toNatives } from "../column_lists.ts";
import type { CpuContext } from "../context.ts";
import { withKeys } from "./keys.ts";

export async function sort(
  context: CpuContext,
  { keys, limit }: SortOperation,
  batch: Batch,
): Promise<Batch> {
  const keyed = await withKeys(
    context,
    batch,
    keys.map(({ column }) => column),
  );
  const numbers = keys.flatMap(({ descending, nulls }, index) => [
    at(keyed.keys, index),
    descending ? 1 : 0,
    nulls === "first" ? 1 : 0,
  ]);
  const { columns, rowCount } = await context.native.sort(
    await toNatives(context, keyed.columns),
    batch.columns.length,
    batch.rowCount,
    Int32Array.from(numbers),
    limit ?? -1,
    context.run,
  );
  return {
    rowCount,
    columns: await rowsOfAll(context, columns, batch.columns),
  };
}

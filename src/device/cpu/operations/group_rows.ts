// groupRows: see native/kernels/group_rows.

import { at } from "../../../base/index.ts";
import type { Batch } from "../../../column/index.ts";
import type { GroupRowsOperation } from "../../../physical/index.ts";
import { toNativeBounds } from "../bounds.ts";
import { rowsOfAll, toNatives } from "../column_lists.ts";
import type { CpuContext } from "../context.ts";
import { withKeys } from "./keys.ts";

export async function groupRows(
  context: CpuContext,
  { keys, order, count, end, dropNullKeys }: GroupRowsOperation,
  batch: Batch,
): Promise<Batch> {
  const read = [...keys, ...order.map(({ column }) => column)];
  const keyed = await withKeys(context, batch, read);
  const sortKeys = order.flatMap(({ descending, nulls }, index) => [
    at(keyed.keys, keys.length + index),
    descending ? 1 : 0,
    nulls === "first" ? 1 : 0,
  ]);
  const bounds = await toNativeBounds(keyed.columns);
  const { columns, rowCount } = await context.native.groupRows(
    await toNatives(context, keyed.columns),
    batch.columns.length,
    batch.rowCount,
    {
      keys: keyed.keys.slice(0, keys.length),
      order: Int32Array.from(sortKeys),
      count,
      last: end === "last",
      dropNullKeys,
      bounds,
    },
    context.run,
  );
  return {
    rowCount,
    columns: await rowsOfAll(context, columns, batch.columns),
  };
}

// join: see native/kernels/join.

import { at } from "../../../base/index.ts";
import type { Batch, Column } from "../../../column/index.ts";
import { type JoinOperation, mostJoinRows } from "../../../physical/index.ts";
import { rowsOfAll, toNatives } from "../column_lists.ts";
import type { CpuContext } from "../context.ts";
import { withKeys } from "./keys.ts";

export async function join(
  context: CpuContext,
  operation: JoinOperation,
  left: Batch,
  right: Batch,
): Promise<Batch> {
  const leftKeys = await withKeys(context, left, operation.leftKeys);
  const rightKeys = await withKeys(context, right, operation.rightKeys);
  const { columns, rowCount, sharesLeft } = await context.native.join(
    await toNatives(context, leftKeys.columns),
    left.rowCount,
    await toNatives(context, rightKeys.columns),
    right.rowCount,
    {
      how: operation.how,
      leftKeys: Int32Array.from(leftKeys.keys),
      rightKeys: Int32Array.from(rightKeys.keys),
      nullEquals: operation.nullEquals,
      buildRight: operation.buildSide === "right",
      leftOutputs: Int32Array.from(operation.leftOutputs),
      rightOutputs: Int32Array.from(operation.rightOutputs),
      mostRows: Math.min(mostJoinRows(operation, left.rowCount, right.rowCount), 2 ** 53),
    },
    context.run,
  );
  const leftSources = operation.leftOutputs.map((index) => at(left.columns, index));
  const rightSources = operation.rightOutputs.map((index) => at(right.columns, index));
  const gathered: Column[] = sharesLeft ? rightSources : [...leftSources, ...rightSources];
  const results = await rowsOfAll(context, columns, gathered);
  // Every left row once, in order: its columns are the result's, and so are their statistics, `sorted` included.
  return { rowCount, columns: sharesLeft ? [...leftSources, ...results] : results };
}

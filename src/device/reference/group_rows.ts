// groupRows: every group is sorted as sort would, and the rows at its end are kept (kernels/group_rows/README.md).

import type { Batch } from "../../column/index.ts";
import type { GroupRowsOperation } from "../../physical/index.ts";
import { groupRowNumbers } from "./aggregate.ts";
import { rowOrder } from "./sort.ts";
import { gather } from "./values.ts";

export function groupRows(operation: GroupRowsOperation, batch: Batch): Batch {
  const { order, count, end } = operation;
  const before = rowOrder(order, batch);
  const kept = groupRowNumbers(batch, operation).flatMap((rows) => {
    const sorted = [...rows].sort(before);
    return end === "first"
      ? sorted.slice(0, count)
      : sorted.slice(Math.max(0, rows.length - count));
  });
  kept.sort((a, b) => a - b);
  return { rowCount: kept.length, columns: batch.columns.map((column) => gather(column, kept)) };
}

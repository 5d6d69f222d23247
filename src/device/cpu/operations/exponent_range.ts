// exponentRange: see native/kernels/exponent_range. The bounds of statistics may be loose and the contract asks for
// tight ones, so the columns are always read.

import { at } from "../../../base/index.ts";
import { type Batch, columnFromValues } from "../../../column/index.ts";
import { INT32 } from "../../../dtype/index.ts";
import type { ExponentRangeOperation } from "../../../physical/index.ts";
import { toNatives } from "../column_lists.ts";
import type { CpuContext } from "../context.ts";

export async function exponentRange(
  context: CpuContext,
  { columns }: ExponentRangeOperation,
  batch: Batch,
): Promise<Batch> {
  const inputs = await toNatives(
    context,
    columns.map((column) => at(batch.columns, column)),
  );
  const bounds = await context.native.exponentRange(inputs, context.run);
  return {
    rowCount: 1,
    columns: Array.from(bounds, (bound) => columnFromValues(Int32Array.of(bound), INT32)),
  };
}

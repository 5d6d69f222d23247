// join: see native/kernels/join.

import { at } from "../../../base/index.ts";
import type { Batch, Column } from "../../../column/index.ts";
import type { JoinOperation } from "../../../physical/index.ts";
import type { CpuContext } from "../context.ts";
import { fromRowsOf, toNative } from "../marshal.ts";

export async function join(
  { native, threads }: CpuContext,
  operation: JoinOperation,
  left: Batch,
  right: Batch,
): Promise<Batch> {
  const { columns, rowCount } = await native.join(
    left.columns.map(toNative),
    left.rowCount,
    right.columns.map(toNative),
    right.rowCount,
    {
      how: operation.how,
      leftKeys: Int32Array.from(operation.leftKeys),
      rightKeys: Int32Array.from(operation.rightKeys),
      nullEquals: operation.nullEquals,
      buildRight: operation.buildSide === "right",
      leftOutputs: Int32Array.from(operation.leftOutputs),
      rightOutputs: Int32Array.from(operation.rightOutputs),
    },
    threads,
  );
  const sources: Column[] = [
    ...operation.leftOutputs.map((index) => at(left.columns, index)),
    ...operation.rightOutputs.map((index) => at(right.columns, index)),
  ];
  return {
    rowCount,
    columns: columns.map((column, index) => fromRowsOf(column, at(sources, index))),
  };
}

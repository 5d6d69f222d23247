// exponentRange: the exponents between which all finite values of a column lie. No round trip. Contract:
// kernels/exponent_range/README.md.

import { at } from "../../../base/index.ts";
import { INT32 } from "../../../dtype/index.ts";
import { type ExponentRangeOperation, SUPPORTED } from "../../../physical/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { GpuContext } from "../context.ts";
import type { Recording } from "../recording.ts";
import type { GpuColumn, GpuResident } from "../resident.ts";
import { resultColumn } from "./aggregate_values.ts";
import { cellBuffers, cellVariant } from "./cells.ts";
import { maskedColumns, maskOf } from "./masked.ts";
import type { GpuOperator } from "./operator.ts";
import type { ExponentBounds } from "./sum_window.ts";
import { type Workspace, withWorkspace } from "./workspace.ts";

export const exponentRange: GpuOperator<ExponentRangeOperation> = {
  supports: () => SUPPORTED,
  run,
};

const ROWS_PER_GROUP = 4096;
/** As in kernels/exponent_range/bounds.wesl. */
const BIAS = 4096;

function run(
  context: GpuContext,
  operation: ExponentRangeOperation,
  inputs: readonly GpuResident[],
): Promise<GpuResident> {
  const input = at(inputs, 0);
  return withWorkspace(context, async (workspace) => {
    const recording = context.record();
    const mask = maskOf(input, operation.mask);
    const read = new Set(operation.columns);
    const counted = mask ? maskedColumns(recording, workspace, input, mask, read) : input.columns;
    const columns = operation.columns.map((column) => at(counted, column));
    const bounds = measureBounds(recording, workspace, columns, input.rowCount);
    const results = columns.flatMap((_, slot) => {
      const [low, high] = [workspace.acquire(4), workspace.acquire(4)];
      recording.dispatch({
        kernel: { path: "exponent_range/finish" },
        buffers: { bounds, low, high },
        params: { slot },
        workgroups: 1,
      });
      return [low, high];
    });
    await recording.submit();
    const column = (values: DeviceBuffer) =>
      resultColumn({ dtype: INT32, values, validity: null, bits: 32 });
    return workspace.result(1, results.map(column));
  });
}

/** The biased bounds of the columns, two words each; 1 dispatch a column. */
export function measureBounds(
  recording: Recording,
  workspace: Workspace,
  columns: readonly GpuColumn[],
  rowCount: number,
): DeviceBuffer {
  const bounds = workspace.zeroed(recording, columns.length * 8);
  for (const [slot, column] of columns.entries()) {
    const source = { column, codeTable: null };
    recording.dispatch({
      kernel: { path: "exponent_range/bounds", ...cellVariant(source) },
      buffers: { ...cellBuffers(source), bounds },
      params: { rowCount, slot },
      workgroups: Math.ceil(rowCount / ROWS_PER_GROUP),
      traffic: { read: (rowCount * column.bits) / 8, written: 8 },
    });
  }
  return bounds;
}

/** Of words as `measureBounds` leaves them. */
export function decodeBounds(words: Int32Array): ExponentBounds[] {
  return Array.from({ length: words.length / 2 }, (_, slot) => {
    const [low, high] = [at(words, 2 * slot), at(words, 2 * slot + 1)];
    return low === 0 ? { low: 0, high: 0 } : { low: BIAS - low, high: high - BIAS };
  });
}

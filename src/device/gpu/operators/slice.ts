// slice: words are copied, bitmaps and packed columns are shifted. No round trip. Contract: kernels/slice/README.md.

import { at } from "../../../base/index.ts";
import { type SliceOperation, SUPPORTED } from "../../../physical/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { GpuContext } from "../context.ts";
import type { Recording } from "../recording.ts";
import { type GpuColumn, type GpuResident, storageBytes } from "../resident.ts";
import { copyBits } from "./copy_bits.ts";
import type { GpuOperator } from "./operator.ts";
import { type Workspace, withWorkspace } from "./workspace.ts";

export const slice: GpuOperator<SliceOperation> = { supports: () => SUPPORTED, run };

async function run(
  context: GpuContext,
  operation: SliceOperation,
  inputs: readonly GpuResident[],
): Promise<GpuResident> {
  const input = at(inputs, 0);
  const start = Math.min(operation.offset, input.rowCount);
  const length = Math.min(operation.length, input.rowCount - start);
  return withWorkspace(context, (workspace) => sliceOf(workspace, input, start, length));
}

/** The first `count` rows. */
export function headOf(
  workspace: Workspace,
  input: GpuResident,
  count: number,
): Promise<GpuResident> {
  return sliceOf(workspace, input, 0, count);
}

/** Rows [start, start + length) of the input, all of which exist. A whole input is shared, not copied. */
export async function sliceOf(
  workspace: Workspace,
  input: GpuResident,
  start: number,
  length: number,
): Promise<GpuResident> {
  if (length === input.rowCount) return workspace.result(length, input.columns);
  const recording = workspace.context.record();
  const part = (buffer: DeviceBuffer, bits: number) =>
    slicedBuffer(recording, workspace, buffer, bits, start, length);
  const columns = input.columns.map((column): GpuColumn => {
    const { values, validity, bits } = column;
    return {
      ...column,
      values: part(values, bits),
      validity: validity && part(validity, 1),
      nullCount: validity ? null : 0,
    };
  });
  await recording.submit();
  return workspace.result(length, columns);
}

function slicedBuffer(
  recording: Recording,
  workspace: Workspace,
  source: DeviceBuffer,
  bits: number,
  start: number,
  length: number,
): DeviceBuffer {
  const part = workspace.acquire(storageBytes(bits, length));
  if ((start * bits) % 32 === 0) {
    recording.copy(source, (start * bits) / 8, part, 0, storageBytes(bits, length));
  } else {
    copyBits(recording, source, part, { bitCount: length * bits, start: start * bits, to: 0 });
  }
  return part;
}

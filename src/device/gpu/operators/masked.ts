// Rows that a mask leaves out, where there are no keys whose slots could say so: nulls in every column.

import { at } from "../../../base/index.ts";
import type { Mask } from "../../../physical/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { Recording } from "../recording.ts";
import { type GpuColumn, type GpuResident, storageBytes } from "../resident.ts";
import { groupsFor } from "./scan.ts";
import type { Workspace } from "./workspace.ts";

/** The bitmap of the rows that count; null: all. */
export function maskOf({ columns }: GpuResident, mask: Mask): DeviceBuffer | null {
  return mask === undefined ? null : at(columns, mask).values;
}

/** `read`: the columns that matter; null: all. */
export function maskedColumns(
  recording: Recording,
  workspace: Workspace,
  { rowCount, columns }: GpuResident,
  mask: DeviceBuffer,
  read: ReadonlySet<number> | null,
): readonly GpuColumn[] {
  return columns.map((column, index) => {
    if (read !== null && !read.has(index)) return column;
    const validity = column.validity
      ? bothBits(recording, workspace, column.validity, mask, rowCount)
      : mask;
    return { ...column, validity, nullCount: null };
  });
}

function bothBits(
  recording: Recording,
  workspace: Workspace,
  first: DeviceBuffer,
  second: DeviceBuffer,
  rowCount: number,
): DeviceBuffer {
  const bytes = storageBytes(1, rowCount);
  const bitmap = workspace.acquire(bytes);
  recording.dispatch({
    kernel: { path: "aggregate/both_valid" },
    buffers: { first, second, bitmap },
    params: { wordCount: bytes / 4 },
    workgroups: groupsFor(bytes / 4),
    traffic: { read: 2 * bytes, written: bytes },
  });
  return bitmap;
}

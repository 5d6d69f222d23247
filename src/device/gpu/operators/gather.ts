// Takes rows of columns by number. Kernels: kernels/shared/gather_words.wesl, gather_bits.wesl.

import { isFloat } from "../../../dtype/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { Recording } from "../recording.ts";
import { type GpuColumn, storageBytes } from "../resident.ts";
import { groupsFor } from "./scan.ts";
import type { Workspace } from "./workspace.ts";

interface RowList {
  readonly rows: DeviceBuffer;
  readonly count: number;
  /** True where `rows` may hold NO_ROW (0xffffffff), which gives a null. */
  readonly mayMiss: boolean;
  /** Floats come out as the NaN and the zero that stand for all their equals, as keys of groups do. */
  readonly canonical?: boolean;
}

/** The column's values at the listed rows: 1 dispatch, 2 with a validity bitmap. */
export function gatherColumn(
  recording: Recording,
  workspace: Workspace,
  column: GpuColumn,
  list: RowList,
): GpuColumn {
  const values = gatherValues(recording, workspace, column, list);
  const nullable = column.validity !== null || list.mayMiss;
  const validity = nullable ? gatherBits(recording, workspace, column.validity, 1, list) : null;
  const statistics = withoutOrder(column.statistics);
  return { ...column, values, validity, nullCount: nullable ? null : 0, statistics };
}

/** Bounds hold for any choice of rows; their order does not. */
function withoutOrder(statistics: GpuColumn["statistics"]): GpuColumn["statistics"] {
  if (!statistics?.sorted) return statistics;
  const { sorted: _, ...bounds } = statistics;
  return bounds;
}

function gatherValues(
  recording: Recording,
  workspace: Workspace,
  { values: source, bits, dtype, isWords }: GpuColumn,
  list: RowList,
): DeviceBuffer {
  if (bits < 32) return gatherBits(recording, workspace, source, bits, list);
  const { rows, count, canonical = false } = list;
  const width = bits / 32;
  const byteLength = storageBytes(bits, count);
  const gathered = workspace.acquire(byteLength);
  recording.dispatch({
    kernel: {
      path: "shared/gather_words",
      conditions: { canonical: canonical && isFloat(dtype) && !isWords },
      constants: { WIDTH: `${width}u` },
    },
    buffers: { rows, source, gathered },
    params: { count },
    workgroups: groupsFor(count * width),
    traffic: { read: count * 4 + byteLength, written: byteLength },
  });
  return gathered;
}

function gatherBits(
  recording: Recording,
  workspace: Workspace,
  source: DeviceBuffer | null,
  bits: number,
  { rows, count }: RowList,
): DeviceBuffer {
  const byteLength = storageBytes(bits, count);
  const gathered = workspace.acquire(byteLength);
  recording.dispatch({
    kernel: {
      path: "shared/gather_bits",
      conditions: { presence: source === null },
      constants: { CELL_BITS: `${bits}u` },
    },
    buffers: { rows, gathered, ...(source && { source }) },
    params: { count },
    workgroups: groupsFor(Math.ceil((count * bits) / 32)),
    traffic: { read: count * 4 + byteLength, written: byteLength },
  });
  return gathered;
}

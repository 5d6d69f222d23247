// Exclusive prefix sums and stable compaction of row numbers. Kernels: kernels/shared/scan_*.wesl, select_rows.wesl.

import type { DeviceBuffer } from "../buffer_pool.ts";
import type { Recording } from "../recording.ts";
import type { Workspace } from "./workspace.ts";

/** Threads of a workgroup, in every kernel of the operators. */
const GROUP_SIZE = 256;
/** Values that one workgroup of a scan or a radix pass takes. */
export const TILE = 4096;

export function groupsFor(threads: number): number {
  return Math.ceil(threads / GROUP_SIZE);
}

interface ScanSource {
  readonly buffer: DeviceBuffer;
  /** Number of u32 values, or with `bitCount` of bitmap words. */
  readonly count: number;
  /** Scan the popcounts of bitmap words, of which only the first `bitCount` bits count. */
  readonly bitCount?: number;
}

/**
 * sums[i] = value 0 + ... + value i-1 for i in 0..count inclusive; sums[count] is the total. Sums stop at
 * 2^32 - 1. 1 dispatch for up to 4095
 * values, else 3 (reduce, scan the tiles, spread: no workgroup waits for another).
 */
export function scan(recording: Recording, workspace: Workspace, source: ScanSource): DeviceBuffer {
  const { buffer, count, bitCount } = source;
  const tiles = Math.ceil((count + 1) / TILE);
  const params = {
    count,
    tiles,
    popcount: bitCount === undefined ? 0 : 1,
    bitCount: bitCount ?? 0,
  };
  const sums = workspace.acquire((count + 1) * 4);
  const tileSums = tiles === 1 ? workspace.zeroed(recording, 4) : workspace.acquire(tiles * 4);
  if (tiles > 1) {
    recording.dispatch({
      kernel: { path: "shared/scan_reduce" },
      buffers: { source: buffer, tileSums },
      params,
      workgroups: tiles,
    });
    recording.dispatch({
      kernel: { path: "shared/scan_tiles" },
      buffers: { tileSums },
      params: { tiles },
      workgroups: 1,
    });
  }
  recording.dispatch({
    kernel: { path: "shared/scan_spread" },
    buffers: { source: buffer, tileSums, sums },
    params,
    workgroups: tiles,
  });
  workspace.recycle(tileSums);
  return sums;
}

/** Prefix counts of a bitmap of `rowCount` rows: sums[w] set bits before word w, the last entry is their number. */
export function scanBitmap(
  recording: Recording,
  workspace: Workspace,
  bitmap: DeviceBuffer,
  rowCount: number,
): DeviceBuffer {
  const count = Math.ceil(rowCount / 32);
  return scan(recording, workspace, { buffer: bitmap, count, bitCount: rowCount });
}

/** The numbers of the rows whose bit is set, ascending; `rows` must have room for them (their number is in `sums`). */
export function selectRows(
  recording: Recording,
  bitmap: DeviceBuffer,
  sums: DeviceBuffer,
  rowCount: number,
  rows: DeviceBuffer,
): void {
  recording.dispatch({
    kernel: { path: "shared/select_rows" },
    buffers: { bitmap, sums, rows },
    params: { rowCount },
    workgroups: groupsFor(rowCount),
  });
}

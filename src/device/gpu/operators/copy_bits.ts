// Copies runs of bits between buffers at any offset. Kernel: kernels/shared/copy_bits.wesl.

import type { DeviceBuffer } from "../buffer_pool.ts";
import type { Recording } from "../recording.ts";
import { groupsFor } from "./scan.ts";

interface BitRange {
  readonly bitCount: number;
  /** First bit in the source. */
  readonly start: number;
  /** First bit in the target; the bits before it stay, those behind the range become unspecified. */
  readonly to: number;
}

/** `source` null: ones. */
export function copyBits(
  recording: Recording,
  source: DeviceBuffer | null,
  copied: DeviceBuffer,
  { bitCount, start, to }: BitRange,
): void {
  if (bitCount === 0) return;
  const words = Math.ceil((to + bitCount) / 32) - Math.floor(to / 32);
  recording.dispatch({
    kernel: { path: "shared/copy_bits", conditions: { ones: source === null } },
    buffers: { copied, ...(source && { source }) },
    params: { bitCount, start, to },
    workgroups: groupsFor(words),
    traffic: { read: source ? words * 4 : 0, written: words * 4 },
  });
}

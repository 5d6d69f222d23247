// Grouping by hash, first with a table for few distinct keys that costs little where it holds: its slots become group numbers
// of 8 or 16 bits, and everything after is as cheap as under direct addressing. Where it does not, threads soon see that it
// was given up. Kernels: kernels/aggregate/few_slots.wesl, dense_slots.wesl.

import type { DeviceBuffer } from "../buffer_pool.ts";
import type { Recording } from "../recording.ts";
import { rowsPerWorkgroup, tableShape } from "./group_table.ts";
import { numberSlots, type PackedSlots, type SlotGroups } from "./key_slots.ts";
import type { EqualityKeys } from "./keys.ts";
import { groupsFor } from "./scan.ts";
import type { Workspace } from "./workspace.ts";

/** First rows and counts of all slots fit a workgroup's memory; at most half of them are used. */
const CAPACITY = 1024;
export const MOST_KEYS = CAPACITY / 2;
/** Below, the round trip that finding many keys costs is not worth what finding few saves. */
const LEAST_ROWS = 4096;

export interface FewKeys {
  readonly groups: SlotGroups;
  /** One word: how many keys there are; above MOST_KEYS `groups` means nothing. */
  readonly claimed: DeviceBuffer;
}

interface KeyRows {
  readonly keys: EqualityKeys;
  readonly skipNulls: boolean;
  readonly mask: DeviceBuffer | null;
}

export function mayHaveFewKeys(rowCount: number): boolean {
  return rowCount >= LEAST_ROWS;
}

export function findFewKeys(recording: Recording, workspace: Workspace, rows: KeyRows): FewKeys {
  const { keys, skipNulls, mask } = rows;
  const { words, rowCount, stride, wordCount, nullWords } = keys;
  const slots = workspace.acquire(Math.ceil(rowCount / 2) * 4);
  const slotTable = workspace.zeroed(recording, CAPACITY * 4);
  const slotRows = workspace.zeroed(recording, CAPACITY * 8);
  const claimed = workspace.zeroed(recording, 4);
  const rowsPerGroup = rowsPerWorkgroup(rowCount);
  const { copies, entries } = tableShape(CAPACITY, 2, workspace.context.localWords);
  recording.dispatch({
    kernel: { path: "aggregate/few_slots", conditions: { masked: mask !== null } },
    buffers: { words, slotTable, claimed, slots, table: slotRows, ...(mask && { mask }) },
    params: {
      rowCount,
      rowsPerGroup,
      stride,
      wordCount,
      nullWords: skipNulls ? nullWords : 0,
      hashMask: workspace.context.hashMask,
      capacity: CAPACITY,
      mostKeys: MOST_KEYS,
      entries,
      copies,
    },
    workgroups: Math.ceil(rowCount / rowsPerGroup),
    // The row's key and, at its slot, that of the row which is there.
    traffic: { read: rowCount * (8 * wordCount + (mask ? 1 / 8 : 0)), written: rowCount * 2 },
  });
  workspace.recycle(slotTable);
  const packed: PackedSlots = { buffer: slots, bits: 16, capacity: CAPACITY };
  return { groups: numberSlots(recording, workspace, packed, slotRows, rowCount), claimed };
}

/** The same groups by slots that are their numbers: fewer bits, and tables without gaps. */
export function denseSlots(
  recording: Recording,
  workspace: Workspace,
  { slots, slotGroups, firstRows, rowCounts, groupCount }: SlotGroups,
  rowCount: number,
  count: number,
): SlotGroups {
  const bits = count < 0xff ? 8 : 16;
  const perWord = 32 / bits;
  const groups = workspace.acquire(Math.ceil(rowCount / perWord) * 4);
  recording.dispatch({
    kernel: { path: "aggregate/dense_slots" },
    buffers: { slots: slots.buffer, slotGroups, groups },
    params: { rowCount, capacity: slots.capacity, groupBits: bits },
    workgroups: groupsFor(Math.ceil(rowCount / perWord)),
    traffic: { read: rowCount * 2, written: rowCount * (bits / 8) },
  });
  const numbers = workspace.constant(
    recording,
    Uint32Array.from({ length: count }, (_, n) => n),
  );
  return {
    slots: { buffer: groups, bits, capacity: count },
    slotGroups: numbers,
    groupSlots: numbers,
    firstRows,
    rowCounts,
    groupCount,
  };
}

// Groups of rows by key, numbered in order of first appearance. In two halves, because the number of groups sizes
// everything behind it:
//
//   findGroups   direct: packed slots and the first row of each (key_slots.ts)
//                hash:   slots -> bitmap of first rows -> its prefix counts -> the group of every row
//   groupsOf     what reductions ask for (groups.ts)
//
// Kernels: kernels/aggregate/group_*.wesl.

import type { DeviceBuffer } from "../buffer_pool.ts";
import type { Recording } from "../recording.ts";
import type { CellSource } from "./cells.ts";
import { Groups } from "./groups.ts";
import { type SlotGroups, slotGroups, slotTableBytes } from "./key_slots.ts";
import { encodeEqualityKeys, equalityLayout } from "./keys.ts";
import { groupsFor, scanBitmap, selectRows } from "./scan.ts";
import { directKeys, hashSlots, type Slots, storageDomain } from "./slots.ts";
import type { Workspace } from "./workspace.ts";

interface HashedGroups {
  /** [row]: its group; the number of groups for a row that is dropped. */
  readonly rowGroups: DeviceBuffer;
  /** The first rows of groups, and the prefix counts of the bitmap's words. */
  readonly bitmap: DeviceBuffer;
  readonly sums: DeviceBuffer;
}

export type FoundGroups =
  | { readonly kind: "direct"; readonly groups: SlotGroups }
  | { readonly kind: "hashed"; readonly groups: HashedGroups };

export interface GroupingRows {
  readonly rowCount: number;
  readonly dropNullKeys: boolean;
  /** A bitmap of the rows that count; null: all do. */
  readonly mask: DeviceBuffer | null;
}

export function findGroups(
  recording: Recording,
  workspace: Workspace,
  keys: readonly CellSource[],
  { rowCount, dropNullKeys, mask }: GroupingRows,
): FoundGroups {
  const direct = directKeys([keys], keys.map(storageDomain), !dropNullKeys, rowCount);
  const { maxStorageBufferBindingSize } = workspace.context.device.limits;
  if (direct && rowCount > 0 && slotTableBytes(direct) <= maxStorageBufferBindingSize) {
    const groups = slotGroups(recording, workspace, keys, direct, rowCount, mask);
    return { kind: "direct", groups };
  }
  const matrix = encodeEqualityKeys(recording, workspace, keys, equalityLayout([keys]), rowCount);
  const slots = hashSlots(recording, workspace, matrix, dropNullKeys, { mask });
  workspace.recycle(matrix.words);
  return { kind: "hashed", groups: hashedGroups(recording, workspace, slots, rowCount) };
}

function hashedGroups(
  recording: Recording,
  workspace: Workspace,
  slots: Slots,
  rowCount: number,
): HashedGroups {
  const bitmap = firstOfSlots(recording, workspace, slots, rowCount);
  const sums = scanBitmap(recording, workspace, bitmap, rowCount);
  const rowGroups = workspace.acquire(rowCount * 4);
  recording.dispatch({
    kernel: { path: "aggregate/group_index" },
    buffers: { rowSlots: slots.rowSlots, slotTable: slots.slotTable, bitmap, sums, rowGroups },
    params: { rowCount },
    workgroups: groupsFor(rowCount),
    // The slot's first row, its bit and the count before it, wherever they lie.
    traffic: { read: rowCount * 16, written: rowCount * 4 },
  });
  workspace.recycle(slots.rowSlots);
  workspace.recycle(slots.slotTable);
  return { rowGroups, bitmap, sums };
}

/** A bitmap of the first row of every slot. */
export function firstOfSlots(
  recording: Recording,
  workspace: Workspace,
  { rowSlots, slotTable }: Slots,
  rowCount: number,
): DeviceBuffer {
  const bitmap = workspace.acquire(Math.ceil(rowCount / 32) * 4);
  recording.dispatch({
    kernel: { path: "aggregate/group_first" },
    buffers: { rowSlots, slotTable, bitmap },
    params: { rowCount },
    workgroups: groupsFor(rowCount),
    traffic: { read: rowCount * 8, written: rowCount / 8 },
  });
  return bitmap;
}

/** The number of groups, one word, after `findGroups`. */
export function readGroupCount(
  recording: Recording,
  found: FoundGroups,
  rowCount: number,
): Promise<ArrayBuffer> {
  if (found.kind === "direct") {
    const { buffer, offset } = found.groups.groupCount;
    return recording.read(buffer, offset, 4);
  }
  return recording.read(found.groups.sums, Math.ceil(rowCount / 32) * 4, 4);
}

interface GroupsShape extends GroupingRows {
  readonly count: number;
  /** How many reductions there will be. */
  readonly reductions: number;
}

export function groupsOf(
  recording: Recording,
  workspace: Workspace,
  found: FoundGroups,
  { rowCount, dropNullKeys, mask, count, reductions }: GroupsShape,
): Groups {
  const mayDrop = dropNullKeys || mask !== null;
  const shape = { rowCount, count, mayDrop, reductions };
  if (found.kind === "direct") {
    const { firstRows } = found.groups;
    return new Groups(recording, workspace, { ...shape, bySlot: found.groups, firstRows });
  }
  const { rowGroups, bitmap, sums } = found.groups;
  const firstRows = workspace.acquire(count * 4);
  selectRows(recording, bitmap, sums, rowCount, firstRows);
  return new Groups(recording, workspace, { ...shape, rowGroups, firstRows });
}

/** The one group of an aggregate without keys: of all rows. */
export function wholeGroup(recording: Recording, workspace: Workspace, rowCount: number): Groups {
  return new Groups(recording, workspace, { rowCount, count: 1, mayDrop: false, reductions: 0 });
}

// Groups of rows by key, numbered in order of first appearance. In two halves, because the number of groups sizes
// everything behind it:
//
//   findGroups   direct: packed slots and the first row of each (key_slots.ts)
//                hash:   slots -> bitmap of first rows -> its prefix counts -> the group of every row
//                few:    the same in one pass, by a table of few keys (few_keys.ts), before hash is tried
//   groupsOf     what reductions ask for (groups.ts)
//
// Kernels: kernels/aggregate/group_*.wesl.

import { at } from "../../../base/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { Recording } from "../recording.ts";
import type { CellSource } from "./cells.ts";
import { denseSlots, findFewKeys, MOST_KEYS, mayHaveFewKeys } from "./few_keys.ts";
import { Groups } from "./groups.ts";
import { type SlotGroups, slotGroups, slotTableBytes } from "./key_slots.ts";
import { type EqualityKeys, encodeEqualityKeys, equalityLayout } from "./keys.ts";
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
  | { readonly kind: "few"; readonly groups: SlotGroups; readonly tried: TriedKeys }
  | { readonly kind: "hashed"; readonly groups: HashedGroups };

/** Of keys that may turn out to be too many for the table of few. */
interface TriedKeys {
  readonly matrix: EqualityKeys;
  readonly claimed: DeviceBuffer;
  readonly rows: GroupingRows;
}

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
  rows: GroupingRows,
): FoundGroups {
  const { rowCount, dropNullKeys, mask } = rows;
  const direct = directKeys([keys], keys.map(storageDomain), !dropNullKeys, rowCount);
  const { maxStorageBufferBindingSize } = workspace.context.device.limits;
  if (direct && rowCount > 0 && slotTableBytes(direct) <= maxStorageBufferBindingSize) {
    const groups = slotGroups(recording, workspace, keys, direct, rowCount, mask);
    return { kind: "direct", groups };
  }
  const matrix = encodeEqualityKeys(recording, workspace, keys, equalityLayout([keys]), rowCount);
  if (mayHaveFewKeys(rowCount)) {
    const sought = { keys: matrix, skipNulls: dropNullKeys, mask };
    const { groups, claimed } = findFewKeys(recording, workspace, sought);
    return { kind: "few", groups, tried: { matrix, claimed, rows } };
  }
  return hashGroups(recording, workspace, matrix, rows);
}

function hashGroups(
  recording: Recording,
  workspace: Workspace,
  matrix: EqualityKeys,
  { rowCount, dropNullKeys, mask }: GroupingRows,
): FoundGroups {
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

/** Groups whose number is on its way to the host. */
export interface PendingGroups {
  readonly found: FoundGroups;
  readonly rowCount: number;
  readonly count: Promise<ArrayBuffer>;
  /** How many keys there were, where they may be too many for what was tried. */
  readonly claimed: Promise<ArrayBuffer> | null;
}

export function readGroupCount(
  recording: Recording,
  found: FoundGroups,
  rowCount: number,
): PendingGroups {
  const claimed = found.kind === "few" ? recording.read(found.tried.claimed) : null;
  return { found, rowCount, count: readCount(recording, found, rowCount), claimed };
}

function readCount(
  recording: Recording,
  found: FoundGroups,
  rowCount: number,
): Promise<ArrayBuffer> {
  if (found.kind === "hashed")
    return recording.read(found.groups.sums, Math.ceil(rowCount / 32) * 4, 4);
  const { buffer, offset } = found.groups.groupCount;
  return recording.read(buffer, offset, 4);
}

/** After the recording was submitted; one more round trip where there are too many keys for what was tried. */
export async function settleGroups(
  workspace: Workspace,
  { found, rowCount, count, claimed }: PendingGroups,
): Promise<{ found: FoundGroups; count: number }> {
  const keyCount = claimed ? at(new Uint32Array(await claimed), 0) : 0;
  if (found.kind !== "few" || keyCount <= MOST_KEYS)
    return { found, count: at(new Uint32Array(await count), 0) };
  const recording = workspace.context.record();
  const { matrix, rows } = found.tried;
  const hashed = hashGroups(recording, workspace, matrix, rows);
  const hashedCount = readCount(recording, hashed, rowCount);
  await recording.submit();
  return { found: hashed, count: at(new Uint32Array(await hashedCount), 0) };
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
  if (found.kind === "few") {
    const bySlot = denseSlots(recording, workspace, found.groups, rowCount, count);
    return new Groups(recording, workspace, { ...shape, bySlot, firstRows: bySlot.firstRows });
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

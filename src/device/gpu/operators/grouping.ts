// Groups of rows by key, numbered in order of first appearance, and the rows in group order. In two halves, because the
// number of groups sizes everything behind it:
//
//   findGroups   slots -> bitmap of first rows -> its prefix counts (the last one is the number of groups) -> row groups
//   orderGroups  rows stably sorted by group, where each group begins, and its first row
//
// Kernels: kernels/aggregate/group_*.wesl.

import type { DeviceBuffer } from "../buffer_pool.ts";
import type { Recording } from "../recording.ts";
import type { CellSource } from "./cells.ts";
import { encodeEqualityKeys, equalityLayout } from "./keys.ts";
import { passesBelow, radixSort } from "./radix_sort.ts";
import { groupsFor, scanBitmap, selectRows } from "./scan.ts";
import { directKeys, directSlots, hashSlots, type Slots, storageDomain } from "./slots.ts";
import type { Workspace } from "./workspace.ts";

export interface FoundGroups {
  /** [row]: its group; the number of groups for a row that is dropped. */
  readonly rowGroups: DeviceBuffer;
  /** The first rows of groups, and the prefix counts of the bitmap's words. */
  readonly bitmap: DeviceBuffer;
  readonly sums: DeviceBuffer;
}

export interface Groups {
  readonly rowCount: number;
  readonly count: number;
  /** Null: all rows belong to group 0. */
  readonly rowGroups: DeviceBuffer | null;
  /** All rows in group order, dropped ones last, and the group of each; null: row order, all of group 0. */
  readonly ordered: { readonly rows: DeviceBuffer; readonly groups: DeviceBuffer } | null;
  /** [group]: where its rows begin in that order; one more entry at the end. */
  readonly starts: DeviceBuffer;
}

export function findGroups(
  recording: Recording,
  workspace: Workspace,
  keys: readonly CellSource[],
  rowCount: number,
  dropNullKeys: boolean,
): FoundGroups {
  const slots = keySlots(recording, workspace, keys, rowCount, dropNullKeys);
  const bitmap = firstOfSlots(recording, workspace, slots, rowCount);
  const sums = scanBitmap(recording, workspace, bitmap, rowCount);
  const rowGroups = workspace.acquire(rowCount * 4);
  recording.dispatch({
    kernel: { path: "aggregate/group_index" },
    buffers: { rowSlots: slots.rowSlots, slotTable: slots.slotTable, bitmap, sums, rowGroups },
    params: { rowCount },
    workgroups: groupsFor(rowCount),
  });
  workspace.recycle(slots.rowSlots);
  workspace.recycle(slots.slotTable);
  return { rowGroups, bitmap, sums };
}

function keySlots(
  recording: Recording,
  workspace: Workspace,
  keys: readonly CellSource[],
  rowCount: number,
  dropNullKeys: boolean,
): Slots {
  const direct = directKeys([keys], keys.map(storageDomain), !dropNullKeys, rowCount);
  if (direct) return directSlots(recording, workspace, keys, direct, rowCount);
  const matrix = encodeEqualityKeys(recording, workspace, keys, equalityLayout([keys]), rowCount);
  const slots = hashSlots(recording, workspace, matrix, dropNullKeys);
  workspace.recycle(matrix.words);
  return slots;
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
  });
  return bitmap;
}

/** The number of groups, one word, after `findGroups`. */
export function readGroupCount(
  recording: Recording,
  { sums }: FoundGroups,
  rowCount: number,
): Promise<ArrayBuffer> {
  return recording.read(sums, Math.ceil(rowCount / 32) * 4, 4);
}

/** The one group of an aggregate without keys. */
export function wholeGroup(recording: Recording, workspace: Workspace, rowCount: number): Groups {
  const starts = workspace.constant(recording, Uint32Array.of(0, rowCount));
  return { rowCount, count: 1, rowGroups: null, ordered: null, starts };
}

/** `mayDrop`: some rows may belong to no group. */
export function orderGroups(
  recording: Recording,
  workspace: Workspace,
  { rowGroups }: FoundGroups,
  rowCount: number,
  count: number,
  mayDrop: boolean,
): Groups {
  if (count === 1 && !mayDrop) return { ...wholeGroup(recording, workspace, rowCount), rowGroups };
  const matrix = { words: rowGroups, wordCount: 1, stride: rowCount, rowCount };
  const passes = passesBelow(Math.max(2, count + (mayDrop ? 1 : 0)));
  const { rows, keys: groups } = radixSort(recording, workspace, matrix, passes, {
    keepKeys: true,
  });
  if (groups === null) throw new Error("the sort by group keeps its keys");
  const starts = workspace.acquire((count + 1) * 4);
  recording.dispatch({
    kernel: { path: "aggregate/group_starts" },
    buffers: { groups, starts },
    params: { rowCount, groupCount: count },
    workgroups: groupsFor(rowCount + 1),
  });
  return { rowCount, count, rowGroups, ordered: { rows, groups }, starts };
}

/** The first row of every group. */
export function firstRows(
  recording: Recording,
  workspace: Workspace,
  { bitmap, sums }: FoundGroups,
  rowCount: number,
  count: number,
): DeviceBuffer {
  const rows = workspace.acquire(count * 4);
  selectRows(recording, bitmap, sums, rowCount, rows);
  return rows;
}

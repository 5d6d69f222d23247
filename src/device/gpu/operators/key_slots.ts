// Grouping by direct addressing: packed slots of all rows, and for every slot its first row and how many rows it has, in
// one pass over the key columns. Then groups are numbered by their first rows. Kernels: kernels/aggregate/key_slots.wesl,
// mark_firsts.wesl, slot_groups.wesl.

import { at } from "../../../base/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { Recording } from "../recording.ts";
import { type CellSource, cellVariant } from "./cells.ts";
import { rowsPerWorkgroup, tableShape } from "./group_table.ts";
import { groupsFor, scanBitmap } from "./scan.ts";
import { type DirectKeys, directRowSlots } from "./slots.ts";
import type { Workspace } from "./workspace.ts";

/** A slot below `capacity` a row; any other value is a row that counts for nothing. */
export interface PackedSlots {
  readonly buffer: DeviceBuffer;
  readonly bits: 8 | 16 | 32;
  readonly capacity: number;
}

/** What is known of every group, in order of first appearance. */
export interface SlotGroups {
  readonly slots: PackedSlots;
  /** [slot]: its group; the number of groups for a slot without rows. */
  readonly slotGroups: DeviceBuffer;
  readonly groupSlots: DeviceBuffer;
  readonly firstRows: DeviceBuffer;
  readonly rowCounts: DeviceBuffer;
  /** One word: how many groups there are. */
  readonly groupCount: { readonly buffer: DeviceBuffer; readonly offset: number };
}

/** Bytes of the largest buffer that `slotGroups` needs. */
export function slotTableBytes({ capacity }: DirectKeys): number {
  return capacity * 8;
}

/** `mask`: a bitmap of the rows that count. */
export function slotGroups(
  recording: Recording,
  workspace: Workspace,
  keys: readonly CellSource[],
  direct: DirectKeys,
  rowCount: number,
  mask: DeviceBuffer | null,
): SlotGroups {
  const { slots, slotRows } = packSlots(recording, workspace, keys, direct, rowCount, mask);
  return numberSlots(recording, workspace, slots, slotRows, rowCount);
}

/** Groups of slots, in the order of their first rows. `slotRows`: [slot]: ~ of the first row, how many rows. */
export function numberSlots(
  recording: Recording,
  workspace: Workspace,
  slots: PackedSlots,
  slotRows: DeviceBuffer,
  rowCount: number,
): SlotGroups {
  const { capacity } = slots;
  const wordCount = Math.ceil(rowCount / 32);
  const bitmap = workspace.zeroed(recording, wordCount * 4);
  recording.dispatch({
    kernel: { path: "aggregate/mark_firsts" },
    buffers: { slotRows, bitmap },
    params: { capacity },
    workgroups: groupsFor(capacity),
    traffic: { read: capacity * 8, written: Math.min(capacity, rowCount) * 4 },
  });
  const sums = scanBitmap(recording, workspace, bitmap, rowCount);
  const groupRoom = Math.min(capacity, rowCount) * 4;
  const numbered = {
    slotGroups: workspace.acquire(capacity * 4),
    groupSlots: workspace.acquire(groupRoom),
    firstRows: workspace.acquire(groupRoom),
    rowCounts: workspace.acquire(groupRoom),
  };
  recording.dispatch({
    kernel: { path: "aggregate/slot_groups" },
    buffers: { slotRows, bitmap, sums, ...numbered },
    params: { capacity, wordCount },
    workgroups: groupsFor(capacity),
    traffic: { read: capacity * 8 + groupRoom * 2, written: capacity * 4 + groupRoom * 3 },
  });
  workspace.recycle(slotRows);
  workspace.recycle(bitmap);
  return { slots, ...numbered, groupCount: { buffer: sums, offset: wordCount * 4 } };
}

/** Slots of all rows, and [slot]: ~ of the first row, how many rows. */
export function packSlots(
  recording: Recording,
  workspace: Workspace,
  keys: readonly CellSource[],
  direct: DirectKeys,
  rowCount: number,
  mask: DeviceBuffer | null,
): { slots: PackedSlots; slotRows: DeviceBuffer } {
  const { capacity } = direct;
  const bits = capacity < 0xff ? 8 : capacity < 0xffff ? 16 : 32;
  const slots = workspace.acquire(Math.ceil((rowCount * bits) / 32) * 4);
  const slotRows = workspace.zeroed(recording, capacity * 8);
  const columns =
    keys.length <= KEYS_AT_ONCE
      ? keys.map((key, index) => keyColumn(key, at(direct.digits, index)))
      : [slotColumn(directRowSlots(recording, workspace, keys, direct, rowCount), capacity)];
  const { copies, entries } = tableShape(capacity, 2, workspace.context.localWords);
  const spare = columns[0]?.values ?? mask;
  if (spare === null) throw new Error("slots are made of keys or of a mask");
  const buffers: Record<string, DeviceBuffer> = { mask: mask ?? spare, slots, table: slotRows };
  const params: Record<string, number | readonly number[]> = {};
  for (let key = 0; key < KEYS_AT_ONCE; key++) {
    const column = columns[key];
    buffers[`values${key}`] = column?.values ?? spare;
    buffers[`validity${key}`] = column?.validity ?? spare;
    params[`key${key}`] = column?.shape ?? [32, 1, 1, 0];
    params[`lowest${key}`] = column?.lowest ?? [0, 0];
  }
  const rowsPerGroup = rowsPerWorkgroup(rowCount);
  recording.dispatch({
    kernel: { path: "aggregate/key_slots" },
    buffers,
    params: {
      ...params,
      rowCount,
      rowsPerGroup,
      keyCount: columns.length,
      slotBits: bits,
      masked: mask === null ? 0 : 1,
      capacity,
      entries,
      copies,
    },
    workgroups: Math.ceil(rowCount / rowsPerGroup),
    traffic: {
      read: columns.reduce((sum, { cellBytes }) => sum + cellBytes, mask ? 1 / 8 : 0) * rowCount,
      written: (rowCount * bits) / 8 + (copies > 0 ? capacity * 8 : rowCount * 8),
    },
  });
  return { slots: { buffer: slots, bits, capacity }, slotRows };
}

const KEYS_AT_ONCE = 2;
const NULLABLE = 0x100;
const SIGNED = 0x200;

interface KeyColumn {
  readonly values: DeviceBuffer;
  readonly validity: DeviceBuffer | null;
  readonly shape: readonly number[];
  readonly lowest: readonly [number, number];
  readonly cellBytes: number;
}

function keyColumn(source: CellSource, digit: DirectKeys["digits"][number]): KeyColumn {
  const { values, validity, bits } = source.column;
  const { signed } = cellVariant(source).conditions;
  const flags = bits | (validity ? NULLABLE : 0) | (signed ? SIGNED : 0);
  return {
    values,
    validity,
    shape: [flags, digit.radix, digit.valueCount, digit.nullDigit],
    lowest: digit.lowest,
    cellBytes: bits / 8 + (validity ? 1 / 8 : 0),
  };
}

/** Slots that are there already, as a key. */
function slotColumn(values: DeviceBuffer, capacity: number): KeyColumn {
  const shape = [32, capacity, capacity, 0];
  return { values, validity: null, shape, lowest: [0, 0], cellBytes: 4 };
}

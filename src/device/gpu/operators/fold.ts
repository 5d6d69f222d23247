// Folds rows into accumulators by slot, with atomics whose order cannot be seen: for groups that a workgroup can keep, and
// for more of them where that moves fewer bytes than putting the rows in group order. Kernel:
// kernels/aggregate/fold_groups.wesl.

import type { DeviceBuffer } from "../buffer_pool.ts";
import type { Recording } from "../recording.ts";
import { rowsPerWorkgroup, type TableShape, tableShape } from "./group_table.ts";
import type { Groups } from "./groups.ts";
import type { SlotGroups } from "./key_slots.ts";
import { NO_POWERS } from "./power_sums.ts";
import type { Reduction } from "./reduce.ts";
import { groupsFor } from "./scan.ts";
import type { Workspace } from "./workspace.ts";

/** How the reduction is folded; null where the segmented reduction is the better way, or the only one. */
export function foldShape(
  workspace: Workspace,
  groups: Groups,
  reduction: Reduction,
): TableShape | null {
  const { slots } = groups;
  if (slots === null || groups.count === 0) return null;
  // Nothing folds extremes of 128 bits (four words would take as many passes), nor states.
  if (reduction.conditions.decimal || reduction.width !== undefined) return null;
  const { maxStorageBufferBindingSize } = workspace.context.device.limits;
  const { words } = reduction;
  if (slots.capacity * words * 4 > maxStorageBufferBindingSize) return null;
  const shape = tableShape(slots.capacity, words, workspace.context.localWords);
  return foldBytes(groups, reduction, shape) <= groups.orderedBytes(reduction) ? shape : null;
}

/** Bytes of device memory that the fold moves. */
function foldBytes(groups: Groups, reduction: Reduction, shape: TableShape): number {
  const { rowCount, slots } = groups;
  const { capacity, words, copies } = shape;
  const scanned = ((slots?.bits ?? 32) / 8 + reduction.cellBytes) * reduction.steps;
  // The table is cleared, written and read; its words of a row that no workgroup keeps are read and written.
  return rowCount * (scanned + (copies > 0 ? 0 : 8 * reduction.touched)) + capacity * words * 12;
}

/** As in kernels/aggregate/fold_extreme.wesl; the other folds do not ask. */
const ONE_STEP = 2;

/** [group][word]: the state of every group, in group order. */
export function foldGroups(
  recording: Recording,
  workspace: Workspace,
  groups: Groups,
  reduction: Reduction,
  shape: TableShape,
): DeviceBuffer {
  const { rowCount, slots, bySlot } = groups;
  if (slots === null) throw new Error("rows are folded by their slots");
  const { capacity, entries, copies, words } = shape;
  const table = workspace.zeroed(recording, capacity * words * 4);
  const { kind, buffers, conditions, constants, lowExponent = 0, invert = false } = reduction;
  const { powers = NO_POWERS } = reduction;
  const rowsPerGroup = rowsPerWorkgroup(rowCount);
  // Sums of columns without nulls leave counting to the slots, where those have counted.
  const counting = bySlot === null || conditions.nullable === true;
  const spilled = copies > 0 ? capacity * words * 4 : rowCount * 4 * reduction.touched;
  for (let step = 0; step < reduction.steps; step++) {
    recording.dispatch({
      kernel: {
        path: "aggregate/fold_groups",
        conditions: { ...conditions, wide: false, [kind]: true },
        constants: { CELL_BITS: constants.CELL_BITS ?? "32u" },
      },
      buffers: { ...buffers, slots: slots.buffer, table },
      params: {
        rowCount,
        rowsPerGroup,
        slotBits: slots.bits,
        capacity,
        entries,
        copies,
        words,
        lowExponent,
        ...powers,
        counting: counting ? 1 : 0,
        invert: invert ? 0xffffffff : 0,
        step: reduction.steps === 1 ? ONE_STEP : step,
      },
      workgroups: Math.ceil(rowCount / rowsPerGroup),
      traffic: {
        read: rowCount * (slots.bits / 8 + reduction.cellBytes) + spilled,
        written: spilled,
      },
    });
  }
  if (bySlot === null) return table;
  const counted = kind === "sum" && !counting;
  return inGroupOrder(recording, workspace, groups.count, bySlot, { table, words, counted });
}

interface SlotStates {
  readonly table: DeviceBuffer;
  readonly words: number;
  /** Word 0 is how many rows the group has. */
  readonly counted: boolean;
}

/** From [slot][word] to [group][word]. */
function inGroupOrder(
  recording: Recording,
  workspace: Workspace,
  groupCount: number,
  { groupSlots, rowCounts }: SlotGroups,
  { table, words, counted }: SlotStates,
): DeviceBuffer {
  const stateBytes = groupCount * words * 4;
  const states = workspace.acquire(stateBytes);
  recording.dispatch({
    kernel: { path: "aggregate/group_states", conditions: { counted } },
    buffers: { groupSlots, table, ...(counted && { rowCounts }), states },
    params: { groupCount, words },
    workgroups: groupsFor(groupCount * words),
    traffic: { read: stateBytes + groupCount * 4, written: stateBytes },
  });
  workspace.recycle(table);
  return states;
}

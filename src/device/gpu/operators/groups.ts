// The groups of an aggregate, and what reductions ask of them. What nobody asks for is not made: rows are put in group
// order only for the reductions and the holistic calls that need that.

import type { DeviceBuffer } from "../buffer_pool.ts";
import type { Recording } from "../recording.ts";
import type { PackedSlots, SlotGroups } from "./key_slots.ts";
import { passesBelow, radixSort } from "./radix_sort.ts";
import type { Reduction } from "./reduce.ts";
import { groupsFor } from "./scan.ts";
import type { Workspace } from "./workspace.ts";

export interface OrderedRows {
  readonly rows: DeviceBuffer;
  readonly groups: DeviceBuffer;
}

interface GroupsParts {
  readonly rowCount: number;
  readonly count: number;
  /** [row]: its group, where that is known already; the number of groups for a row that counts for nothing. */
  readonly rowGroups?: DeviceBuffer;
  /** Groups by direct addressing. */
  readonly bySlot?: SlotGroups;
  /** Slots that are group numbers themselves. */
  readonly slots?: PackedSlots;
  /** [group]: its first row; absent without keys. */
  readonly firstRows?: DeviceBuffer;
  /** Some rows may belong to no group. */
  readonly mayDrop: boolean;
  /** How many reductions share the cost of an order of the rows. */
  readonly reductions: number;
}

export class Groups {
  readonly rowCount: number;
  readonly count: number;
  readonly bySlot: SlotGroups | null;
  readonly firstRows: DeviceBuffer | null;
  /** A group may have no rows: that of an aggregate without keys. */
  readonly mayBeEmpty: boolean;
  /** Every row belongs to group 0. */
  readonly isWhole: boolean;
  readonly #recording: Recording;
  readonly #workspace: Workspace;
  readonly #parts: GroupsParts;
  #rowGroups: DeviceBuffer | null;
  #ordered: OrderedRows | null = null;
  #starts: DeviceBuffer | null = null;

  constructor(recording: Recording, workspace: Workspace, parts: GroupsParts) {
    const { rowCount, count, mayDrop, bySlot, firstRows, rowGroups, slots } = parts;
    this.rowCount = rowCount;
    this.count = count;
    this.bySlot = bySlot ?? null;
    this.firstRows = firstRows ?? null;
    this.isWhole = count === 1 && !mayDrop;
    this.mayBeEmpty = rowCount === 0 || (this.firstRows === null && mayDrop);
    this.#recording = recording;
    this.#workspace = workspace;
    this.#parts = { ...parts, ...(slots && { slots }) };
    this.#rowGroups = rowGroups ?? null;
  }

  /** By which rows can be folded; null for a whole, whose columns are reduced in place. */
  get slots(): PackedSlots | null {
    if (this.isWhole) return null;
    const { slots, bySlot, rowGroups } = this.#parts;
    if (slots) return slots;
    if (bySlot) return bySlot.slots;
    return rowGroups ? { buffer: rowGroups, bits: 32, capacity: this.count } : null;
  }

  /** [row]: its group. Null: all rows belong to group 0. */
  get rowGroups(): DeviceBuffer | null {
    const { bySlot, rowCount, count } = this;
    if (this.isWhole) return null;
    if (this.#rowGroups !== null || bySlot === null) return this.#rowGroups;
    const { slots, slotGroups } = bySlot;
    const rowGroups = this.#workspace.acquire(rowCount * 4);
    this.#recording.dispatch({
      kernel: { path: "aggregate/row_groups" },
      buffers: { slots: slots.buffer, slotGroups, rowGroups },
      params: { rowCount, slotBits: slots.bits, capacity: slots.capacity, groupCount: count },
      workgroups: groupsFor(rowCount),
      traffic: { read: rowCount * (slots.bits / 8 + 4), written: rowCount * 4 },
    });
    this.#rowGroups = rowGroups;
    return rowGroups;
  }

  /** All rows in group order, those of no group last, and the group of each. Null: row order, all of group 0. */
  get ordered(): OrderedRows | null {
    if (this.isWhole) return null;
    this.#ordered ??= this.#order();
    return this.#ordered;
  }

  #order(): OrderedRows {
    const { rowCount, count, rowGroups } = this;
    if (rowGroups === null) throw new Error("the group of every row is known");
    const matrix = { words: rowGroups, wordCount: 1, stride: rowCount, rowCount };
    const passes = passesBelow(this.#groupNumbers);
    const { rows, keys: groups } = radixSort(this.#recording, this.#workspace, matrix, passes, {
      keepKeys: true,
    });
    if (groups === null) throw new Error("the sort by group keeps its keys");
    const starts = this.#workspace.acquire((count + 1) * 4);
    this.#recording.dispatch({
      kernel: { path: "aggregate/group_starts" },
      buffers: { groups, starts },
      params: { rowCount, groupCount: count },
      workgroups: groupsFor(rowCount + 1),
    });
    this.#starts = starts;
    return { rows, groups };
  }

  get #groupNumbers(): number {
    return Math.max(2, this.count + (this.#parts.mayDrop ? 1 : 0));
  }

  /** [group]: where its rows begin in group order; one more entry at the end. */
  get starts(): DeviceBuffer {
    if (this.isWhole) {
      this.#starts ??= this.#workspace.constant(this.#recording, Uint32Array.of(0, this.rowCount));
    } else {
      this.#ordered ??= this.#order();
    }
    if (this.#starts === null) throw new Error("an order of the rows says where groups begin");
    return this.#starts;
  }

  /** Bytes that a reduction of rows in group order moves, with its share of what ordering them costs. */
  orderedBytes({ words, cellBytes }: Reduction): number {
    const { rowCount, isWhole } = this;
    const passes = this.#ordered || isWhole ? 0 : passesBelow(this.#groupNumbers).length;
    // A pass: keys and rows are read, keys are read once more to be counted, keys and rows are written. Of 32 rows two
    // states go on to the next level.
    const sorting = (4 + 20 * passes) / Math.max(1, this.#parts.reductions);
    return rowCount * (sorting + 8 + cellBytes + (8 * (words + 1)) / 16);
  }
}

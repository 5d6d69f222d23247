// Slots: a number for every row such that rows share it exactly if their keys are equal. Grouping and joins begin with
// it. Two ways, chosen by what is known of the keys before anything runs:
//
//   direct  few key values are possible (bool, dictionary codes, integers with bounds): the slot is the key itself
//   hash    an open-addressing table of row numbers; keys are compared through the stored row
//
// Kernels: kernels/shared/direct_slot.wesl, direct_insert.wesl, hash_insert.wesl, kernels/join/hash_probe.wesl.

import { at } from "../../../base/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { Recording } from "../recording.ts";
import { type CellSource, cellBuffers, cellVariant } from "./cells.ts";
import type { EqualityKeys } from "./keys.ts";
import { groupsFor } from "./scan.ts";
import type { Workspace } from "./workspace.ts";

export const NO_SLOT = 0xffffffff;

export interface Slots {
  /** [row]: its slot, or NO_SLOT for a row with a null key that counts for nothing. */
  readonly rowSlots: DeviceBuffer;
  /** [slot]: ~ of the first row that has it, or 0. */
  readonly slotTable: DeviceBuffer;
  readonly capacity: number;
}

/** Key columns with few possible values: slot = digit of column 0 * radix 1 * ... + digit of column 1 * ... */
export interface DirectKeys {
  readonly digits: readonly DirectDigit[];
  readonly capacity: number;
}

interface DirectDigit {
  /** The smallest value, low word first. */
  readonly lowest: readonly [number, number];
  readonly valueCount: number;
  /** How many digits there are: the values, then null where nulls count. */
  readonly radix: number;
  readonly nullDigit: number;
}

/** A direct table may be this large however few rows there are. */
const SMALL_DOMAIN = 4096;

/**
 * Direct addressing for keys of one or two sides (their columns pair up), or null where the domain is unknown or much
 * larger than the number of rows. `nullKeys`: whether a null is a key like any other.
 */
export function directKeys(
  sides: readonly (readonly CellSource[])[],
  domainSizes: readonly (number | null)[],
  nullKeys: boolean,
  rowCount: number,
): DirectKeys | null {
  const limit = Math.max(SMALL_DOMAIN, 2 * rowCount);
  const digits: DirectDigit[] = [];
  let capacity = 1;
  for (const [index, size] of domainSizes.entries()) {
    const sources = sides.map((side) => at(side, index));
    const values = size === null ? integerDomain(sources) : { lowest: 0n, size: BigInt(size) };
    if (values === null || values.size > BigInt(limit)) return null;
    const hasNull = nullKeys && sources.some(({ column }) => column.validity !== null);
    const size32 = Math.max(1, Number(values.size));
    const radix = size32 + (hasNull ? 1 : 0);
    const low = BigInt.asUintN(64, values.lowest);
    digits.push({
      lowest: [Number(low & 0xffffffffn), Number(low >> 32n)],
      valueCount: size32,
      radix,
      nullDigit: hasNull ? size32 : NO_SLOT,
    });
    capacity *= radix;
    if (capacity > limit) return null;
  }
  return { digits, capacity };
}

/** How many different values a column's storage can hold by its dtype alone; null where that is no use. */
export function storageDomain({ column, codeTable }: CellSource): number | null {
  if (column.dtype.kind === "bool") return 2;
  if (column.dictionary !== null && codeTable === null) return column.dictionary.size;
  return null;
}

function integerDomain(sources: readonly CellSource[]): { lowest: bigint; size: bigint } | null {
  let [lowest, highest]: [bigint | null, bigint | null] = [null, null];
  for (const { column } of sources) {
    // Digits are taken of cells of at most 64 bits.
    if (column.bits > 64) return null;
    const { min, max } = column.statistics ?? {};
    // Bounds of an empty or all-null column are absent, or meaningless but harmless.
    if (typeof min !== "bigint" || typeof max !== "bigint") return null;
    if (lowest === null || min < lowest) lowest = min;
    if (highest === null || max > highest) highest = max;
  }
  if (lowest === null || highest === null || highest < lowest) return null;
  // Counting from 0 spares a pass over the keys, where it makes no table much larger.
  if (lowest > 0n && lowest <= (highest - lowest) / 8n) lowest = 0n;
  return { lowest, size: highest - lowest + 1n };
}

/** The slots of rows under direct addressing; 1 dispatch a key column, none for a column that has them already. */
export function directRowSlots(
  recording: Recording,
  workspace: Workspace,
  sources: readonly CellSource[],
  { digits }: DirectKeys,
  rowCount: number,
): DeviceBuffer {
  const [only] = sources;
  if (only && sources.length === 1 && isSlotColumn(only, at(digits, 0))) return only.column.values;
  const rowSlots = workspace.acquire(rowCount * 4);
  for (const [index, source] of sources.entries()) {
    const { conditions, constants } = cellVariant(source);
    const { lowest, valueCount, radix, nullDigit } = at(digits, index);
    recording.dispatch({
      kernel: {
        path: "shared/direct_slot",
        conditions: { ...conditions, float: false, first: index === 0 },
        constants,
      },
      buffers: { ...cellBuffers(source), rowSlots },
      params: { rowCount, radix, valueCount, nullDigit, lowest },
      workgroups: groupsFor(rowCount),
      traffic: { read: (source.column.bits * rowCount) / 8, written: rowCount * 4 },
    });
  }
  return rowSlots;
}

/** Values of 32 bits that count from 0, without nulls: dictionary codes, and most keys that a database numbered. */
function isSlotColumn({ column, codeTable }: CellSource, { lowest }: DirectDigit): boolean {
  const countsFromZero = lowest[0] === 0 && lowest[1] === 0;
  return column.bits === 32 && column.validity === null && codeTable === null && countsFromZero;
}

/** [slot]: ~ of the first row that has it, or 0. `duplicate`: one word, set where any slot has two rows. */
export function firstRowsOfSlots(
  recording: Recording,
  workspace: Workspace,
  rowSlots: DeviceBuffer,
  rowCount: number,
  capacity: number,
  duplicate: DeviceBuffer | null = null,
): DeviceBuffer {
  const slotTable = workspace.zeroed(recording, capacity * 4);
  if (duplicate) recording.clear(duplicate);
  recording.dispatch({
    kernel: { path: "shared/direct_insert", conditions: { duplicates: duplicate !== null } },
    buffers: { rowSlots, slotTable, ...(duplicate && { duplicate }) },
    params: { rowCount },
    workgroups: groupsFor(rowCount),
    traffic: { read: rowCount * 8, written: rowCount * 4 },
  });
  return slotTable;
}

/**
 * Inserts all rows into a fresh hash table, at most half full. `skipNulls`: rows with a null key get no slot. `duplicate`:
 * one word, set where any slot has two rows. `mask`: a bitmap of the rows that count.
 */
export function hashSlots(
  recording: Recording,
  workspace: Workspace,
  keys: EqualityKeys,
  skipNulls: boolean,
  {
    duplicate = null,
    mask = null,
  }: { duplicate?: DeviceBuffer | null; mask?: DeviceBuffer | null } = {},
): Slots {
  const { words, rowCount, stride, wordCount } = keys;
  const capacity = 2 ** Math.ceil(Math.log2(2 * Math.max(1, rowCount)));
  const slotTable = workspace.zeroed(recording, capacity * 4);
  const rowSlots = workspace.acquire(rowCount * 4);
  if (duplicate) recording.clear(duplicate);
  recording.dispatch({
    kernel: {
      path: "shared/hash_insert",
      conditions: { duplicates: duplicate !== null, masked: mask !== null },
    },
    buffers: { words, slotTable, rowSlots, ...(duplicate && { duplicate }), ...(mask && { mask }) },
    params: {
      rowCount,
      stride,
      wordCount,
      nullWords: skipNulls ? keys.nullWords : 0,
      capacityMask: capacity - 1,
      hashMask: workspace.context.hashMask,
    },
    workgroups: groupsFor(rowCount),
    // The row's key and, at its slot, that of the row which is there.
    traffic: { read: rowCount * (8 * wordCount + 4), written: rowCount * 8 },
  });
  return { rowSlots, slotTable, capacity };
}

/** The slots that rows of another side would have; NO_SLOT where their key is not in the table. */
export function probeSlots(
  recording: Recording,
  workspace: Workspace,
  keys: EqualityKeys,
  built: { readonly keys: EqualityKeys; readonly slots: Slots },
  skipNulls: boolean,
): DeviceBuffer {
  const { words, rowCount, stride, wordCount, nullWords } = keys;
  const { slotTable, capacity } = built.slots;
  const rowSlots = workspace.acquire(rowCount * 4);
  recording.dispatch({
    kernel: { path: "join/hash_probe" },
    buffers: { words, buildWords: built.keys.words, slotTable, rowSlots },
    params: {
      rowCount,
      stride,
      buildStride: built.keys.stride,
      wordCount,
      nullWords: skipNulls ? nullWords : 0,
      capacityMask: capacity - 1,
      hashMask: workspace.context.hashMask,
    },
    workgroups: groupsFor(rowCount),
    traffic: { read: rowCount * (8 * wordCount + 4), written: rowCount * 4 },
  });
  return rowSlots;
}

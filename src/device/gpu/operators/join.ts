// join: every row of both sides gets the slot of its key; the right rows are put in the order of their slots; each left
// row then knows how many result rows it gives, and a scan says where they go. Which side is hashed makes no
// difference to anything behind the slots. One round trip: the number of result rows. Contract: kernels/join/README.md.

import { at, MemoryBudgetError } from "../../../base/index.ts";
import { type JoinOperation, SUPPORTED } from "../../../physical/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { GpuContext } from "../context.ts";
import type { Recording } from "../recording.ts";
import type { GpuColumn, GpuResident } from "../resident.ts";
import { gatherColumn } from "./gather.ts";
import { type JoinSlots, joinSlots } from "./join_slots.ts";
import type { GpuOperator } from "./operator.ts";
import { passesBelow, radixSort } from "./radix_sort.ts";
import { groupsFor, scan, scanBitmap, selectRows } from "./scan.ts";
import { firstRowsOfSlots } from "./slots.ts";
import { type Workspace, withWorkspace } from "./workspace.ts";

export const join: GpuOperator<JoinOperation> = { supports: () => SUPPORTED, run };

const MOST_ROWS = 2 ** 31 - 1;

interface JoinTask {
  readonly workspace: Workspace;
  readonly operation: JoinOperation;
  readonly left: GpuResident;
  readonly right: GpuResident;
}

function run(
  context: GpuContext,
  operation: JoinOperation,
  inputs: readonly GpuResident[],
): Promise<GpuResident> {
  return withWorkspace(context, (workspace) => {
    const task = { workspace, operation, left: at(inputs, 0), right: at(inputs, 1) };
    return operation.how === "semi" || operation.how === "anti" ? filterLeft(task) : pairRows(task);
  });
}

/** semi, anti: a bitmap of left rows, compacted. */
async function filterLeft({ workspace, operation, left, right }: JoinTask): Promise<GpuResident> {
  const slots = await joinSlots(workspace, operation, left, right);
  const { recording } = slots;
  const { counts } = countSlots(recording, workspace, slots.right, right.rowCount, slots.capacity);
  const negate = operation.how === "anti";
  const bitmap = markMatches(recording, workspace, slots.left, left.rowCount, counts, negate);
  const sums = scanBitmap(recording, workspace, bitmap, left.rowCount);
  const total = recording.read(sums, Math.ceil(left.rowCount / 32) * 4, 4);
  await recording.submit();

  const count = firstWord(await total);
  if (count === left.rowCount) return workspace.result(count, outputs(left, operation.leftOutputs));
  const moving = workspace.context.record();
  const rows = workspace.acquire(count * 4);
  selectRows(moving, bitmap, sums, left.rowCount, rows);
  const columns = outputs(left, operation.leftOutputs).map((column) =>
    gatherColumn(moving, workspace, column, { rows, count, mayMiss: false }),
  );
  await moving.submit();
  return workspace.result(count, columns);
}

/** inner, left, right, full: pairs of row numbers, then one gather a column. */
async function pairRows(task: JoinTask): Promise<GpuResident> {
  const { workspace, operation, left, right } = task;
  const slots = await joinSlots(workspace, operation, left, right);
  const { recording, capacity } = slots;
  const keepLeft = operation.how === "left" || operation.how === "full";
  const keepRight = operation.how === "right" || operation.how === "full";
  const rights = countSlots(recording, workspace, slots.right, right.rowCount, capacity);
  const matches = matchCounts(
    recording,
    workspace,
    slots.left,
    left.rowCount,
    rights.counts,
    keepLeft,
  );
  const source = { buffer: matches, count: left.rowCount };
  const pairStarts = scan(recording, workspace, source);
  const unmatched = keepRight ? unmatchedRights(recording, slots, task) : null;
  const readings = {
    pairs: recording.read(pairStarts, left.rowCount * 4, 4),
    mostRights: recording.read(rights.greatest, 0, 4),
    unmatched: unmatched && recording.read(unmatched.sums, Math.ceil(right.rowCount / 32) * 4, 4),
  };
  await recording.submit();

  const pairCount = firstWord(await readings.pairs);
  const appendCount = readings.unmatched ? firstWord(await readings.unmatched) : 0;
  const count = pairCount + appendCount;
  checkSize(count, task);
  const moving = workspace.context.record();
  const unique = firstWord(await readings.mostRights) <= 1;
  const appendRows = unmatched && appendCount > 0 ? workspace.acquire(appendCount * 4) : null;
  if (unmatched && appendRows) {
    selectRows(moving, unmatched.bitmap, unmatched.sums, right.rowCount, appendRows);
  }
  const pairs = emitPairs(moving, task, slots, {
    pairStarts,
    pairCount,
    appendRows,
    appendCount,
    ...rightRowsBySlot(moving, task, slots, rights.counts, unique),
  });
  const columns = [
    ...outputs(left, operation.leftOutputs).map((column) =>
      gatherColumn(moving, workspace, column, { rows: pairs.lefts, count, mayMiss: keepRight }),
    ),
    ...outputs(right, operation.rightOutputs).map((column) =>
      gatherColumn(moving, workspace, column, { rows: pairs.rights, count, mayMiss: keepLeft }),
    ),
  ];
  await moving.submit();
  return workspace.result(count, columns);
}

function checkSize(count: number, { left, right }: JoinTask): void {
  if (count <= MOST_ROWS) return;
  throw new MemoryBudgetError(
    `a join of ${left.rowCount} and ${right.rowCount} rows gives more than ${MOST_ROWS} rows`,
    { hint: "Filter or aggregate the inputs before the join." },
  );
}

function countSlots(
  recording: Recording,
  workspace: Workspace,
  rowSlots: DeviceBuffer,
  rowCount: number,
  capacity: number,
): { counts: DeviceBuffer; greatest: DeviceBuffer } {
  const slotCounts = workspace.zeroed(recording, capacity * 4);
  const greatest = workspace.zeroed(recording, 4);
  recording.dispatch({
    kernel: { path: "join/count_slots" },
    buffers: { rowSlots, slotCounts, greatest },
    params: { rowCount },
    workgroups: groupsFor(rowCount),
  });
  return { counts: slotCounts, greatest };
}

function matchCounts(
  recording: Recording,
  workspace: Workspace,
  leftSlots: DeviceBuffer,
  rowCount: number,
  rightCounts: DeviceBuffer,
  keepUnmatched: boolean,
): DeviceBuffer {
  const counts = workspace.acquire(rowCount * 4);
  recording.dispatch({
    kernel: { path: "join/match_counts", conditions: { keepUnmatched } },
    buffers: { leftSlots, rightCounts, matchCounts: counts },
    params: { rowCount },
    workgroups: groupsFor(rowCount),
  });
  return counts;
}

function markMatches(
  recording: Recording,
  workspace: Workspace,
  rowSlots: DeviceBuffer,
  rowCount: number,
  otherCounts: DeviceBuffer,
  negate: boolean,
): DeviceBuffer {
  const bitmap = workspace.acquire(Math.ceil(rowCount / 32) * 4);
  recording.dispatch({
    kernel: { path: "join/mark_matches", conditions: { negate } },
    buffers: { rowSlots, otherCounts, bitmap },
    params: { rowCount },
    workgroups: groupsFor(rowCount),
  });
  return bitmap;
}

/** The right rows whose key no left row has. */
function unmatchedRights(
  recording: Recording,
  slots: JoinSlots,
  { workspace, left, right }: JoinTask,
): { bitmap: DeviceBuffer; sums: DeviceBuffer } {
  const { counts } = countSlots(recording, workspace, slots.left, left.rowCount, slots.capacity);
  const bitmap = markMatches(recording, workspace, slots.right, right.rowCount, counts, true);
  return { bitmap, sums: scanBitmap(recording, workspace, bitmap, right.rowCount) };
}

interface RightRows {
  /** See kernels/join/emit_pairs.wesl. */
  readonly slotRights: DeviceBuffer;
  /** Right rows in the order of slots, then rows; null where no slot has two. */
  readonly rightRows: DeviceBuffer | null;
}

function rightRowsBySlot(
  recording: Recording,
  { workspace, right: { rowCount } }: JoinTask,
  { right, rightTable, capacity }: JoinSlots,
  rightCounts: DeviceBuffer,
  unique: boolean,
): RightRows {
  if (unique) {
    const slotRights =
      rightTable ?? firstRowsOfSlots(recording, workspace, right, rowCount, capacity);
    return { slotRights, rightRows: null };
  }
  const slotRights = scan(recording, workspace, { buffer: rightCounts, count: capacity });
  const matrix = { words: right, wordCount: 1, stride: rowCount, rowCount };
  // One digit value more than there are slots, so that rows without a slot come behind all others.
  const { rows } = radixSort(recording, workspace, matrix, passesBelow(capacity + 1));
  return { slotRights, rightRows: rows };
}

interface PairSource extends RightRows {
  readonly pairStarts: DeviceBuffer;
  readonly pairCount: number;
  readonly appendRows: DeviceBuffer | null;
  readonly appendCount: number;
}

function emitPairs(
  recording: Recording,
  { workspace, left }: JoinTask,
  slots: JoinSlots,
  { pairStarts, pairCount, appendRows, appendCount, slotRights, rightRows }: PairSource,
): { lefts: DeviceBuffer; rights: DeviceBuffer } {
  const count = pairCount + appendCount;
  const lefts = workspace.acquire(count * 4);
  const rights = workspace.acquire(count * 4);
  recording.dispatch({
    kernel: {
      path: "join/emit_pairs",
      conditions: { unique: rightRows === null, append: appendRows !== null },
    },
    buffers: {
      leftSlots: slots.left,
      pairStarts,
      slotRights,
      ...(rightRows && { rightRows }),
      ...(appendRows && { appendRows }),
      pairLefts: lefts,
      pairRights: rights,
    },
    params: { pairCount, appendCount, leftRowCount: left.rowCount },
    workgroups: groupsFor(count),
    traffic: { read: count * 16, written: count * 8 },
  });
  return { lefts, rights };
}

function outputs(input: GpuResident, columns: readonly number[]): GpuColumn[] {
  return columns.map((column) => at(input.columns, column));
}

function firstWord(bytes: ArrayBuffer): number {
  return at(new Uint32Array(bytes, 0, 1), 0);
}

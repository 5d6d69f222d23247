// join: every row of both sides gets the slot of its key, and a table names the first right row of every slot. One round
// trip tells how many left rows have a match and whether any key has two right rows. Where none has, the pairs are already
// known; else right rows are put in the order of their slots, each left row knows how many result rows it gives, and a scan
// says where they go (a second round trip: their number). Which side is hashed makes no difference to anything behind the
// slots. Contract: kernels/join/README.md.

import { at, MemoryBudgetError } from "../../../base/index.ts";
import { checkJoinRows, type JoinOperation, SUPPORTED } from "../../../physical/index.ts";
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
  const table =
    slots.rightTable ??
    firstRowsOfSlots(recording, workspace, slots.right, right.rowCount, slots.capacity);
  const negate = operation.how === "anti";
  const marked = markMatches(recording, workspace, slots.left, left.rowCount, table, negate);
  const total = readTotal(recording, marked, left.rowCount);
  await recording.submit();

  const count = firstWord(await total);
  if (count === left.rowCount) return workspace.result(count, outputs(left, operation.leftOutputs));
  const moving = workspace.context.record();
  const rows = workspace.acquire(count * 4);
  selectRows(moving, marked.bitmap, marked.sums, left.rowCount, rows);
  const columns = outputs(left, operation.leftOutputs).map((column) =>
    gatherColumn(moving, workspace, column, { rows, count, mayMiss: false }),
  );
  await moving.submit();
  return workspace.result(count, columns);
}

/** What the first round trip of inner, left, right and full tells. */
interface Matches {
  readonly slots: JoinSlots;
  /** [slot]: ~ of the first right row, or 0. */
  readonly slotRights: DeviceBuffer;
  /** Left rows that have a match. */
  readonly matched: MarkedRows;
  readonly matchedCount: number;
  /** Right rows that have none, where those are wanted. */
  readonly unmatched: MarkedRows | null;
  readonly appendCount: number;
  /** No key has two right rows. */
  readonly unique: boolean;
}

async function findMatches(task: JoinTask, keepRight: boolean): Promise<Matches> {
  const { workspace, operation, left, right } = task;
  const duplicates = workspace.acquire(4);
  const slots = await joinSlots(workspace, operation, left, right, duplicates);
  const { recording } = slots;
  const slotRights =
    slots.rightTable ??
    firstRowsOfSlots(recording, workspace, slots.right, right.rowCount, slots.capacity, duplicates);
  const matched = markMatches(recording, workspace, slots.left, left.rowCount, slotRights, false);
  const unmatched = keepRight ? unmatchedRights(recording, slots, task) : null;
  const readings = {
    matched: readTotal(recording, matched, left.rowCount),
    duplicates: recording.read(duplicates, 0, 4),
    unmatched: unmatched && readTotal(recording, unmatched, right.rowCount),
  };
  await recording.submit();
  return {
    slots,
    slotRights,
    matched,
    matchedCount: firstWord(await readings.matched),
    unmatched,
    appendCount: readings.unmatched ? firstWord(await readings.unmatched) : 0,
    unique: firstWord(await readings.duplicates) === 0,
  };
}

/** inner, left, right, full: pairs of row numbers, then one gather a column. */
async function pairRows(task: JoinTask): Promise<GpuResident> {
  const { workspace, operation, left, right } = task;
  const keepLeft = operation.how === "left" || operation.how === "full";
  const keepRight = operation.how === "right" || operation.how === "full";
  const matches = await findMatches(task, keepRight);
  const all = keepLeft || matches.matchedCount === left.rowCount;
  const moving = workspace.context.record();
  const { lefts, rights, count, recording } =
    matches.unique && matches.appendCount === 0
      ? uniquePairs(moving, task, matches, all)
      : await countedPairs(moving, task, matches, keepLeft);
  const misses = { left: matches.appendCount > 0, right: matches.matchedCount < left.rowCount };
  const columns = [
    ...outputs(left, operation.leftOutputs).map((column) =>
      lefts === null
        ? column
        : gatherColumn(recording, workspace, column, { rows: lefts, count, mayMiss: misses.left }),
    ),
    ...outputs(right, operation.rightOutputs).map((column) =>
      gatherColumn(recording, workspace, column, {
        rows: rights,
        count,
        mayMiss: keepLeft && misses.right,
      }),
    ),
  ];
  await recording.submit();
  return workspace.result(count, columns);
}

interface Pairs {
  /** Not submitted yet. */
  readonly recording: Recording;
  /** Null: every left row once, in order. */
  readonly lefts: DeviceBuffer | null;
  readonly rights: DeviceBuffer;
  readonly count: number;
}

/** `all`: every left row is in the result. */
function uniquePairs(
  recording: Recording,
  { workspace, left }: JoinTask,
  { slots, slotRights, matched, matchedCount }: Matches,
  all: boolean,
): Pairs {
  const count = all ? left.rowCount : matchedCount;
  const lefts = all ? null : workspace.acquire(count * 4);
  if (lefts) selectRows(recording, matched.bitmap, matched.sums, left.rowCount, lefts);
  const rights = workspace.acquire(count * 4);
  recording.dispatch({
    kernel: { path: "join/unique_rights", conditions: { identity: all } },
    buffers: { leftSlots: slots.left, slotRights, ...(lefts && { lefts }), rights },
    params: { count },
    workgroups: groupsFor(count),
    traffic: { read: count * (all ? 8 : 12), written: count * 4 },
  });
  return { recording, lefts, rights, count };
}

/** Left rows may give any number of result rows. */
async function countedPairs(
  counting: Recording,
  task: JoinTask,
  { slots, slotRights, unmatched, appendCount, unique }: Matches,
  keepLeft: boolean,
): Promise<Pairs> {
  const { workspace, left, right } = task;
  const rightCounts = countSlots(counting, workspace, slots.right, right.rowCount, slots.capacity);
  const matches = matchCounts(
    counting,
    workspace,
    slots.left,
    left.rowCount,
    rightCounts,
    keepLeft,
  );
  const pairStarts = scan(counting, workspace, { buffer: matches, count: left.rowCount });
  const total = counting.read(pairStarts, left.rowCount * 4, 4);
  await counting.submit();

  const pairCount = firstWord(await total);
  const count = pairCount + appendCount;
  checkSize(count, task);
  const recording = workspace.context.record();
  const appendRows = unmatched && appendCount > 0 ? workspace.acquire(appendCount * 4) : null;
  if (unmatched && appendRows) {
    selectRows(recording, unmatched.bitmap, unmatched.sums, right.rowCount, appendRows);
  }
  const pairs = emitPairs(recording, task, slots, {
    pairStarts,
    pairCount,
    appendRows,
    appendCount,
    ...(unique
      ? { slotRights, rightRows: null }
      : rightRowsBySlot(recording, task, slots, rightCounts)),
  });
  return { recording, ...pairs, count };
}

function checkSize(count: number, { operation, left, right }: JoinTask): void {
  checkJoinRows(operation, count, left.rowCount, right.rowCount);
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
): DeviceBuffer {
  const slotCounts = workspace.zeroed(recording, capacity * 4);
  recording.dispatch({
    kernel: { path: "join/count_slots" },
    buffers: { rowSlots, slotCounts },
    params: { rowCount },
    workgroups: groupsFor(rowCount),
    traffic: { read: rowCount * 8, written: rowCount * 4 },
  });
  return slotCounts;
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
    traffic: { read: rowCount * 8, written: rowCount * 4 },
  });
  return counts;
}

/** A bitmap of rows and the prefix counts of its words. */
interface MarkedRows {
  readonly bitmap: DeviceBuffer;
  readonly sums: DeviceBuffer;
}

/** The rows of one side whose slot is not 0 in the other side's table; with `negate` the rest. */
function markMatches(
  recording: Recording,
  workspace: Workspace,
  rowSlots: DeviceBuffer,
  rowCount: number,
  others: DeviceBuffer,
  negate: boolean,
): MarkedRows {
  const bitmap = workspace.acquire(Math.ceil(rowCount / 32) * 4);
  recording.dispatch({
    kernel: { path: "join/mark_matches", conditions: { negate } },
    buffers: { rowSlots, others, bitmap },
    params: { rowCount },
    workgroups: groupsFor(rowCount),
    traffic: { read: rowCount * 8, written: rowCount / 8 },
  });
  return { bitmap, sums: scanBitmap(recording, workspace, bitmap, rowCount) };
}

function readTotal(
  recording: Recording,
  { sums }: MarkedRows,
  rowCount: number,
): Promise<ArrayBuffer> {
  return recording.read(sums, Math.ceil(rowCount / 32) * 4, 4);
}

/** The right rows whose key no left row has. */
function unmatchedRights(
  recording: Recording,
  slots: JoinSlots,
  { workspace, left, right }: JoinTask,
): MarkedRows {
  const table =
    slots.leftTable ??
    firstRowsOfSlots(recording, workspace, slots.left, left.rowCount, slots.capacity);
  return markMatches(recording, workspace, slots.right, right.rowCount, table, true);
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
  { right, capacity }: JoinSlots,
  rightCounts: DeviceBuffer,
): RightRows {
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

// groupRows: rows are put in order of (group, order keys), those whose place in their group is wanted are marked, and the
// marked ones gathered in row order. Two round trips: how many groups there are, and how many rows are kept. Contract:
// kernels/group_rows/README.md.

import { at } from "../../../base/index.ts";
import { type GroupRowsOperation, SUPPORTED } from "../../../physical/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { GpuContext } from "../context.ts";
import type { Recording } from "../recording.ts";
import { type GpuColumn, type GpuResident, storageBytes } from "../resident.ts";
import { rowsByValue, type ValueOrder } from "./aggregate_holistic.ts";
import { ranksOf } from "./dictionary_tables.ts";
import { gatherColumn } from "./gather.ts";
import { findGroups, groupsOf, readGroupCount, settleGroups, wholeGroup } from "./grouping.ts";
import type { Groups } from "./groups.ts";
import { encodeSortKeys } from "./keys.ts";
import type { GpuOperator } from "./operator.ts";
import { digitHistogram, neededPasses } from "./radix_sort.ts";
import { groupsFor, scanBitmap, selectRows } from "./scan.ts";
import { headOf } from "./slice.ts";
import { rankedCells } from "./sort.ts";
import { type Workspace, withWorkspace } from "./workspace.ts";

export const groupRows: GpuOperator<GroupRowsOperation> = { supports: () => SUPPORTED, run };

function run(
  context: GpuContext,
  operation: GroupRowsOperation,
  inputs: readonly GpuResident[],
): Promise<GpuResident> {
  const input = at(inputs, 0);
  return withWorkspace(context, async (workspace) => {
    if (input.rowCount === 0 || operation.count === 0) return headOf(workspace, input, 0);
    const ranks = await ranksOfOrder(context, operation, input.columns);
    const { recording, groups, order } = await survey(workspace, operation, input, ranks);
    const bitmap = markKept({ workspace, recording, groups }, operation, order);
    return gatherMarked(workspace, recording, input, bitmap);
  });
}

function ranksOfOrder(
  context: GpuContext,
  { order }: GroupRowsOperation,
  columns: readonly GpuColumn[],
): Promise<readonly (Uint32Array | null)[]> {
  const dictionaries = order.map(({ column }) => at(columns, column).dictionary);
  return Promise.all(
    dictionaries.map((dictionary) =>
      dictionary === null ? Promise.resolve(null) : ranksOf(context, dictionary),
    ),
  );
}

interface Surveyed {
  /** Not submitted yet. */
  readonly recording: Recording;
  readonly groups: Groups;
  /** Null: row order. */
  readonly order: ValueOrder | null;
}

/** The groups, and the digits of the order keys that are worth a pass. */
async function survey(
  workspace: Workspace,
  { keys, order, dropNullKeys }: GroupRowsOperation,
  { rowCount, columns }: GpuResident,
  ranks: readonly (Uint32Array | null)[],
): Promise<Surveyed> {
  const { context } = workspace;
  const counting = context.record();
  const rows = { rowCount, dropNullKeys, mask: null };
  const sources = keys.map((key) => ({ column: at(columns, key), codeTable: null }));
  const found = keys.length === 0 ? null : findGroups(counting, workspace, sources, rows);
  const pending = found && readGroupCount(counting, found, rowCount);
  const cells = order.map(({ column }, index) =>
    rankedCells(workspace, at(columns, column), ranks[index] ?? null),
  );
  const matrix =
    order.length === 0 ? null : encodeSortKeys(counting, workspace, cells, order, rowCount);
  const histogram = matrix && counting.read(digitHistogram(counting, workspace, matrix));
  await counting.submit();
  const passes = histogram ? neededPasses(new Uint32Array(await histogram), rowCount) : [];
  const settled = pending && (await settleGroups(workspace, pending));
  const recording = context.record();
  const groups = settled
    ? groupsOf(recording, workspace, settled.found, {
        ...rows,
        count: settled.count,
        reductions: 1,
      })
    : wholeGroup(recording, workspace, rowCount);
  return { recording, groups, order: matrix && { matrix, passes } };
}

interface Grouped {
  readonly workspace: Workspace;
  readonly recording: Recording;
  readonly groups: Groups;
}

/** A bitmap of the rows that are kept. */
function markKept(
  { workspace, recording, groups }: Grouped,
  { count, end }: GroupRowsOperation,
  order: ValueOrder | null,
): DeviceBuffer {
  const { rowCount, ordered, starts } = groups;
  const bitmap = workspace.zeroed(recording, storageBytes(1, rowCount));
  if (groups.count === 0) return bitmap;
  const rows = order
    ? rowsByValue({ workspace, recording, groups }, order)
    : (ordered?.rows ?? null);
  recording.dispatch({
    kernel: {
      path: "group_rows/mark_kept",
      conditions: { identity: rows === null, grouped: ordered !== null },
    },
    buffers: { ...(rows && { rows }), ...(ordered && { groups: ordered.groups }), starts, bitmap },
    params: {
      rowCount,
      groupCount: groups.count,
      count: Math.min(count, rowCount),
      isLast: end === "last" ? 1 : 0,
    },
    workgroups: groupsFor(rowCount),
    traffic: { read: rowCount * 12, written: rowCount / 8 },
  });
  return bitmap;
}

async function gatherMarked(
  workspace: Workspace,
  marking: Recording,
  { rowCount, columns }: GpuResident,
  bitmap: DeviceBuffer,
): Promise<GpuResident> {
  const sums = scanBitmap(marking, workspace, bitmap, rowCount);
  const total = marking.read(sums, Math.ceil(rowCount / 32) * 4, 4);
  await marking.submit();
  const count = at(new Uint32Array(await total), 0);
  const recording = workspace.context.record();
  const rows = workspace.acquire(count * 4);
  selectRows(recording, bitmap, sums, rowCount, rows);
  const kept = columns.map((column) =>
    gatherColumn(recording, workspace, column, { rows, count, mayMiss: false }),
  );
  await recording.submit();
  return workspace.result(count, kept);
}

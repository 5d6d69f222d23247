// mode: rows are grouped once more by (keys, value). Each of those groups is a row of a smaller table: its group, its value,
// how many rows it has. There the most frequent rows of each group are marked, and the lowest value among them is folded.

import { at } from "../../../base/index.ts";
import { UINT32 } from "../../../dtype/index.ts";
import type { AggregateCall, Monoid } from "../../../ir/index.ts";
import type { AggregateOperation } from "../../../physical/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { Recording } from "../recording.ts";
import type { GpuColumn, GpuResident } from "../resident.ts";
import { markExtremes } from "./aggregate_ordered.ts";
import { type AggregateTask, rowState } from "./aggregate_states.ts";
import { monoidColumn, resultColumn } from "./aggregate_values.ts";
import { gatherColumn } from "./gather.ts";
import {
  type FoundGroups,
  findGroups,
  groupsOf,
  type PendingGroups,
  readGroupCount,
  settleGroups,
  wholeGroup,
} from "./grouping.ts";
import { Groups } from "./groups.ts";
import type { Workspace } from "./workspace.ts";

type ModeCall = Extract<AggregateCall, { kind: "mode" }>;

/** The groups of (keys, value) of a column. */
export interface ValueGroups {
  readonly found: FoundGroups;
  readonly count: number;
  readonly mask: DeviceBuffer | null;
}

/** The lowest of the values that are left. */
export function lowestOf({ column }: ModeCall, columns: readonly GpuColumn[]) {
  const kind = at(columns, column).dtype.kind === "bool" ? "all" : "min";
  return { kind, column } satisfies Monoid;
}

/** [column]: its groups of (keys, value), whose number is on its way. */
export function findValueGroups(
  recording: Recording,
  workspace: Workspace,
  { keys, calls, phase }: AggregateOperation,
  { rowCount, columns }: GpuResident,
  mask: DeviceBuffer | null,
): ReadonlyMap<number, PendingGroups> {
  const pending = new Map<number, PendingGroups>();
  for (const call of phase === "complete" ? calls : []) {
    if (call.kind !== "mode" || pending.has(call.column)) continue;
    const sources = [...keys, call.column].map((key) => ({
      column: at(columns, key),
      codeTable: null,
    }));
    // Null values stay: then every group has a row.
    const rows = { rowCount, dropNullKeys: false, mask };
    const found = findGroups(recording, workspace, sources, rows);
    pending.set(call.column, readGroupCount(recording, found, rowCount));
  }
  return pending;
}

export async function settleValueGroups(
  workspace: Workspace,
  pending: ReadonlyMap<number, PendingGroups>,
  mask: DeviceBuffer | null,
): Promise<ReadonlyMap<number, ValueGroups>> {
  const settled = new Map<number, ValueGroups>();
  for (const [column, groups] of pending) {
    settled.set(column, { ...(await settleGroups(workspace, groups)), mask });
  }
  return settled;
}

export function modeColumn(
  task: AggregateTask,
  call: ModeCall,
  { found, count, mask }: ValueGroups,
): GpuColumn {
  const { workspace, recording } = task;
  const { rowCount } = task.groups;
  const column = at(task.columns, call.column);
  const shape = { rowCount, dropNullKeys: false, mask, count, reductions: 1 };
  const values = groupsOf(recording, workspace, found, shape);
  const { firstRows } = values;
  if (firstRows === null) throw new Error("groups by value have first rows");
  const counts = rowState(
    { ...task, groups: values, states: new Map() },
    "countValues",
    column.validity,
  );
  const list = { rows: firstRows, count, mayMiss: false };
  const value = gatherColumn(recording, workspace, column, list);
  const ranks = task.rankTables.get(call.column);
  const table: AggregateTask = {
    ...task,
    groups: groupsOfValues(task, firstRows, count),
    columns: [wordsColumn(counts, value.validity), value],
    rowMask: null,
    rankTables: new Map(ranks ? [[1, ranks]] : []),
    states: new Map(),
  };
  const frequent = markExtremes(table, { kind: "max", column: 0 });
  const candidates = [at(table.columns, 0), { ...value, validity: frequent, nullCount: null }];
  const lowest = { ...lowestOf(call, task.columns), column: 1 };
  return monoidColumn({ ...table, columns: candidates }, lowest);
}

/** The group that each group by value belongs to: that of its first row. */
function groupsOfValues(
  { workspace, recording, groups }: AggregateTask,
  rows: DeviceBuffer,
  rowCount: number,
): Groups {
  const { rowGroups } = groups;
  if (rowGroups === null) return wholeGroup(recording, workspace, rowCount);
  const list = { rows, count: rowCount, mayMiss: false };
  const gathered = gatherColumn(recording, workspace, wordsColumn(rowGroups, null), list);
  // Values of rows that were dropped are there, and belong to none.
  const shape = { rowCount, count: groups.count, mayDrop: true, reductions: 2 };
  return new Groups(recording, workspace, { ...shape, rowGroups: gathered.values });
}

function wordsColumn(values: DeviceBuffer, validity: DeviceBuffer | null): GpuColumn {
  return resultColumn({ dtype: UINT32, values, validity, bits: 32 });
}

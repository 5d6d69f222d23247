// The calls that need all rows of a group at once: nUnique and quantile.

import { at } from "../../../base/index.ts";
import { FLOAT64 } from "../../../dtype/index.ts";
import type { AggregateCall, Interpolation } from "../../../ir/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { Recording } from "../recording.ts";
import { type GpuColumn, storageBytes } from "../resident.ts";
import { type AggregateTask, rowState } from "./aggregate_states.ts";
import { countColumn, resultColumn } from "./aggregate_values.ts";
import { cellVariant } from "./cells.ts";
import { firstOfSlots } from "./grouping.ts";
import { encodeEqualityKeys, encodeSortKeys, equalityLayout } from "./keys.ts";
import {
  digitHistogram,
  type KeyMatrix,
  neededPasses,
  passesBelow,
  type RadixPass,
  radixSort,
} from "./radix_sort.ts";
import { groupsFor } from "./scan.ts";
import { hashSlots } from "./slots.ts";
import type { Workspace } from "./workspace.ts";

/** Distinct values: the rows that are the first with their (group, value), counted by group. */
export function distinctCountColumn(task: AggregateTask, column: number): GpuColumn {
  const { workspace, recording, groups } = task;
  const { rowCount, rowGroups } = groups;
  const source = { column: at(task.columns, column), codeTable: null };
  const layout = equalityLayout([[source]], rowGroups ? 1 : 0);
  const keys = encodeEqualityKeys(recording, workspace, [source], layout, rowCount);
  if (rowGroups) {
    recording.copy(rowGroups, 0, keys.words, keys.nullWords * rowCount * 4, rowCount * 4);
  }
  const slots = hashSlots(recording, workspace, keys, true);
  workspace.recycle(keys.words);
  const firsts = firstOfSlots(recording, workspace, slots, rowCount);
  workspace.recycle(slots.rowSlots);
  workspace.recycle(slots.slotTable);
  return countColumn(task, firsts);
}

/** A column whose values are to be sorted within groups, while its digit histogram is on its way to the host. */
export interface PendingValueOrder {
  readonly column: number;
  readonly matrix: KeyMatrix;
  readonly histogram: Promise<ArrayBuffer>;
}

export interface ValueOrder {
  readonly matrix: KeyMatrix;
  readonly passes: readonly RadixPass[];
}

export function prepareValueOrder(
  recording: Recording,
  workspace: Workspace,
  columns: readonly GpuColumn[],
  column: number,
  rowCount: number,
): PendingValueOrder {
  const sources = [{ column: at(columns, column), codeTable: null }];
  const order = { descending: false, nulls: "last" } as const;
  const matrix = encodeSortKeys(recording, workspace, sources, [order], rowCount);
  const histogram = recording.read(digitHistogram(recording, workspace, matrix));
  return { column, matrix, histogram };
}

export async function valueOrder({ matrix, histogram }: PendingValueOrder): Promise<ValueOrder> {
  return { matrix, passes: neededPasses(new Uint32Array(await histogram), matrix.rowCount) };
}

/** Rows by (group, nulls last, value); null: row order is that already. */
export function rowsByValue(
  task: Pick<AggregateTask, "workspace" | "recording" | "groups">,
  { matrix, passes }: ValueOrder,
): DeviceBuffer | null {
  const { workspace, recording, groups } = task;
  // Without a pass all values are equal, or there is none.
  if (passes.length === 0) return groups.ordered?.rows ?? null;
  const { rows } = radixSort(recording, workspace, matrix, passes);
  if (groups.ordered === null || groups.rowGroups === null) return rows;
  const { rowCount } = groups;
  const byGroup = { words: groups.rowGroups, wordCount: 1, stride: rowCount, rowCount };
  const groupPasses = passesBelow(Math.max(2, groups.count + 1));
  return radixSort(recording, workspace, byGroup, groupPasses, { order: rows }).rows;
}

const INTERPOLATIONS: readonly Interpolation[] = [
  "linear",
  "lower",
  "higher",
  "nearest",
  "midpoint",
];

export function quantileColumn(
  task: AggregateTask,
  { column, q, interpolation }: Extract<AggregateCall, { kind: "quantile" }>,
  rows: DeviceBuffer | null,
): GpuColumn {
  const { workspace, recording, groups } = task;
  const source = at(task.columns, column);
  const { values, validity } = source;
  const counts = validity && rowState(task, "countValues", validity);
  const results = workspace.acquire(groups.count * 8);
  const bitmap = workspace.acquire(storageBytes(1, groups.count));
  const { conditions, constants } = cellVariant({ column: source, codeTable: null });
  recording.dispatch({
    kernel: {
      path: "aggregate/quantile",
      conditions: {
        ...conditions,
        nullable: false,
        counted: counts !== null,
        identity: rows === null,
      },
      constants,
    },
    buffers: {
      values,
      starts: groups.starts,
      ...(rows && { rows }),
      ...(counts && { counts }),
      results,
      bitmap,
    },
    params: {
      groupCount: groups.count,
      interpolation: INTERPOLATIONS.indexOf(interpolation),
      q: [...new Uint32Array(Float64Array.of(q).buffer)],
    },
    workgroups: groupsFor(groups.count),
  });
  return resultColumn({ dtype: FLOAT64, values: results, validity: bitmap, bits: 64 });
}

// The calls and partial states that are one monoid's: counts, first and last, extremes, sums as words.

import { assertNever, at } from "../../../base/index.ts";
import { INT64 } from "../../../dtype/index.ts";
import type { Monoid } from "../../../ir/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import { type GpuColumn, storageBytes } from "../resident.ts";
import {
  type AggregateTask,
  cellSource,
  extremeState,
  extremeWords,
  isMaximum,
  mayBeEmpty,
  rowState,
  summedColumn,
  sumState,
} from "./aggregate_states.ts";
import { cellVariant } from "./cells.ts";
import { gatherColumn } from "./gather.ts";
import { countedRows } from "./pairs.ts";
import { groupsFor } from "./scan.ts";
import type { SumMonoid } from "./sum_window.ts";

/** The state column of a monoid in phase partial; of all but sums also the value of the call that asks for it. */
export function monoidColumn(task: AggregateTask, monoid: Monoid): GpuColumn {
  switch (monoid.kind) {
    case "count":
    case "countValues":
      return countColumn(task, countedRows(task, monoid));
    case "sum":
      return sumWordsColumn(task, monoid);
    case "min":
    case "max":
    case "any":
    case "all":
      return extremeColumn(task, monoid);
    case "first":
    case "last":
      return placeColumn(task, monoid);
    default:
      return assertNever(monoid);
  }
}

/** How many rows of each group are set in the bitmap; all rows, if there is none. */
export function countColumn(task: AggregateTask, bitmap: DeviceBuffer | null): GpuColumn {
  const { workspace, recording, groups } = task;
  const results = workspace.acquire(groups.count * 8);
  const { counts, allRows } = countsOf(task, bitmap);
  recording.dispatch({
    kernel: { path: "aggregate/finish_count", conditions: { allRows } },
    buffers: { counts, results },
    params: { groupCount: groups.count },
    workgroups: groupsFor(groups.count),
  });
  return resultColumn({ dtype: INT64, values: results, validity: null, bits: 64 });
}

/** Counts of groups, or with `allRows` where they begin in group order. */
export function countsOf(
  task: AggregateTask,
  bitmap: DeviceBuffer | null,
): { counts: DeviceBuffer; allRows: boolean } {
  const { groups } = task;
  const counted = bitmap ?? task.rowMask;
  if (counted) return { counts: rowState(task, "countValues", counted), allRows: false };
  if (groups.isWhole) return { counts: groups.starts, allRows: true };
  if (groups.bySlot) return { counts: groups.bySlot.rowCounts, allRows: false };
  return { counts: rowState(task, "countValues", null), allRows: false };
}

type PlaceMonoid = Extract<Monoid, { kind: "first" | "last" }>;

function placeColumn(task: AggregateTask, monoid: PlaceMonoid): GpuColumn {
  const { workspace, recording, groups } = task;
  const source = at(task.columns, monoid.column);
  const rows = pickedRows(task, monoid, monoid.nulls === "skip" ? source.validity : null);
  const mayMiss = mayBeEmpty(task, source);
  return gatherColumn(recording, workspace, source, { rows, count: groups.count, mayMiss });
}

/** The row of every group that is shown, NO_ROW if it has none. */
function pickedRows(
  task: AggregateTask,
  { kind }: PlaceMonoid,
  valid: DeviceBuffer | null,
): DeviceBuffer {
  const { workspace, recording, groups } = task;
  const last = kind === "last";
  const validity = valid ?? task.rowMask;
  if (!last && validity === null && groups.firstRows) return groups.firstRows;
  const inPlace = groups.isWhole && validity === null;
  const states = inPlace ? null : rowState(task, "place", validity, last);
  const picked = workspace.acquire(groups.count * 4);
  recording.dispatch({
    kernel: {
      path: "aggregate/pick_rows",
      conditions: { allRows: states === null, last },
    },
    buffers: states ? { states, picked } : { starts: groups.starts, picked },
    params: { groupCount: groups.count },
    workgroups: groupsFor(groups.count),
  });
  return picked;
}

type ExtremeMonoid = Extract<Monoid, { kind: "min" | "max" | "any" | "all" }>;

function extremeColumn(task: AggregateTask, monoid: ExtremeMonoid): GpuColumn {
  const { workspace, recording, groups } = task;
  const states = extremeState(task, monoid);
  const source = cellSource(task, monoid.column);
  const { dtype, bits, dictionary } = source.column;
  const words = extremeWords(source.column);
  const { conditions, constants } = cellVariant(source);
  const codeTable = task.rankTables.get(monoid.column)?.codesByRank;
  const results = workspace.acquire(storageBytes(bits, groups.count));
  recording.dispatch({
    kernel: {
      path: "aggregate/finish_extreme",
      conditions: { ...conditions, nullable: false },
      constants,
    },
    buffers: { states, results, ...(codeTable && { codeTable }) },
    params: { groupCount: groups.count, invert: isMaximum(monoid) ? 0 : 0xffffffff },
    workgroups: groupsFor(bits >= 64 ? groups.count : storageBytes(bits, groups.count) / 4),
  });
  const validity = mayBeEmpty(task, source.column) ? validityOf(task, states, words) : null;
  return resultColumn({ dtype, values: results, validity, bits, dictionary });
}

function sumWordsColumn(task: AggregateTask, monoid: SumMonoid): GpuColumn {
  const { workspace, recording, groups } = task;
  const { states, words, window } = sumState(task, monoid);
  const width = 1 + window.limbs;
  const results = workspace.acquire(groups.count * width * 4);
  recording.dispatch({
    kernel: { path: "aggregate/finish_sum_words" },
    buffers: { states, results },
    params: { groupCount: groups.count, words, width },
    workgroups: groupsFor(groups.count),
  });
  const summed = summedColumn(task, monoid);
  const validity = mayBeEmpty(task, summed) ? validityOf(task, states, words) : null;
  return {
    ...resultColumn({ dtype: INT64, values: results, validity, bits: 32 * width }),
    isWords: true,
  };
}

/** Set for groups whose state's word 0 is not 0. */
export function validityOf(task: AggregateTask, states: DeviceBuffer, words: number): DeviceBuffer {
  const { workspace, recording, groups } = task;
  const bitmap = workspace.acquire(storageBytes(1, groups.count));
  recording.dispatch({
    kernel: { path: "aggregate/finish_validity" },
    buffers: { states, bitmap },
    params: { groupCount: groups.count, words },
    workgroups: groupsFor(Math.ceil(groups.count / 32)),
  });
  return bitmap;
}

type ResultParts = Pick<GpuColumn, "dtype" | "values" | "validity" | "bits"> &
  Partial<Pick<GpuColumn, "dictionary">>;

export function resultColumn({ dictionary = null, ...parts }: ResultParts): GpuColumn {
  const nullCount = parts.validity ? null : 0;
  return { ...parts, nullCount, dictionary, statistics: null, isWords: false };
}

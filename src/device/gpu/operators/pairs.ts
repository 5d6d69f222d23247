// Rows where two columns are not null: what the monoids beside a second column count. Kernel: kernels/aggregate/both_valid.wesl.

import { at } from "../../../base/index.ts";
import type { Monoid } from "../../../ir/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import { type GpuColumn, storageBytes } from "../resident.ts";
import type { AggregateTask } from "./aggregate_states.ts";
import { groupsFor } from "./scan.ts";

type CountMonoid = Extract<Monoid, { kind: "count" | "countValues" }>;

/** The rows that a count counts; null: all. */
export function countedRows(task: AggregateTask, monoid: CountMonoid): DeviceBuffer | null {
  if (monoid.kind === "count") return null;
  const column = at(task.columns, monoid.column);
  if (monoid.beside === undefined) return column.validity;
  return bothValid(task, column, at(task.columns, monoid.beside));
}

/** The rows where neither column is null; null: all. */
export function bothValid(
  { workspace, recording, groups, states }: AggregateTask,
  left: GpuColumn,
  right: GpuColumn,
): DeviceBuffer | null {
  if (left.validity === null || right.validity === null || left.validity === right.validity) {
    return left.validity ?? right.validity;
  }
  const [first, second] = [left.validity, right.validity].sort((a, b) => a.id - b.id);
  if (first === undefined || second === undefined) throw new Error("two bitmaps are there");
  const key = `both ${first.id} ${second.id}`;
  const known = states.get(key);
  if (known) return known;
  const { rowCount } = groups;
  const bitmap = workspace.acquire(storageBytes(1, rowCount));
  const wordCount = Math.ceil(rowCount / 32);
  recording.dispatch({
    kernel: { path: "aggregate/both_valid" },
    buffers: { first, second, bitmap },
    params: { wordCount },
    workgroups: groupsFor(wordCount),
    traffic: { read: wordCount * 8, written: wordCount * 4 },
  });
  states.set(key, bitmap);
  return bitmap;
}

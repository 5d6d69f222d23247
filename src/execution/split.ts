// Cuts rows into partitions: consecutive runs of nearly equal length.

import { at } from "../base/index.ts";
import { type Batch, sliceBatch } from "../column/index.ts";
import type { Executor, Resident } from "../device/index.ts";
import type { Partition, Traffic } from "./partition.ts";
import type { SplitTask } from "./task.ts";

interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** Share `index` of `count` of the rows; starts at multiples of 8, so that validity bitmaps are shared, not shifted. */
export function shareOf(rows: number, index: number, count: number): RowRange {
  const step = Math.max(8, Math.ceil(rows / count / 8) * 8);
  const start = Math.min(rows, index * step);
  return { start, end: index === count - 1 ? rows : Math.min(rows, start + step) };
}

/** Exactly `count` batches (some may be empty) of one; batches that are that many already stay. */
export function splitBatches(batches: readonly Batch[], count: number): readonly Batch[] {
  if (batches.length === count) return batches;
  const batch = at(batches, 0);
  return Array.from({ length: count }, (_, index) => {
    const { start, end } = shareOf(batch.rowCount, index, count);
    return sliceBatch(batch, start, end - start);
  });
}

/** The task's share of the rows of all inputs, in host memory. */
export async function cutShare(
  task: SplitTask,
  inputs: readonly Partition[],
  host: Executor,
  traffic: Traffic,
): Promise<Resident> {
  const rows = inputs.reduce((sum, input) => sum + input.rowCount, 0);
  const { start, end } = shareOf(rows, task.partition, task.splitCount);
  const pieces: Resident[] = [];
  let first = 0;
  for (const input of inputs) {
    const from = Math.max(start, first);
    const to = Math.min(end, first + input.rowCount);
    // The first input always gives a piece, if only an empty one: the columns' dtypes come from it.
    if (to > from || (pieces.length === 0 && input === inputs[inputs.length - 1])) {
      const batch = await input.toBatch(host, traffic);
      const length = Math.max(0, to - from);
      pieces.push(await host.upload(sliceBatch(batch, length === 0 ? 0 : from - first, length)));
    }
    first += input.rowCount;
  }
  return pieces.length === 1 ? at(pieces, 0) : await host.execute({ kind: "concat" }, pieces);
}

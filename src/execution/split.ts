// Cuts rows into partitions: consecutive runs of nearly equal length.

import { at } from "../base/index.ts";
import { type Batch, sliceBatch } from "../column/index.ts";
import type { Executor, Resident } from "../device/index.ts";
import { shareOf } from "../physical/index.ts";
import type { Partition, Traffic } from "./partition.ts";
import type { SplitTask } from "./task.ts";

/** One batch in shares (some may be empty) that start at multiples of 8 rows; without shares, the batches as they are. */
export function splitBatches(
  batches: readonly Batch[],
  shares: readonly number[] | null,
): readonly Batch[] {
  if (shares === null) return batches;
  const batch = at(batches, 0);
  const rows = batch.rowCount;
  let sum = 0;
  let start = 0;
  return shares.map((share, index) => {
    sum += share;
    const cut = Math.min(rows, Math.ceil((rows * sum) / 8) * 8);
    const end = index === shares.length - 1 ? rows : Math.max(start, cut);
    const piece = sliceBatch(batch, start, end - start);
    start = end;
    return piece;
  });
}

/** Rows of a batch in host memory. */
export interface Piece {
  readonly batch: Batch;
  readonly offset: number;
  readonly length: number;
}

/** What makes up the task's share, as the inputs hold it. */
export async function arrivedPieces(
  task: SplitTask,
  inputs: readonly Partition[],
  host: Executor,
  traffic: Traffic,
): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for (const { input, offset, length } of piecesOf(task, inputs)) {
    const resident = await input.on(host, host, traffic);
    pieces.push({ batch: resident.batch ?? (await host.download(resident)), offset, length });
  }
  return pieces;
}

/** Which rows of which inputs make up the task's share; at least one piece, if only an empty one, for its dtypes. */
function piecesOf(
  task: SplitTask,
  inputs: readonly Partition[],
): { readonly input: Partition; readonly offset: number; readonly length: number }[] {
  const rows = inputs.reduce((sum, input) => sum + input.rowCount, 0);
  const { start, end } = shareOf(rows, task.partition, task.splitCount);
  const pieces = [];
  let first = 0;
  for (const input of inputs) {
    const from = Math.max(start, first);
    const length = Math.min(end, first + input.rowCount) - from;
    if (length > 0) pieces.push({ input, offset: from - first, length });
    first += input.rowCount;
  }
  if (pieces.length === 0)
    pieces.push({ input: at(inputs, inputs.length - 1), offset: 0, length: 0 });
  return pieces;
}

/** The pieces, which are in host memory already, as one. */
export async function joinPieces(
  pieces: readonly { readonly batch: Batch; readonly offset: number; readonly length: number }[],
  host: Executor,
  signal: AbortSignal | undefined,
): Promise<Resident> {
  const residents: Resident[] = [];
  for (const { batch, offset, length } of pieces) {
    residents.push(await host.upload(sliceBatch(batch, offset, length)));
  }
  if (residents.length === 1) return at(residents, 0);
  const joined = await host.execute({ kind: "concat" }, residents, { signal });
  for (const resident of residents) host.release(resident);
  return joined;
}

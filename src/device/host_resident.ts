// How the executors that work in host memory hold a partition: as the batch itself, without a copy. A resident holds the
// blocks of its batch until it is released, whichever executor made it: they share the memory.

import { at } from "../base/index.ts";
import { type Batch, type Block, batchBytes, blocksOf, checkStatistics } from "../column/index.ts";
import type { Resident } from "./executor.ts";

export interface HostResident extends Resident {
  readonly batch: Batch;
}

const held = new WeakMap<Resident, ReadonlySet<Block>>();

export function toHostResident(batch: Batch): HostResident {
  checkStatistics(batch);
  const resident = {
    batch,
    rowCount: batch.rowCount,
    dtypes: batch.columns.map((column) => column.dtype),
    byteLength: batchBytes(batch),
  };
  held.set(resident, holdBlocks([batch]));
  return resident;
}

/** The resident lets go of its blocks. Idempotent. */
export function releaseHostResident(resident: Resident): void {
  const blocks = held.get(resident);
  held.delete(resident);
  if (blocks !== undefined) letGoOf(blocks);
}

/** `work` while the inputs cannot be freed, even if whoever gave them releases them meanwhile. */
export async function holding<T>(
  inputs: readonly HostResident[],
  work: (batches: readonly Batch[]) => Promise<T>,
): Promise<T> {
  const batches = inputs.map(({ batch }) => batch);
  const blocks = holdBlocks(batches);
  try {
    return await work(batches);
  } finally {
    letGoOf(blocks);
  }
}

function holdBlocks(batches: readonly Batch[]): ReadonlySet<Block> {
  const blocks = new Set<Block>();
  for (const { columns } of batches) {
    for (const column of columns) for (const block of blocksOf(column)) blocks.add(block);
  }
  for (const block of blocks) block.hold();
  return blocks;
}

function letGoOf(blocks: Iterable<Block>): void {
  for (const block of blocks) block.letGo();
}

/** Lent: the resident that they are of holds the blocks. */
export function chooseColumns(
  { batch, rowCount }: HostResident,
  columns: readonly number[],
): HostResident {
  const chosen = columns.map((column) => at(batch.columns, column));
  const own: Batch = { rowCount, columns: chosen };
  return {
    batch: own,
    rowCount,
    dtypes: chosen.map((column) => column.dtype),
    byteLength: batchBytes(own),
  };
}

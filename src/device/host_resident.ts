// How the executors that work in host memory hold a partition: as the batch itself, without a copy.

import { at } from "../base/index.ts";
import { type Batch, batchBytes, checkStatistics } from "../column/index.ts";
import type { Resident } from "./executor.ts";

export interface HostResident extends Resident {
  readonly batch: Batch;
}

export function toHostResident(batch: Batch): HostResident {
  checkStatistics(batch);
  return {
    batch,
    rowCount: batch.rowCount,
    dtypes: batch.columns.map((column) => column.dtype),
    byteLength: batchBytes(batch),
  };
}

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

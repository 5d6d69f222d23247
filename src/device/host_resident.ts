// How executors that live in host memory hold a partition: as the batch itself.

import { type Batch, batchBytes } from "../column/index.ts";
import type { Resident } from "./executor.ts";

export type HostResident = Resident & { readonly batch: Batch };

export function hostResident(batch: Batch): HostResident {
  return {
    rowCount: batch.rowCount,
    dtypes: batch.columns.map((column) => column.dtype),
    byteLength: batchBytes(batch),
    batch,
  };
}

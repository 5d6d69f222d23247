// Rows that an earlier query left where it computed them: `df.persist()`.

import type { Schema } from "../dtype/index.ts";
import { projectionText, projectSchema } from "./scan_table.ts";

/** What the session knows of the data by. The data itself lives on its devices. */
export interface PersistedHandle {
  readonly id: string;
  readonly schema: Schema;
  readonly rowCount: number;
  readonly partitions: number;
}

export interface ScanPersisted {
  readonly kind: "scanPersisted";
  readonly schema: Schema;
  readonly handle: PersistedHandle;
  /** The columns to give, in this order; null: all. */
  readonly projection: readonly string[] | null;
}

export function scanPersisted(
  handle: PersistedHandle,
  projection: readonly string[] | null = null,
): ScanPersisted {
  return Object.freeze({
    kind: "scanPersisted",
    schema: projectSchema(handle.schema, projection, "scan"),
    handle,
    projection: projection === null ? null : Object.freeze([...projection]),
  });
}

export function scanPersistedText({ handle, projection }: ScanPersisted): string {
  return `scan persisted ${handle.id} of ${handle.rowCount} rows${projectionText(projection, handle.schema)}`;
}

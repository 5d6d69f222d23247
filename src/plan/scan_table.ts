// Rows that are already in host memory.

import type { Batch } from "../column/index.ts";
import { Schema } from "../dtype/index.ts";
import { listText, nameText } from "./derive.ts";

export interface TableSource {
  readonly batches: readonly Batch[];
  readonly schema: Schema;
}

export interface ScanTable {
  readonly kind: "scanTable";
  readonly schema: Schema;
  readonly source: TableSource;
  /** The columns to give, in this order; null: all. */
  readonly projection: readonly string[] | null;
}

export function scanTable(
  source: TableSource,
  projection: readonly string[] | null = null,
): ScanTable {
  return Object.freeze({
    kind: "scanTable",
    schema: projectSchema(source.schema, projection, "scan"),
    source,
    projection: projection === null ? null : Object.freeze([...projection]),
  });
}

export function scanTableText({ source, projection }: ScanTable): string {
  const rows = tableRowCount(source);
  return `scan table of ${rows} ${rows === 1 ? "row" : "rows"}${projectionText(projection, source.schema)}`;
}

export function tableRowCount({ batches }: TableSource): number {
  return batches.reduce((rows, batch) => rows + batch.rowCount, 0);
}

/** The schema of some columns of a source. */
export function projectSchema(
  schema: Schema,
  projection: readonly string[] | null,
  operator: string,
): Schema {
  if (projection === null) return schema;
  return new Schema(projection.map((name) => schema.field(schema.indexOf(name, operator))));
}

export function projectionText(projection: readonly string[] | null, schema: Schema): string {
  if (projection === null) return "";
  const names = listText(projection.map(nameText));
  return `, columns ${names === "" ? "none" : names} (${projection.length} of ${schema.length})`;
}

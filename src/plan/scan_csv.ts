// Rows of CSV files, decoded when the plan runs. What the optimizer pushes here is read no further than needed:
//
//   rows of the files -> predicate (may read any column of the source) -> the first `limit` -> `projection`

import type { Schema } from "../dtype/index.ts";
import type { ExprNode } from "../expr/index.ts";
import { exprText } from "../function/index.ts";
import type { CsvSource } from "../io/index.ts";
import { checkBool, checkCount, listText, scalarField } from "./derive.ts";
import { projectionText, projectSchema } from "./scan_table.ts";

export interface ScanCsv {
  readonly kind: "scanCsv";
  readonly schema: Schema;
  readonly source: CsvSource;
  /** The columns to give, in this order; null: all. */
  readonly projection: readonly string[] | null;
  /** Over the source's schema: its columns need not be in the projection. */
  readonly predicate: ExprNode | null;
  /** At most this many rows, of those that the predicate keeps. */
  readonly limit: number | null;
}

export interface ScanCsvOptions {
  readonly projection?: readonly string[] | null;
  readonly predicate?: ExprNode | null;
  readonly limit?: number | null;
}

export function scanCsv(source: CsvSource, options: ScanCsvOptions = {}): ScanCsv {
  const { projection = null, predicate = null, limit = null } = options;
  if (predicate !== null) {
    const { dtype } = scalarField({ name: "", expr: predicate }, source.schema, "filter");
    checkBool(predicate, dtype, "filter");
  }
  return Object.freeze({
    kind: "scanCsv",
    schema: projectSchema(source.schema, projection, "scan"),
    source,
    projection: projection === null ? null : Object.freeze([...projection]),
    predicate,
    limit: limit === null ? null : checkCount(limit, "the limit", "limit"),
  });
}

export function scanCsvText({ source, projection, predicate, limit }: ScanCsv): string {
  const paths = listText(source.paths, 3);
  const where = predicate === null ? "" : `, where ${exprText(predicate)}`;
  const first = limit === null ? "" : `, first ${limit}`;
  return `scan csv ${paths}${projectionText(projection, source.schema)}${where}${first}`;
}

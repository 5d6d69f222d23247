// Small plans for the tests of rules.

import { columnFromValues } from "../../src/column/index.ts";
import { type DTypeName, Schema, toDType } from "../../src/dtype/index.ts";
import type { Expr } from "../../src/expr/index.ts";
import { type CsvSource, openCsv } from "../../src/io/index.ts";
import { type LogicalPlan, type NamedExpr, scanTable } from "../../src/plan/index.ts";

export function table(columns: Record<string, DTypeName>, rows = 0): LogicalPlan {
  const schema = new Schema(
    Object.entries(columns).map(([name, dtype]) => ({ name, dtype: toDType(dtype) })),
  );
  const values = new Array<null>(rows).fill(null);
  const built = schema.fields.map(({ dtype }) => columnFromValues(values, dtype));
  return scanTable({ schema, batches: [{ rowCount: rows, columns: built }] });
}

export const T = (rows = 0): LogicalPlan =>
  table({ a: "int64", b: "int64", f: "float64", s: "string" }, rows);
export const U = (rows = 0): LogicalPlan => table({ k: "int64", b: "int64", t: "string" }, rows);

export function named(entries: Record<string, Expr>): NamedExpr[] {
  return Object.entries(entries).map(([name, { node }]) => ({ name, expr: node }));
}

/** A CSV source over a real file, as readCsv opens it. */
export async function csvSource(path: string): Promise<CsvSource> {
  return await openCsv(path);
}

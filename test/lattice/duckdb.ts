// A DuckDB table with the rows of a batch, for comparisons where its semantics are ours.
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import {
  type Batch,
  type Column,
  columnToValues,
  formatDateText,
  formatTimestampText,
} from "../../src/column/index.ts";
import { INT64 } from "../../src/dtype/index.ts";

/** Dtypes that DuckDB has, by kind; timestamps in microseconds. */
export const SQL_TYPES: Readonly<Record<string, string>> = {
  bool: "BOOLEAN",
  int32: "INTEGER",
  int64: "BIGINT",
  float64: "DOUBLE",
  string: "VARCHAR",
  date: "DATE",
  timestamp: "TIMESTAMP",
};

export async function openDuckDb(): Promise<DuckDBConnection> {
  return (await DuckDBInstance.create(":memory:")).connect();
}

/** A table of that name; a last column `rowColumn` with the row number is added. */
export async function createTable(
  connection: DuckDBConnection,
  table: string,
  names: readonly string[],
  batch: Batch,
  rowColumn = "row",
): Promise<void> {
  const columns = batch.columns.map(
    (column, index) => `${names[index]} ${SQL_TYPES[column.dtype.kind]}`,
  );
  await connection.run(
    `CREATE TABLE ${table} (${[...columns, `${rowColumn} INTEGER`].join(", ")})`,
  );
  const cells = batch.columns.map(sqlCells);
  const rows = Array.from({ length: batch.rowCount }, (_, row) => {
    return `(${[...cells.map((texts) => texts[row]), row].join(", ")})`;
  });
  for (let start = 0; start < rows.length; start += 500) {
    await connection.run(
      `INSERT INTO ${table} VALUES ${rows.slice(start, start + 500).join(", ")}`,
    );
  }
}

/** Each cell as a SQL literal. */
function sqlCells(column: Column): string[] {
  const { dtype } = column;
  const isTemporal = dtype.kind === "date" || dtype.kind === "timestamp";
  const raw = isTemporal ? { ...column, dtype: INT64 } : column;
  return columnToValues(raw, { int64: "bigint" }).map((value) => {
    if (value === null) return "NULL";
    if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
    if (dtype.kind === "date") return `DATE '${formatDateText(Number(value))}'`;
    if (dtype.kind === "timestamp")
      return `TIMESTAMP '${formatTimestampText(BigInt(String(value)), dtype.unit)}'`;
    if (dtype.kind === "float64") return `'${Object.is(value, -0) ? "-0.0" : value}'::DOUBLE`;
    return String(value);
  });
}

/** The result's columns as JavaScript values: bigint for BIGINT, Date for dates and instants. */
export async function queryColumns(
  connection: DuckDBConnection,
  sql: string,
): Promise<unknown[][]> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getColumnsJS();
}

/** A value of either engine for comparison: whole numbers as numbers, instants as milliseconds, one zero. */
export function comparable(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  const plain = typeof value === "bigint" ? Number(value) : value;
  return plain === 0 ? 0 : plain;
}

// A DuckDB table with the rows of a batch, for comparisons where its semantics are ours.
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import {
  type Batch,
  type Column,
  columnToValues,
  formatDateText,
  formatTimestampText,
} from "../../src/column/index.ts";
import { type DType, INT64 } from "../../src/dtype/index.ts";

/** The type of a column of the dtype. */
function sqlType(dtype: DType): string {
  if (dtype.kind === "decimal") return `DECIMAL(${dtype.precision}, ${dtype.scale})`;
  return SQL_TYPES[dtype.kind] as string;
}

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
  const columns = batch.columns.map((column, index) => `${names[index]} ${sqlType(column.dtype)}`);
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

/** What `exactCells` makes of a column of the dtype, as SQL: nothing is rounded on the way. */
export function exactSql(sql: string, dtype: DType): string {
  switch (dtype.kind) {
    case "date":
      return `date_diff('day', DATE '1970-01-01', ${sql})`;
    case "timestamp":
    case "duration":
      return `epoch_us(${sql})`;
    case "decimal":
      return `(${sql})::DECIMAL(${dtype.precision}, ${dtype.scale})::VARCHAR`;
    case "string":
    case "bool":
    case "float64":
      return sql;
    default:
      return `(${sql})::BIGINT`;
  }
}

/** Dates as days, instants and durations as units, integers as bigint, decimals as texts with all their digits. */
export function exactCells(column: Column): unknown[] {
  const { kind } = column.dtype;
  const isTemporal = kind === "date" || kind === "timestamp" || kind === "duration";
  const raw = isTemporal ? { ...column, dtype: INT64 } : column;
  const exact = (value: unknown) => {
    const isInteger = typeof value === "number" && kind !== "float64";
    return isInteger ? BigInt(value) : Object.is(value, -0) ? 0 : value;
  };
  return columnToValues(raw, { int64: "bigint" }).map(exact);
}

/** A value of either engine for comparison: whole numbers as numbers, instants as milliseconds, one zero. */
export function comparable(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  const plain = typeof value === "bigint" ? Number(value) : value;
  return plain === 0 ? 0 : plain;
}

// DuckDB through @duckdb/node-api. As in db-benchmark, an answer is a temporary table: materialized
// inside the engine, nothing is fetched into JavaScript.
import { type DuckDBConnection, DuckDBInstance, version } from "@duckdb/node-api";
import type { Dataset, TableFile } from "../data/dataset.ts";
import type { Question } from "../questions/question.ts";
import type { Engine, Result, Runnable } from "./engine.ts";

export async function openDuckDb(threads: number): Promise<Engine> {
  const instance = await DuckDBInstance.create(":memory:", { threads: String(threads) });
  const connection = await instance.connect();
  let files: Dataset = {};
  return {
    id: "duckdb",
    label: `DuckDB ${version()}`,
    software: false,
    exact: false,
    async load(dataset) {
      files = dataset;
      await loadTables(connection, dataset);
    },
    prepare: (question) => prepare(connection, question, () => files),
    async unload() {
      await connection.run("DROP TABLE IF EXISTS ans");
      for (const name of Object.keys(files)) await connection.run(`DROP TABLE IF EXISTS ${name}`);
      for (const type of await enumTypes(connection)) await connection.run(`DROP TYPE ${type}`);
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** One enumeration per column name, over all tables, so that joins compare codes. */
async function loadTables(connection: DuckDBConnection, dataset: Dataset): Promise<void> {
  const categories = new Set(Object.values(dataset).flatMap((file) => file.categories.duckdb));
  for (const [name, file] of Object.entries(dataset)) {
    await connection.run(`CREATE OR REPLACE TABLE ${name}_csv AS SELECT * FROM ${scan(file)}`);
  }
  for (const column of categories) {
    const values = Object.entries(dataset)
      .filter(([, file]) => file.categories.duckdb.includes(column))
      .map(([name]) => `SELECT ${column} FROM ${name}_csv`);
    await connection.run(
      `CREATE TYPE ${column}_enum AS ENUM (SELECT DISTINCT ${column} FROM (${values.join(" UNION ALL ")}))`,
    );
  }
  for (const [name, file] of Object.entries(dataset)) {
    const casts = file.categories.duckdb.map((column) => `${column}::${column}_enum AS ${column}`);
    await connection.run(
      `CREATE OR REPLACE TABLE ${name} AS SELECT * REPLACE (${casts.join(", ")}) FROM ${name}_csv`,
    );
    await connection.run(`DROP TABLE ${name}_csv`);
  }
}

function scan(file: TableFile): string {
  const types = Object.entries(file.types).map(
    ([name, type]) => `'${name}': '${type === "int32" ? "INTEGER" : "DOUBLE"}'`,
  );
  return `read_csv('${file.path}', types = {${types.join(", ")}})`;
}

function prepare(connection: DuckDBConnection, { ask }: Question, files: () => Dataset): Runnable {
  const query =
    ask.kind === "read" ? `SELECT * FROM read_csv('${files()[ask.table]!.path}')` : ask.duckdb;
  return {
    kind: "runnable",
    async run() {
      await connection.run(`CREATE OR REPLACE TEMP TABLE ans AS ${query}`);
      return resultIn(connection);
    },
  };
}

function resultIn(connection: DuckDBConnection): Result {
  const single = async (sql: string) => (await connection.runAndReadAll(sql)).getRows()[0]![0];
  return {
    rowCount: async () => Number(await single("SELECT count(*) FROM ans")),
    sum: async (column) => Number(await single(`SELECT sum(${column})::DOUBLE FROM ans`)),
    async valuesAt(column, rows) {
      const reader = await connection.runAndReadAll(
        `SELECT ${column}::DOUBLE FROM ans WHERE rowid IN (${rows.join(", ")}) ORDER BY rowid`,
      );
      return reader.getRows().map(([value]) => (value === null ? null : Number(value)));
    },
  };
}

async function enumTypes(connection: DuckDBConnection): Promise<string[]> {
  const reader = await connection.runAndReadAll(
    "SELECT type_name FROM duckdb_types() WHERE NOT internal AND logical_type = 'ENUM'",
  );
  return reader.getRows().map(([name]) => String(name));
}

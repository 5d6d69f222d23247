// Polars through nodejs-polars, when bench/node_modules has it.
import type { Dataset, TableFile } from "../data/dataset.ts";
import type { PolarsTables, Question } from "../questions/question.ts";
import type { Engine, Result, Runnable } from "./engine.ts";
import type { PolarsDataFrame, PolarsLazyFrame, PolarsModule } from "./polars_types.ts";

/** `null` where the package is not installed. */
export async function openPolars(threads: number): Promise<Engine | null> {
  // Polars sizes its pool when the library is loaded.
  process.env.POLARS_MAX_THREADS = String(threads);
  const packageName = "nodejs-polars";
  const pl = await import(packageName).then(
    (module) => (module.default ?? module) as PolarsModule,
    () => null,
  );
  if (pl === null) return null;
  const tables: Record<string, PolarsLazyFrame> = {};
  let files: Dataset = {};
  return {
    id: "polars",
    label: `Polars (nodejs-polars ${String(pl.version)})`,
    software: false,
    exact: false,
    async load(dataset) {
      files = dataset;
      for (const [name, file] of Object.entries(dataset)) tables[name] = readTyped(pl, file).lazy();
    },
    prepare: (question) => prepare(pl, question, tables, () => files),
    async unload() {
      for (const name of Object.keys(tables)) delete tables[name];
    },
    async close() {},
  };
}

function prepare(
  pl: PolarsModule,
  { ask }: Question,
  tables: PolarsTables,
  files: () => Dataset,
): Runnable {
  if (ask.kind === "read") {
    const path = files()[ask.table]!.path;
    return { kind: "runnable", run: async () => resultOf(pl, pl.readCSV(path)) };
  }
  return {
    kind: "runnable",
    run: async () => resultOf(pl, await ask.polars(tables, pl).collect()),
  };
}

function readTyped(pl: PolarsModule, file: TableFile): PolarsDataFrame {
  const frame = pl.readCSV(file.path);
  const casts = Object.entries(file.types).map(([name, type]) =>
    pl.col(name).cast(type === "int32" ? pl.Int32 : pl.Float64),
  );
  const categories = file.categories.polars.map((name) => pl.col(name).cast(pl.Categorical));
  return frame.withColumns(...casts, ...categories);
}

function resultOf(pl: PolarsModule, frame: PolarsDataFrame): Result {
  return {
    rowCount: async () => frame.height,
    // Polars adds int32 in int32, and wraps.
    sum: async (column) => Number(frame.select(exactSum(pl, frame, column)).row(0)[0]),
    valuesAt: async (column, rows) => {
      const values = frame.getColumn(column);
      return rows.map((row) => {
        const value = values.get(row);
        return value === null ? null : Number(value);
      });
    },
  };
}

function exactSum(pl: PolarsModule, frame: PolarsDataFrame, column: string) {
  const isFloat = String(frame.getColumn(column).dtype).includes("Float");
  return isFloat ? pl.col(column).sum() : pl.col(column).cast(pl.Int64).sum();
}

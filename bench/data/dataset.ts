// Where the generated files are kept, and their generation on first use.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeGroupByTable } from "./group_by_data.ts";
import { mediumRowCount, smallRowCount, writeJoinTables } from "./join_data.ts";

export interface TableFile {
  readonly path: string;
  /** Types that every engine is told, as db-benchmark does; other columns are text. */
  readonly types: Readonly<Record<string, "int32" | "float64">>;
  /** Text columns that the engine's own db-benchmark script converts to an enumeration on loading. */
  readonly categories: { readonly duckdb: readonly string[]; readonly polars: readonly string[] };
}

export type Dataset = Readonly<Record<string, TableFile>>;

const directory =
  process.env.GPUDATAFRAME_BENCH_DATA ??
  fileURLToPath(new URL("../../node_modules/.cache/gpudataframe/bench", import.meta.url));

const groupCount = 100;

export function groupByDataset(rowCount: number): Dataset {
  const path = file(`G1_${scientific(rowCount)}_${scientific(groupCount)}_0_0`);
  generateOnce([path], () => writeGroupByTable(path, rowCount, groupCount));
  const types = {
    id4: "int32",
    id5: "int32",
    id6: "int32",
    v1: "int32",
    v2: "int32",
    v3: "float64",
  } as const;
  return {
    x: { path, types, categories: { duckdb: ["id1", "id2"], polars: ["id1", "id2", "id3"] } },
  };
}

export function joinDataset(rowCount: number): Dataset {
  const named = (rightRows: string) => file(`J1_${scientific(rowCount)}_${rightRows}_0_0`);
  const paths = {
    left: named("NA"),
    small: named(scientific(smallRowCount(rowCount))),
    medium: named(scientific(mediumRowCount(rowCount))),
    big: named(scientific(rowCount)),
  };
  generateOnce(Object.values(paths), () => writeJoinTables(paths, rowCount));
  const [key, value] = ["int32", "float64"] as const;
  const all = { duckdb: ["id4", "id5"], polars: ["id4", "id5", "id6"] };
  return {
    x: { path: paths.left, types: { id1: key, id2: key, id3: key, v1: value }, categories: all },
    small: {
      path: paths.small,
      types: { id1: key, v2: value },
      categories: { duckdb: ["id4"], polars: ["id4"] },
    },
    medium: {
      path: paths.medium,
      types: { id1: key, id2: key, v2: value },
      categories: { duckdb: ["id4", "id5"], polars: ["id4", "id5"] },
    },
    big: { path: paths.big, types: { id1: key, id2: key, id3: key, v2: value }, categories: all },
  };
}

/** 10000000 -> "1e7", as db-benchmark names its files. */
export function scientific(count: number): string {
  const exponent = Math.floor(Math.log10(count) + 1e-9);
  return `${count / 10 ** exponent}e${exponent}`;
}

const file = (name: string) => join(directory, `${name}.csv`);

function generateOnce(paths: readonly string[], generate: () => void): void {
  if (paths.every((path) => existsSync(path))) return;
  mkdirSync(directory, { recursive: true });
  console.log(`generating ${paths.join(", ")}`);
  generate();
}

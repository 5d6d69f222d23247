// The demo's data: 3 million US flights of 2001 (npm vega-datasets, flights-3m.parquet), written once as CSV into a cache
// folder, and the airports of the same package.

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, rename, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { formatByteSize, NotSupportedError } from "../../base/index.ts";
import type { Write } from "../files.ts";

export interface DemoFiles {
  readonly flights: string;
  readonly airports: string;
  readonly bytes: number;
}

/**
 * Paths of the CSV files; the first call takes some ten seconds.
 * @throws NotSupportedError where the development dependencies are not installed.
 */
export async function demoFiles(rows: number | null, write: Write): Promise<DemoFiles> {
  const dataset = datasetFolder();
  const folder = join(
    process.env.GPUDATAFRAME_CACHE ?? process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
    "gpudataframe",
  );
  await mkdir(folder, { recursive: true });
  const flights = join(folder, `flights-${rows ?? "3m"}.csv`);
  if ((await sizeOf(flights)) === null) {
    write(`Writing ${flights} (once) ...`);
    await writeFlights(join(dataset, "flights-3m.parquet"), flights, rows);
  }
  const bytes = (await sizeOf(flights)) ?? 0;
  write(`${flights}: ${formatByteSize(bytes)}`);
  return { flights, airports: join(dataset, "airports.csv"), bytes };
}

function datasetFolder(): string {
  try {
    return fileURLToPath(new URL("../data/", import.meta.resolve("vega-datasets")));
  } catch {
    throw missing("vega-datasets");
  }
}

const COLUMNS = ["date", "delay", "distance", "origin", "destination"] as const;

async function writeFlights(parquet: string, target: string, limit: number | null): Promise<void> {
  const [hyparquet, { compressors }] = await Promise.all([
    load("hyparquet", () => import("hyparquet")),
    load("hyparquet-compressors", () => import("hyparquet-compressors")),
  ]);
  const file = await hyparquet.asyncBufferFromFile(parquet);
  const metadata = await hyparquet.parquetMetadataAsync(file);
  // Written beside its place and renamed, so that an interrupted run leaves no half file behind.
  const temporary = `${target}.${process.pid}.part`;
  const output = createWriteStream(temporary);
  output.write(`${COLUMNS.join(",")}\n`);
  let rowStart = 0;
  const last = Math.min(limit ?? Number.MAX_SAFE_INTEGER, Number(metadata.num_rows));
  for (const group of metadata.row_groups) {
    const rowEnd = Math.min(rowStart + Number(group.num_rows), last);
    if (rowStart >= rowEnd) break;
    const columns = new Map<string, Values>(COLUMNS.map((name) => [name, []]));
    await hyparquet.parquetRead({
      file,
      metadata,
      compressors,
      columns: [...COLUMNS],
      rowStart,
      rowEnd,
      onChunk: ({ columnName, columnData, rowStart: from }) => {
        const values = columns.get(columnName) ?? [];
        for (let row = 0; row < columnData.length; row++)
          values[from - rowStart + row] = columnData[row];
      },
    });
    if (!output.write(flightLines(columns, rowEnd - rowStart))) await once(output, "drain");
    rowStart = rowEnd;
  }
  output.end();
  await finished(output);
  await rename(temporary, target);
}

/** Of a column. Behind the rows that were asked for there may be more. */
type Values = unknown[];

/** 2001-01-01 00:01:00,33,2176,LAS,PHL */
function flightLines(columns: ReadonlyMap<string, Values>, count: number): string {
  const [dates = [], ...others] = columns.values();
  let text = "";
  let last: unknown = null;
  let lastText = "";
  for (let row = 0; row < count; row++) {
    const date = dates[row];
    // Flights lie in their order: many of the same minute follow one another.
    const isSame = date instanceof Date && last instanceof Date && +date === +last;
    if (!isSame) lastText = dateText(date);
    last = date;
    text += lastText;
    for (const values of others) text += `,${cellText(values[row])}`;
    text += "\n";
  }
  return text;
}

function dateText(value: unknown): string {
  return value instanceof Date ? value.toISOString().slice(0, 19).replace("T", " ") : "";
}

/** The columns hold whole numbers and codes of letters: nothing needs quotes. */
function cellText(value: unknown): string {
  return typeof value === "number" || typeof value === "bigint" || typeof value === "string"
    ? String(value)
    : "";
}

async function sizeOf(path: string): Promise<number | null> {
  return await stat(path).then(
    ({ size }) => size,
    () => null,
  );
}

async function load<T>(name: string, importing: () => Promise<T>): Promise<T> {
  try {
    return await importing();
  } catch {
    throw missing(name);
  }
}

function missing(name: string): NotSupportedError {
  return new NotSupportedError(`the demo needs ${name}, which is a development dependency`, {
    operator: "demo",
    hint: "Run it in a checkout: git clone, npm ci, npm start. Or: npm install vega-datasets hyparquet hyparquet-compressors.",
  });
}

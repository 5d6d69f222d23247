// All readers of CSV, and results in a form that compares by value: encodings and dictionaries may differ.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type Batch, type Column, columnToValues, isValid } from "../../src/column/index.ts";
import { availableIsas, csvSampler, loadAddon, readCsv } from "../../src/device/cpu/index.ts";
import { dtypeName } from "../../src/dtype/index.ts";
import {
  type CsvReadOptions,
  type CsvRequest,
  type CsvResult,
  type CsvSampler,
  type CsvSource,
  openCsv,
  parseCsv,
  sampleRecords,
} from "../../src/io/index.ts";
import { folderOfRun } from "../temporary_folder.ts";

export interface CsvReader {
  readonly name: string;
  /** How it finds names and dtypes. */
  readonly sampler: CsvSampler;
  read(source: CsvSource, request: CsvRequest): Promise<CsvResult>;
}

const reference: CsvReader = { name: "reference", sampler: sampleRecords, read: parseCsv };

/** Threads and bytes of a chunk: chunks of one block put a boundary into everything. */
const SHAPES: readonly [number, number][] = [
  [1, 64],
  [2, 64],
  [3, 128],
  [2, 512 * 1024],
];

function nativeReaders(): CsvReader[] {
  const best = loadAddon();
  if (!best.ok) throw new Error(best.reason);
  const isas = new Set([best.isa, ...availableIsas()]);
  return [...isas].flatMap((isa) => {
    const load = loadAddon({ isa });
    if (!load.ok) throw new Error(load.reason);
    const shapes = isa === best.isa ? SHAPES : SHAPES.slice(1, 2);
    return shapes.map(([threads, chunkBytes]) => ({
      name: `${isa} ${threads}x${chunkBytes}`,
      sampler: csvSampler({ native: load.native, threads }),
      read: (source: CsvSource, request: CsvRequest) =>
        readCsv(source, request, { native: load.native, threads, chunkBytes }),
    }));
  });
}

export const natives: readonly CsvReader[] = nativeReaders();
export const readers: readonly CsvReader[] = [reference, ...natives];

/** Of this process: the files that run in it share this module. */
export const folder = folderOfRun();

let files = 0;

export function fileOf(content: string | Uint8Array, name = `${files++}.csv`): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

export async function sourceOf(
  content: string | Uint8Array,
  options: CsvReadOptions = {},
): Promise<CsvSource> {
  return await openedByAll(fileOf(content), options);
}

/** As openCsv, by every sampler: all of them must find the same, or fail in the same way. */
export async function openedByAll(path: string, options: CsvReadOptions): Promise<CsvSource> {
  const opened = async ({ sampler }: CsvReader) => {
    try {
      const source = await openCsv(path, options, sampler);
      const { schema, files, typed, settings } = source;
      return { source, found: { fields: schema.fields, files, typed, settings } };
    } catch (error) {
      return { error, found: String(error) };
    }
  };
  const expected = await opened(reference);
  for (const reader of natives) {
    const { found } = await opened(reader);
    expect({ sampler: reader.name, found }).toEqual({
      sampler: reader.name,
      found: expected.found,
    });
  }
  if (expected.source === undefined) throw expected.error;
  return expected.source;
}

export type Cells = Record<string, unknown[]>;

/** Columns by name; timestamps and integers as bigint, dates as days. */
export function cellsOf(names: readonly string[], batch: Batch): Cells {
  return Object.fromEntries(names.map((name, index) => [name, valuesOf(batch.columns[index]!)]));
}

export function valuesOf(column: Column): unknown[] {
  const { data } = column;
  if (data.encoding !== "fixed") return columnToValues(column);
  return Array.from(data.values as ArrayLike<number | bigint>, (value, row) =>
    isValid(column, row) ? value : null,
  );
}

/** What reading gives, as plain data: rows, conflicts, or the error. */
export async function outcome(
  reader: CsvReader,
  source: CsvSource,
  request: CsvRequest,
): Promise<unknown> {
  try {
    const result = await reader.read(source, request);
    if (result.kind === "conflicts") {
      const conflicts = result.conflicts.map((found) => ({
        ...found,
        dtype: dtypeName(found.dtype),
      }));
      return { conflicts: conflicts.sort((a, b) => (a.column < b.column ? -1 : 1)) };
    }
    const { batch, rejects, rejectCount } = result;
    const nullCounts = batch.columns.map((column) => column.nullCount);
    const dtypes = batch.columns.map((column) => dtypeName(column.dtype));
    const cells = batch.columns.map(valuesOf);
    return { rowCount: batch.rowCount, dtypes, cells, nullCounts, rejects, rejectCount };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { error: error.name, message: error.message };
  }
}

// Where frames begin: JavaScript values, Arrow, files. Each takes the runner that will run the queries.

import { InvalidArgumentError } from "../base/index.ts";
import {
  type Batch,
  type CellValue,
  type ColumnValues,
  columnFromValues,
} from "../column/index.ts";
import { type DType, Schema, toDType } from "../dtype/index.ts";
import type { QueryRunner } from "../execution/index.ts";
import {
  type ArrowInput,
  arrowToBatches,
  type CsvReadOptions,
  openCsv,
  readArrow,
} from "../io/index.ts";
import { scanCsv, scanTable } from "../plan/index.ts";
import { DataFrame } from "./data_frame.ts";
import type {
  CsvShape,
  DTypes,
  OverrideShape,
  SchemaShape,
  ShapeOfColumns,
  ShapeOfRow,
} from "./schema_types.ts";

export interface FromValuesOptions<D extends DTypes> {
  /** Dtypes by column, where the values should not decide. */
  readonly schema?: D;
}

/**
 * Columns by name, all of one length: arrays, or typed arrays, whose memory is shared.
 *
 * Arrays are bool, int64 (whole numbers and bigints), float64, string or timestamp (Date) after their values; null and
 * undefined are null.
 * @throws InvalidArgumentError for different lengths, TypeMismatchError for mixed values, CastError for a value that
 * the `schema:` dtype cannot hold.
 */
export function frameFromColumns<
  const C extends Readonly<Record<string, ColumnValues>>,
  const D extends DTypes = Record<never, never>,
>(
  runner: QueryRunner,
  columns: C,
  options: FromValuesOptions<D> = {},
): DataFrame<OverrideShape<ShapeOfColumns<C>, D>> {
  const entries = Object.entries<ColumnValues>(columns);
  const dtypes = dtypesOf(
    options.schema,
    entries.map(([name]) => name),
  );
  const [first] = entries;
  for (const [name, values] of entries) {
    if (values.length === first?.[1].length) continue;
    throw new InvalidArgumentError(
      `column ${JSON.stringify(name)} has ${values.length} values, ${JSON.stringify(first?.[0])} has ${first?.[1].length}`,
      { operator: "fromColumns", column: name, hint: "All columns of a frame have one length." },
    );
  }
  const built = entries.map(([name, values]) => ({
    name,
    column: columnFromValues(values, dtypes.get(name), name),
  }));
  const schema = new Schema(built.map(({ name, column }) => ({ name, dtype: column.dtype })));
  const rowCount = first?.[1].length ?? 0;
  return frameOf(runner, schema, [{ rowCount, columns: built.map(({ column }) => column) }]);
}

/** Rows as objects. The columns are the names of all rows, in order of first appearance; what a row lacks is null. */
export function frameFromRows<
  const R extends Readonly<Record<string, unknown>>,
  const D extends DTypes = Record<never, never>,
>(
  runner: QueryRunner,
  rows: readonly R[],
  options: FromValuesOptions<D> = {},
): DataFrame<OverrideShape<ShapeOfRow<R>, D>> {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  for (const name of Object.keys(options.schema ?? {})) names.add(name);
  const dtypes = dtypesOf(options.schema, [...names]);
  const built = [...names].map((name) => {
    const values = rows.map((row) => (Object.hasOwn(row, name) ? (row[name] as CellValue) : null));
    return { name, column: columnFromValues(values, dtypes.get(name), name) };
  });
  const schema = new Schema(built.map(({ name, column }) => ({ name, dtype: column.dtype })));
  return frameOf(runner, schema, [
    { rowCount: rows.length, columns: built.map(({ column }) => column) },
  ]);
}

/** An apache-arrow Table or RecordBatch, or the bytes of an IPC stream or file; shares their memory. */
export function frameFromArrow<S = SchemaShape>(
  runner: QueryRunner,
  input: ArrowInput,
): DataFrame<S> {
  const { schema, batches } = arrowToBatches(input);
  return frameOf(runner, schema, batches);
}

export async function frameFromArrowFile<S = SchemaShape>(
  runner: QueryRunner,
  path: string,
): Promise<DataFrame<S>> {
  const { schema, batches } = await readArrow(path);
  return frameOf(runner, schema, batches);
}

/** Opens CSV files: samples them, decides names and dtypes, and fails now if it must. */
export async function frameFromCsv<
  const D extends DTypes = Record<never, never>,
  const N extends string = string,
>(
  runner: QueryRunner,
  paths: string | readonly string[],
  options: FrameCsvOptions<D, N> = {},
): Promise<DataFrame<CsvShape<D, N>>> {
  return new DataFrame(scanCsv(await openCsv(paths, options, runner.csvSampler)), runner);
}
export type FrameCsvOptions<D extends DTypes, N extends string> = Omit<
  CsvReadOptions,
  "schema" | "columns"
> & { readonly schema?: D; readonly columns?: readonly N[] };

function frameOf<S>(runner: QueryRunner, schema: Schema, batches: readonly Batch[]): DataFrame<S> {
  return new DataFrame<S>(scanTable({ schema, batches }), runner);
}

function dtypesOf(dtypes: DTypes | undefined, names: readonly string[]): Map<string, DType> {
  const found = new Map<string, DType>();
  const known = new Schema(names.map((name) => ({ name, dtype: toDType("string") })));
  for (const [name, like] of Object.entries(dtypes ?? {})) {
    known.indexOf(name, "schema");
    found.set(name, toDType(like));
  }
  return found;
}

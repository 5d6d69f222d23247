// Where frames begin: JavaScript values, Arrow, files. Each takes the runner that will run the queries.

import { checkOptions, InvalidArgumentError } from "../base/index.ts";
import { type Batch, type CellValue, columnFromValues } from "../column/index.ts";
import { Schema } from "../dtype/index.ts";
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
import { checkPath } from "./run_arguments.ts";
import type {
  CsvShape,
  DTypes,
  OverrideShape,
  SchemaShape,
  ShapeOfColumns,
  ShapeOfRow,
} from "./schema_types.ts";
import { type ColumnInput, dtypesOf, namedValues, rowObjects } from "./values.ts";

export interface FromValuesOptions<D extends DTypes> {
  /** Dtypes by column, where the values should not decide. */
  readonly schema?: D;
}

const VALUES_OPTIONS = { schema: "any" } as const;

/**
 * Columns by name, all of one length: arrays, iterables, which are read once, or typed arrays, whose memory is shared.
 *
 * Arrays and iterables are bool, int64 (whole numbers and bigints), float64, string or timestamp (Date) after their
 * values; null and undefined are null, and a column of nothing else is string. A value becomes the very same value of the
 * column's dtype, or an error: only float32 rounds numbers, and integer dtypes take -0 as 0.
 * @throws InvalidArgumentError for different lengths and for what is no list of values, TypeMismatchError for mixed values,
 * CastError for a value that the `schema:` dtype cannot hold.
 */
export function frameFromColumns<
  const C extends Readonly<Record<string, ColumnInput>>,
  const D extends DTypes = Record<never, never>,
>(
  runner: QueryRunner,
  columns: C,
  options: FromValuesOptions<D> = {},
): DataFrame<OverrideShape<ShapeOfColumns<C>, D>> {
  checkOptions("fromColumns", options, VALUES_OPTIONS);
  const entries = namedValues(columns);
  const dtypes = dtypesOf(
    options,
    entries.map(({ name }) => name),
  );
  const [first] = entries;
  for (const { name, values } of entries) {
    if (values.length === first?.values.length) continue;
    throw new InvalidArgumentError(
      `column ${JSON.stringify(name)} has ${values.length} values, ${JSON.stringify(first?.name)} has ${first?.values.length}`,
      { operator: "fromColumns", column: name, hint: "All columns of a frame have one length." },
    );
  }
  const built = entries.map(({ name, values }) => ({
    name,
    column: columnFromValues(values, dtypes.get(name), name),
  }));
  const schema = new Schema(built.map(({ name, column }) => ({ name, dtype: column.dtype })));
  const rowCount = first?.values.length ?? 0;
  return frameOf(runner, schema, [{ rowCount, columns: built.map(({ column }) => column) }]);
}

/** Rows as objects. The columns are the names of all rows, in order of first appearance; what a row lacks is null. */
export function frameFromRows<
  const R extends Readonly<Record<string, unknown>>,
  const D extends DTypes = Record<never, never>,
>(
  runner: QueryRunner,
  rows: Iterable<R>,
  options: FromValuesOptions<D> = {},
): DataFrame<OverrideShape<ShapeOfRow<R>, D>> {
  checkOptions("fromRows", options, VALUES_OPTIONS);
  const names = new Set<string>();
  const list = rowObjects(rows);
  for (const row of list) for (const name of Object.keys(row)) names.add(name);
  for (const name of Object.keys(options?.schema ?? {})) names.add(name);
  const dtypes = dtypesOf(options, [...names]);
  const built = [...names].map((name) => {
    const values = list.map((row) => (Object.hasOwn(row, name) ? (row[name] as CellValue) : null));
    return { name, column: columnFromValues(values, dtypes.get(name), name) };
  });
  const schema = new Schema(built.map(({ name, column }) => ({ name, dtype: column.dtype })));
  return frameOf(runner, schema, [
    { rowCount: list.length, columns: built.map(({ column }) => column) },
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
  checkPath("readArrow", path);
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

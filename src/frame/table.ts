// Table: a materialized result. Immutable, in host memory, in Arrow layout.

import { inspect } from "node:util";
import { checkOptions } from "../base/index.ts";
import { type Batch, batchBytes, type ToValuesOptions } from "../column/index.ts";
import type { DTypeKind, Schema } from "../dtype/index.ts";
import type { QueryRunner } from "../execution/index.ts";
import { type ArrowTable, batchToArrow, type CsvReject } from "../io/index.ts";
import { scanTable } from "../plan/index.ts";
import { DataFrame } from "./data_frame.ts";
import { type PrintOptions, printTable } from "./print_table.ts";
import { batchToColumns, batchToRows, valuesOptions } from "./rows.ts";
import type { ColumnsAsArrays, NameOf, RowOf, SchemaShape } from "./schema_types.ts";
import { Series } from "./series.ts";

const SHOWN_ROWS = 10;

export class Table<in out S = SchemaShape> {
  readonly schema: Schema;
  /** The rows as the engine holds them. */
  readonly batch: Batch;
  /** Lines of files that were left out, under `onError: "skip"` and `"null"`. */
  readonly rejects: readonly CsvReject[];
  readonly #runner: QueryRunner;
  declare private readonly shape: S;

  constructor(
    runner: QueryRunner,
    schema: Schema,
    batch: Batch,
    rejects: readonly CsvReject[] = [],
  ) {
    this.#runner = runner;
    this.schema = schema;
    this.batch = batch;
    this.rejects = Object.freeze([...rejects]);
  }

  get numRows(): number {
    return this.batch.rowCount;
  }
  get numColumns(): number {
    return this.schema.length;
  }
  get columnNames(): NameOf<S>[] {
    return this.schema.names as NameOf<S>[];
  }
  /** Bytes of host memory. */
  get byteLength(): number {
    return batchBytes(this.batch);
  }

  /** @throws ColumnNotFoundError with the nearest names. */
  column<N extends NameOf<S>>(name: N): Series<S[N] extends DTypeKind ? S[N] : DTypeKind> {
    const index = this.schema.indexOf(name, "column");
    const column = this.batch.columns[index];
    if (column === undefined) throw new Error(`a batch without column ${index}`);
    return new Series(name, column);
  }

  /**
   * One object a row.
   * @throws UnsafeIntegerError for a 64-bit integer that a number would round; `{ int64: "bigint" }` never does.
   */
  toRows(options?: ToValuesOptions): RowOf<S>[] {
    return batchToRows(this.batch, this.schema, valuesOptions("toRows", options)) as RowOf<S>[];
  }

  /** One array a column. */
  toColumns(options?: ToValuesOptions): ColumnsAsArrays<S> {
    return batchToColumns(
      this.batch,
      this.schema,
      valuesOptions("toColumns", options),
    ) as ColumnsAsArrays<S>;
  }

  /** An apache-arrow Table over the same memory. */
  toArrow(): ArrowTable {
    return batchToArrow(this.batch, this.schema);
  }

  /** What JSON.stringify writes: the rows, with dates as ISO 8601 text. */
  toJSON(): RowOf<S>[] {
    return this.toRows();
  }

  *[Symbol.iterator](): IterableIterator<RowOf<S>> {
    yield* this.toRows();
  }

  /** A DataFrame over these rows; shares their memory. */
  lazy(): DataFrame<S> {
    return new DataFrame(scanTable({ batches: [this.batch], schema: this.schema }), this.#runner);
  }

  toString(options: Partial<PrintOptions> = {}): string {
    checkOptions("toString", options, { rows: "number", width: "number" });
    const width = options.width ?? (process.stdout.isTTY ? process.stdout.columns : 120);
    return printTable(this.batch, this.schema, { rows: options.rows ?? SHOWN_ROWS, width });
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** A runner gives the whole result as one batch. */
export function onlyBatch(batches: readonly Batch[]): Batch {
  const [batch] = batches;
  if (batch === undefined || batches.length > 1) {
    throw new Error(`${batches.length} batches where one was promised`);
  }
  return batch;
}

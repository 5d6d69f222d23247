// An Arrow IPC file, record batch by record batch.

import {
  Schema as ArrowSchema,
  AsyncByteQueue,
  type Data,
  Dictionary as DictionaryType,
  type Field,
  RecordBatchFileWriter,
} from "apache-arrow";
import { at, type Steps } from "../../base/index.ts";
import type { Batch, Column } from "../../column/index.ts";
import type { Schema } from "../../dtype/index.ts";
import { GrowingDictionary } from "./growing_dictionary.ts";
import { dataOf, dictionaryData, fieldOf, isDictionary, recordOf } from "./to_arrow.ts";

/** A file has one dictionary a column, which the writer and every reader hold as a whole. */
const MOST_DICTIONARY_BYTES = 64 * 2 ** 20;
/** From fewer rows nothing follows. */
const LEAST_SAMPLE_ROWS = 4096;

export class ArrowFileWriter {
  readonly #sink = new Pieces();
  readonly #writer = new NamingWriter();
  readonly #schema: ArrowSchema;
  /** By column; null: no dictionary. */
  readonly #dictionaries: readonly (GrowingDictionary | null)[];

  /** A column has a dictionary in the file if it has one in the first batch whose values repeat enough. */
  constructor(schema: Schema, first: Batch) {
    const fields = schema.fields.map(({ name, dtype }, index) =>
      fieldOf(name, dtype, staysSmall(at(first.columns, index)) ? "dictionary" : "other"),
    );
    this.#schema = new ArrowSchema(fields);
    this.#dictionaries = fields.map(({ type }) =>
      type instanceof DictionaryType ? new GrowingDictionary() : null,
    );
    this.#writer.reset(this.#sink, this.#schema);
  }

  /** The bytes of the batch, as views of its buffers where they can be. */
  *write(batch: Batch): Steps<Uint8Array[]> {
    const children: Data[] = [];
    for (const [index, column] of batch.columns.entries()) {
      const field = at(this.#schema.fields, index);
      children.push(yield* this.#data(column, field, this.#dictionaries[index] ?? null));
      yield;
    }
    this.#writer.write(recordOf(this.#schema, batch.rowCount, children));
    return this.#sink.take();
  }

  end(): Uint8Array[] {
    this.#writer.close();
    return this.#sink.take();
  }

  *#data(column: Column, field: Field, dictionary: GrowingDictionary | null): Steps<Data> {
    if (dictionary === null) return yield* dataOf(column, field);
    const codes = yield* dictionary.encode(column);
    return dictionaryData(column, field, codes, dictionary.vector);
  }
}

/**
 * apache-arrow leaves an empty name out of a file and reads it back as "null". It leaves out what is falsy: an empty String
 * object is not, and is written as the empty text that other writers write.
 */
class NamingWriter extends RecordBatchFileWriter {
  protected override _writeSchema(schema: ArrowSchema): this {
    return super._writeSchema(withEmptyNames(schema));
  }
  protected override _writeFooter(schema: ArrowSchema): this {
    return super._writeFooter(withEmptyNames(schema));
  }
}

function withEmptyNames(schema: ArrowSchema): ArrowSchema {
  const fields = schema.fields.map((field) =>
    field.name === "" ? Object.assign(field.clone(), { name: new String("") }) : field,
  );
  return new ArrowSchema(fields as Field[], schema.metadata, schema.dictionaries);
}

/** What the writer gives, kept until it is asked for. */
class Pieces extends AsyncByteQueue {
  #pieces: Uint8Array[] = [];

  override write(piece: Uint8Array): void {
    this.#pieces.push(piece);
  }

  take(): Uint8Array[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }
}

/**
 * Of n values r repeat earlier ones: then there are about n^2 / 2r distinct ones, however many rows follow (as in
 * native/kernels/csv/read.cc).
 */
function staysSmall(column: Column): boolean {
  if (!isDictionary(column) || column.data.encoding !== "dictionary") return false;
  const { size, bytes } = column.data.dictionary;
  if (column.length < LEAST_SAMPLE_ROWS || size === 0) return true;
  // Of a dictionary that other batches share, this one says little.
  if (size > column.length) return bytes.length <= MOST_DICTIONARY_BYTES;
  const distinct = Math.max(size, column.length ** 2 / (2 * (column.length - size)));
  return distinct * (bytes.length / size) <= MOST_DICTIONARY_BYTES;
}

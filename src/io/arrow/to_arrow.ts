// Batches to apache-arrow, sharing memory: Arrow's buffers are the columns' own.

import {
  Dictionary as ArrowDictionary,
  Schema as ArrowSchema,
  Table as ArrowTable,
  type Data,
  Field,
  makeData,
  makeVector,
  RecordBatch,
  Struct,
  Utf8,
  type Vector,
} from "apache-arrow";
import { at } from "../../base/index.ts";
import { type Batch, type Column, type Dictionary, isValid } from "../../column/index.ts";
import type { Schema } from "../../dtype/index.ts";
import { arrowOfDType } from "./dtypes.ts";

export type { ArrowTable };

/** One batch as an Arrow table. */
export function batchToArrow(batch: Batch, schema: Schema): ArrowTable {
  return batchesToArrow([batch], schema);
}

/** @throws NotSupportedError for a dtype that does not become Arrow. */
export function batchesToArrow(batches: readonly Batch[], schema: Schema): ArrowTable {
  const encodings = schema.fields.map((_, index) =>
    batches.length > 0 && batches.every((batch) => isDictionary(batch.columns[index]))
      ? ("dictionary" as const)
      : ("other" as const),
  );
  const fields = schema.fields.map(
    ({ name, dtype }, index) => new Field(name, arrowOfDType(dtype, at(encodings, index)), true),
  );
  const arrowSchema = new ArrowSchema(fields);
  const struct = new Struct(fields);
  const records = batches.map((batch) => {
    const children = batch.columns.map((column, index) => dataOf(column, at(fields, index)));
    return new RecordBatch(
      arrowSchema,
      makeData({ type: struct, length: batch.rowCount, nullCount: 0, children }),
    );
  });
  return new ArrowTable(arrowSchema, records);
}

function isDictionary(column: Column | undefined): boolean {
  return column?.data.encoding === "dictionary";
}

function dataOf(column: Column, field: Field): Data {
  const { length, nullCount, data } = column;
  const base = { type: field.type, length, nullCount, nullBitmap: column.validity };
  switch (data.encoding) {
    case "words":
      if (column.dtype.kind !== "decimal") throw new Error("aggregate states have no Arrow form");
      return makeData({ ...base, data: data.values } as Parameters<typeof makeData>[0]);
    case "fixed":
    case "bits":
      return makeData({ ...base, data: data.values } as Parameters<typeof makeData>[0]);
    case "plain":
      return makeData({
        ...base,
        type: new Utf8(),
        valueOffsets: data.offsets,
        data: data.bytes,
      });
    case "dictionary": {
      if (!(field.type instanceof ArrowDictionary)) return dataOf(plainColumn(column), field);
      const { buffer, byteOffset } = data.codes;
      return makeData({
        ...base,
        type: field.type,
        data: new Int32Array(buffer, byteOffset, length),
        dictionary: vectorOf(data.dictionary),
      });
    }
  }
}

const vectors = new WeakMap<Dictionary, Vector<Utf8>>();

/** Batches that share a Dictionary share its vector, which IPC then writes once. */
function vectorOf(dictionary: Dictionary): Vector<Utf8> {
  const known = vectors.get(dictionary);
  if (known !== undefined) return known;
  const vector = makeVector(
    makeData({
      type: new Utf8(),
      length: dictionary.size,
      nullCount: 0,
      valueOffsets: dictionary.offsets,
      data: dictionary.bytes,
    }),
  );
  vectors.set(dictionary, vector);
  return vector;
}

/** Where batches encode a column differently, all of it becomes plain. */
function plainColumn(column: Column): Column {
  const { data } = column;
  if (data.encoding !== "dictionary") return column;
  const { codes, dictionary } = data;
  const offsets = new Int32Array(column.length + 1);
  const lengthAt = (row: number) => {
    const code = codes[row] as number;
    return isValid(column, row) ? dictionary.entry(code).length : 0;
  };
  for (let row = 0; row < column.length; row++) {
    offsets[row + 1] = (offsets[row] as number) + lengthAt(row);
  }
  const bytes = new Uint8Array(offsets[column.length] as number);
  for (let row = 0; row < column.length; row++) {
    if (isValid(column, row)) {
      bytes.set(dictionary.entry(codes[row] as number), offsets[row] as number);
    }
  }
  return { ...column, data: { encoding: "plain", offsets, bytes } };
}

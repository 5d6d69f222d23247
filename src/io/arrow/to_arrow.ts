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
import { at, atOnce, ITEMS_A_STEP, type Steps } from "../../base/index.ts";
import { type Batch, type Column, type Dictionary, isValid } from "../../column/index.ts";
import type { DType, Schema } from "../../dtype/index.ts";
import { arrowOfDType } from "./dtypes.ts";

export type { ArrowTable };

/**
 * One batch as an Arrow table.
 * @throws NotSupportedError for a dtype that does not become Arrow.
 */
export function batchToArrow(batch: Batch, schema: Schema): ArrowTable {
  const fields = schema.fields.map(({ name, dtype }, index) =>
    fieldOf(name, dtype, isDictionary(batch.columns[index]) ? "dictionary" : "other"),
  );
  const arrowSchema = new ArrowSchema(fields);
  const children = batch.columns.map((column, index) => atOnce(dataOf(column, at(fields, index))));
  return new ArrowTable(arrowSchema, [recordOf(arrowSchema, batch.rowCount, children)]);
}

export function fieldOf(name: string, dtype: DType, encoding: "dictionary" | "other"): Field {
  return new Field(name, arrowOfDType(dtype, encoding), true);
}

export function recordOf(
  schema: ArrowSchema,
  length: number,
  children: readonly Data[],
): RecordBatch {
  const type = new Struct(schema.fields);
  return new RecordBatch(schema, makeData({ type, length, nullCount: 0, children: [...children] }));
}

export function isDictionary(column: Column | undefined): boolean {
  return column?.data.encoding === "dictionary";
}

/** The column in the field's type: a dictionary is written out where the field has none. */
export function* dataOf(column: Column, field: Field): Steps<Data> {
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
      if (!(field.type instanceof ArrowDictionary)) {
        return yield* dataOf(yield* plainColumn(column), field);
      }
      return dictionaryData(column, field, data.codes, vectorOf(data.dictionary));
    }
  }
}

/** Codes are unsigned here, indexes signed there: other readers take unsigned ones badly. */
export function dictionaryData(
  { length, nullCount, validity }: Column,
  { type }: Field,
  codes: Uint32Array,
  dictionary: Vector<Utf8>,
): Data {
  const { buffer, byteOffset } = codes;
  const data = new Int32Array(buffer, byteOffset, length);
  return makeData({ type, length, nullCount, nullBitmap: validity, data, dictionary });
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

/** Texts that are copied between two steps. */
const TEXTS_A_STEP = 16 * ITEMS_A_STEP;

function* plainColumn(column: Column): Steps<Column> {
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
    if (row % TEXTS_A_STEP === 0) yield;
  }
  const bytes = new Uint8Array(offsets[column.length] as number);
  for (let row = 0; row < column.length; row++) {
    if (isValid(column, row)) {
      bytes.set(dictionary.entry(codes[row] as number), offsets[row] as number);
    }
    if (row % TEXTS_A_STEP === 0) yield;
  }
  return { ...column, data: { encoding: "plain", offsets, bytes } };
}

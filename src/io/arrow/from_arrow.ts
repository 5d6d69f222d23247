// apache-arrow to batches, sharing memory: a column's buffers are views of Arrow's. Only what the two layouts do not
// share is copied: bitmaps that start inside a byte, dictionary indexes of another width than 32 bits, 64-bit text
// offsets, dates in milliseconds, and dictionaries that grew from batch to batch.

import { type Data, RecordBatch, Table, Type, tableFromIPC, type Vector } from "apache-arrow";
import { InvalidArgumentError, NotSupportedError, ParseError } from "../../base/index.ts";
import {
  allocateFixed,
  type Batch,
  bitmapBytes,
  type Column,
  type ColumnData,
  columnFromValues,
  countBits,
  Dictionary,
  type FixedArray,
  getBit,
  setBit,
  sliceBitmap,
} from "../../column/index.ts";
import { type DType, Schema } from "../../dtype/index.ts";
import { dtypeOfArrow } from "./dtypes.ts";

/** A Table, a RecordBatch, or the bytes of an IPC stream or file. */
export type ArrowInput = Table | RecordBatch | Uint8Array | ArrayBuffer;

export interface ArrowBatches {
  readonly schema: Schema;
  /** One for each record batch. */
  readonly batches: readonly Batch[];
}

/**
 * @throws NotSupportedError for a nested or otherwise unknown type, ParseError for bytes that are no Arrow IPC,
 * InvalidArgumentError for anything else.
 */
export function arrowToBatches(input: ArrowInput): ArrowBatches {
  const table = tableOf(input);
  const fields = table.schema.fields.map((field) => ({
    name: field.name,
    dtype: dtypeOfArrow(field.type, field.name),
  }));
  const schema = new Schema(fields);
  const dictionaries = new Map<Vector, SharedDictionary>();
  const batches = table.batches.map((batch) => ({
    rowCount: batch.numRows,
    columns: fields.map(({ dtype }, index) =>
      columnOf(batch.data.children[index] as Data, dtype, batch.numRows, dictionaries),
    ),
  }));
  return { schema, batches: batches.length > 0 ? batches : [emptyBatch(schema)] };
}

function tableOf(input: ArrowInput): Table {
  if (input instanceof Table) return input;
  if (input instanceof RecordBatch) return new Table([input]);
  if (!(input instanceof Uint8Array) && !(input instanceof ArrayBuffer)) {
    throw new InvalidArgumentError("fromArrow() takes an apache-arrow Table or IPC bytes", {
      operator: "fromArrow",
    });
  }
  try {
    const table = tableFromIPC(input instanceof Uint8Array ? input : new Uint8Array(input));
    if (table.schema.fields.length > 0 || table.numRows > 0) return table;
  } catch (error) {
    throw notIpc(error);
  }
  throw notIpc(undefined);
}

function notIpc(cause: unknown): ParseError {
  return new ParseError("the bytes are no Arrow IPC stream or file, or hold no column", {
    operator: "fromArrow",
    hint: "Write them with tableToIPC(), df.writeArrow() or pyarrow.ipc.",
    cause,
  });
}

function columnOf(
  data: Data,
  dtype: DType,
  length: number,
  dictionaries: Map<Vector, SharedDictionary>,
): Column {
  const validity = nullEntries(data, validityOf(data, length), length);
  const nullCount = validity === null ? 0 : length - countBits(validity, length);
  return {
    dtype,
    length,
    nullCount,
    validity: nullCount === 0 ? null : validity,
    data: valuesOf(data, dtype, length, dictionaries),
    statistics: null,
  };
}

/** Null: all valid. Arrow's bitmap starts at bit `offset`. */
function validityOf(data: Data, length: number): Uint8Array | null {
  if (data.typeId === Type.Null) return new Uint8Array(bitmapBytes(length));
  const bitmap: Uint8Array | undefined = data.nullBitmap;
  if (bitmap === undefined || bitmap.length === 0) return null;
  return sliceBitmap(bitmap, data.offset, length);
}

function valuesOf(
  data: Data,
  dtype: DType,
  length: number,
  dictionaries: Map<Vector, SharedDictionary>,
): ColumnData {
  switch (data.typeId) {
    case Type.Null:
      return {
        encoding: "dictionary",
        codes: new Uint32Array(length),
        dictionary: Dictionary.EMPTY,
      };
    case Type.Bool:
      return { encoding: "bits", values: sliceBitmap(data.values, data.offset, length) };
    case Type.Utf8:
    case Type.LargeUtf8:
      return {
        encoding: "plain",
        offsets: offsetsOf(data.valueOffsets, length),
        bytes: data.values,
      };
    case Type.Dictionary: {
      const { dictionary, remap } = sharedDictionary(data.dictionary as Vector, dictionaries);
      return { encoding: "dictionary", codes: codesOf(data.values, length, remap), dictionary };
    }
    case Type.Decimal:
      return { encoding: "words", values: data.values.subarray(0, 4 * length), width: 4 };
    default:
      return { encoding: "fixed", values: fixedOf(data.values, dtype, length) };
  }
}

/** Arrow's typed arrays already start at the data's offset. */
function fixedOf(values: FixedArray, dtype: DType, length: number): FixedArray {
  if (values.constructor === allocateFixed(dtype, 0).constructor) return values.subarray(0, length);
  throw new Error(`${values.constructor.name} is no buffer of ${dtype.kind}`);
}

/** Those of `length` texts: what Arrow builds has room behind them, full of zeros. */
function offsetsOf(room: Int32Array | BigInt64Array, length: number): Int32Array {
  const offsets = room.subarray(0, length + 1);
  if (offsets instanceof Int32Array) return offsets;
  if ((offsets.at(-1) ?? 0n) > 0x7fff_ffffn) {
    throw new NotSupportedError("an Arrow column with more than 2 GiB of text in one batch", {
      operator: "fromArrow",
      hint: "Cut the table into smaller record batches.",
    });
  }
  return Int32Array.from(offsets, Number);
}

/** Codes of valid rows are below the dictionary's size; those under a null are never read. */
function codesOf(indexes: FixedArray, length: number, remap: Uint32Array | null): Uint32Array {
  const { buffer, byteOffset } = indexes;
  const shares = indexes instanceof Int32Array || indexes instanceof Uint32Array;
  if (shares && remap === null) return new Uint32Array(buffer, byteOffset, length);
  const codes = new Uint32Array(length);
  for (let row = 0; row < length; row++) {
    const code = Number(indexes[row]);
    codes[row] = remap === null ? code : (remap[code] ?? 0);
  }
  return codes;
}

interface SharedDictionary {
  readonly dictionary: Dictionary;
  /** Arrow's code to ours, where entries repeat or come in several chunks; null: the same. */
  readonly remap: Uint32Array | null;
}

/** Batches over one Arrow dictionary share one Dictionary. Ours has distinct entries; Arrow's may repeat some. */
function sharedDictionary(
  vector: Vector,
  dictionaries: Map<Vector, SharedDictionary>,
): SharedDictionary {
  const known = dictionaries.get(vector);
  if (known !== undefined) return known;
  const texts: (string | null)[] = [...vector];
  const codes = new Map<string, number>();
  const remap = Uint32Array.from(texts, (text) => {
    const entry = text ?? "";
    const code = codes.get(entry) ?? codes.size;
    codes.set(entry, code);
    return code;
  });
  const [chunk, ...others] = vector.data;
  const distinct = codes.size === texts.length;
  const shared =
    distinct &&
    chunk !== undefined &&
    others.length === 0 &&
    chunk.valueOffsets instanceof Int32Array
      ? {
          dictionary: new Dictionary(offsetsOf(chunk.valueOffsets, chunk.length), chunk.values),
          remap: null,
        }
      : { dictionary: Dictionary.fromTexts([...codes.keys()]), remap };
  dictionaries.set(vector, shared);
  return shared;
}

/** Rows whose code stands for a null entry of the dictionary are null. */
function nullEntries(data: Data, validity: Uint8Array | null, length: number): Uint8Array | null {
  const dictionary = data.typeId === Type.Dictionary ? (data.dictionary as Vector) : null;
  if (dictionary === null || dictionary.nullCount === 0) return validity;
  const bitmap = new Uint8Array(bitmapBytes(length));
  for (let row = 0; row < length; row++) {
    const valid = validity === null || getBit(validity, row);
    if (valid && dictionary.isValid(Number(data.values[row]))) setBit(bitmap, row);
  }
  return bitmap;
}

function emptyBatch(schema: Schema): Batch {
  return { rowCount: 0, columns: schema.fields.map(({ dtype }) => columnFromValues([], dtype)) };
}

// apache-arrow to batches, sharing memory: a column's buffers are views of Arrow's. Only what the two layouts do not
// share is copied: bitmaps that start inside a byte, dictionary indexes of another width than 32 bits, 64-bit text
// offsets, dates in milliseconds, and dictionaries that grew from batch to batch. What kernels follow without a look
// (lengths, offsets, codes) is looked at here, once (checks.ts).

import { type Data, RecordBatch, Table, Type, tableFromIPC, type Vector } from "apache-arrow";
import {
  atOnce,
  InvalidArgumentError,
  ITEMS_A_STEP,
  NotSupportedError,
  ParseError,
  type Steps,
} from "../../base/index.ts";
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
import {
  type ColumnPlace,
  checkCodes,
  checkDecimals,
  checkedOffsets,
  checkLengths,
  checkTexts,
} from "./checks.ts";
import { DistinctTexts, joined } from "./distinct_texts.ts";
import { dtypeOfArrow } from "./dtypes.ts";
import { verifyIpc } from "./verify.ts";

/** A Table, a RecordBatch, or the bytes of an IPC stream or file. */
export type ArrowInput = Table | RecordBatch | Uint8Array | ArrayBuffer;

export interface ArrowBatches {
  readonly schema: Schema;
  /** One for each record batch. */
  readonly batches: readonly Batch[];
}

/**
 * @throws NotSupportedError for a nested or otherwise unknown type, ParseError for bytes that are no Arrow IPC and for
 * columns whose buffers contradict each other, InvalidArgumentError for anything else.
 */
export function arrowToBatches(input: ArrowInput): ArrowBatches {
  return atOnce(arrowBatches(input));
}

/** The same in steps: looking at offsets, codes and texts takes up to four nanoseconds a row. */
export function* arrowBatches(input: ArrowInput): Steps<ArrowBatches> {
  const table = tableOf(input);
  const fields = table.schema.fields.map((field) => ({
    name: field.name,
    dtype: dtypeOfArrow(field.type, field.name),
  }));
  const schema = new Schema(fields);
  const dictionaries: Dictionaries = new Map();
  const batches: Batch[] = [];
  let firstRow = 0;
  for (const { numRows: rowCount, data } of table.batches) {
    // apache-arrow gives columns without rows no buffers.
    if (rowCount === 0) continue;
    const columns: Column[] = [];
    for (const [index, { name, dtype }] of fields.entries()) {
      const place = { name, firstRow };
      columns.push(
        yield* columnOf(data.children[index] as Data, dtype, rowCount, place, dictionaries),
      );
      yield;
    }
    batches.push({ rowCount, columns });
    firstRow += rowCount;
  }
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
    const bytes = input instanceof Uint8Array ? input : new Uint8Array(input);
    verifyIpc(bytes);
    const table = tableFromIPC(bytes);
    if (table.schema.fields.length > 0 || table.numRows > 0) return table;
  } catch (error) {
    throw error instanceof NotSupportedError ? error : notIpc(error);
  }
  throw notIpc(undefined);
}

function notIpc(cause: unknown): ParseError {
  return new ParseError(
    "the bytes are no Arrow IPC stream or file, are damaged, or hold no column",
    {
      operator: "fromArrow",
      hint: "Write them with tableToIPC(), df.writeArrow() or pyarrow.ipc.",
      cause,
    },
  );
}

function* columnOf(
  data: Data,
  dtype: DType,
  length: number,
  place: ColumnPlace,
  dictionaries: Dictionaries,
): Steps<Column> {
  checkLengths(data, length, place);
  const bitmap = validityOf(data, length);
  const shared = yield* dictionaryOf(data, place, dictionaries);
  const validity = shared === null ? bitmap : yield* nullEntries(data, shared, bitmap, length);
  const nullCount = validity === null ? 0 : length - countBits(validity, length);
  const column = { dtype, length, nullCount, validity: nullCount === 0 ? null : validity };
  return {
    ...column,
    data: yield* valuesOf(data, dtype, column, place, shared),
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

function* valuesOf(
  data: Data,
  dtype: DType,
  { length, validity }: Pick<Column, "length" | "validity">,
  place: ColumnPlace,
  shared: SharedDictionary | null,
): Steps<ColumnData> {
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
    case Type.LargeUtf8: {
      const offsets = yield* checkedOffsets(data, length, place);
      const bytes: Uint8Array = data.values;
      yield* checkTexts(offsets, bytes, validity, place);
      return { encoding: "plain", offsets, bytes };
    }
    case Type.Dictionary: {
      if (shared === null) throw new Error("a dictionary column without its dictionary");
      const { dictionary, size, remap } = shared;
      yield* checkCodes(data.values, length, size, validity, place);
      return {
        encoding: "dictionary",
        codes: yield* codesOf(data.values, length, remap),
        dictionary,
      };
    }
    case Type.Decimal: {
      const values = data.values.subarray(0, 4 * length);
      yield* checkDecimals(values, dtype, validity, place);
      return { encoding: "words", values, width: 4 };
    }
    default:
      return { encoding: "fixed", values: fixedOf(data.values, dtype, length) };
  }
}

/** Arrow's typed arrays already start at the data's offset. */
function fixedOf(values: FixedArray, dtype: DType, length: number): FixedArray {
  if (values.constructor === allocateFixed(dtype, 0).constructor) return values.subarray(0, length);
  throw new Error(`${values.constructor.name} is no buffer of ${dtype.kind}`);
}

/** Codes of valid rows are below the dictionary's size; those under a null are never read. */
function* codesOf(
  indexes: FixedArray,
  length: number,
  remap: Uint32Array | null,
): Steps<Uint32Array> {
  const { buffer, byteOffset } = indexes;
  const shares = indexes instanceof Int32Array || indexes instanceof Uint32Array;
  if (shares && remap === null) return new Uint32Array(buffer, byteOffset, length);
  const codes = new Uint32Array(length);
  for (let row = 0; row < length; row++) {
    const code = Number(indexes[row]);
    codes[row] = remap === null ? code : (remap[code] ?? 0);
    if (row % ROWS_A_STEP === 0) yield;
  }
  return codes;
}

/** Rows between two steps: some 50 microseconds. */
const ROWS_A_STEP = 64 * ITEMS_A_STEP;

/** Batches over one Arrow dictionary share one of ours. */
type Dictionaries = Map<Vector, SharedDictionary>;

interface SharedDictionary {
  readonly dictionary: Dictionary;
  /** How many entries Arrow's has. */
  readonly size: number;
  /** Arrow's codes of null entries. */
  readonly nulls: ReadonlySet<number>;
  /** Arrow's code to ours, where entries repeat or come in several chunks; null: the same. */
  readonly remap: Uint32Array | null;
}

/** Null for a column without a dictionary. Ours has distinct entries; Arrow's may repeat some. */
function* dictionaryOf(
  data: Data,
  place: ColumnPlace,
  dictionaries: Dictionaries,
): Steps<SharedDictionary | null> {
  if (data.typeId !== Type.Dictionary) return null;
  const vector = data.dictionary as Vector;
  const known = dictionaries.get(vector);
  if (known !== undefined) return known;
  const shared = yield* sharedDictionary(vector, { ...place, isDictionary: true });
  dictionaries.set(vector, shared);
  return shared;
}

function* sharedDictionary(vector: Vector, place: ColumnPlace): Steps<SharedDictionary> {
  const texts = new DistinctTexts();
  const remap = new Uint32Array(vector.length);
  const nulls = new Set<number>();
  let firstRow = 0;
  for (const chunk of vector.data) {
    const dictionary = yield* checkedDictionary(chunk, { ...place, firstRow });
    const validity = validityOf(chunk, chunk.length);
    remap.set(yield* texts.add(dictionary, chunk.length, validity), firstRow);
    for (let entry = 0; validity !== null && entry < chunk.length; entry++) {
      if (!getBit(validity, entry)) nulls.add(firstRow + entry);
      if (entry % ITEMS_A_STEP === 0) yield;
    }
    firstRow += chunk.length;
  }
  const dictionary = yield* joined(texts.pieces);
  const isSame = texts.size === vector.length;
  return { dictionary, size: vector.length, nulls, remap: isSame ? null : remap };
}

function* checkedDictionary(chunk: Data, place: ColumnPlace): Steps<Dictionary> {
  checkLengths(chunk, chunk.length, place);
  const offsets = yield* checkedOffsets(chunk, chunk.length, place);
  yield* checkTexts(offsets, chunk.values, validityOf(chunk, chunk.length), place);
  return new Dictionary(offsets, chunk.values);
}

/** Rows whose code stands for a null entry of the dictionary are null. */
function* nullEntries(
  data: Data,
  { nulls }: SharedDictionary,
  validity: Uint8Array | null,
  length: number,
): Steps<Uint8Array | null> {
  if (nulls.size === 0) return validity;
  const bitmap = new Uint8Array(bitmapBytes(length));
  for (let row = 0; row < length; row++) {
    const valid = validity === null || getBit(validity, row);
    if (valid && !nulls.has(Number(data.values[row]))) setBit(bitmap, row);
    if (row % ROWS_A_STEP === 0) yield;
  }
  return bitmap;
}

function emptyBatch(schema: Schema): Batch {
  return { rowCount: 0, columns: schema.fields.map(({ dtype }) => columnFromValues([], dtype)) };
}

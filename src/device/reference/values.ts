// Columns as arrays of plain JavaScript values, and back; the order and equality of those values.
//
//   bool boolean · integers, decimals (unscaled), dates, instants bigint · floats number · string string · aggregate states Uint32Array

import {
  allocateFixed,
  bitmapBytes,
  bytesAt,
  type Column,
  type ColumnData,
  DECIMAL_WORDS,
  Dictionary,
  getBit,
  isValid,
  readDecimal,
  setBit,
  writeDecimal,
} from "../../column/index.ts";
import { type DType, isFloat } from "../../dtype/index.ts";
import { compareTexts } from "../../text/index.ts";

export type Scalar = boolean | bigint | number | string;
export type Value = Scalar | Uint32Array | null;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export function readColumn(column: Column): Value[] {
  const read = reader(column);
  return Array.from({ length: column.length }, (_, row) =>
    isValid(column, row) ? read(row) : null,
  );
}

function reader(column: Column): (row: number) => Value {
  const { data } = column;
  switch (data.encoding) {
    case "bits":
      return (row) => getBit(data.values, row);
    case "dictionary":
      return (row) => data.dictionary.text(data.codes[row] as number);
    case "plain":
      return (row) => decoder.decode(bytesAt(column, row));
    case "words":
      if (column.dtype.kind === "decimal") return (row) => readDecimal(data.values, row);
      return (row) => data.values.slice(row * data.width, (row + 1) * data.width);
    case "fixed":
      if (isFloat(column.dtype)) return (row) => data.values[row] as number;
      return (row) => BigInt(data.values[row] as number | bigint);
  }
}

/** A column of the given values. `width`: words a row of aggregate states. */
export function writeColumn(
  dtype: DType,
  values: readonly Value[],
  width: number | null = null,
): Column {
  const length = values.length;
  const nullCount = values.filter((value) => value === null).length;
  const validity = nullCount === 0 ? null : bitmapOf(values, (value) => value !== null);
  const data = width === null ? writeData(dtype, values) : writeWords(values, width);
  return { dtype, length, nullCount, validity, data, statistics: null };
}

function writeData(dtype: DType, values: readonly Value[]): ColumnData {
  if (dtype.kind === "bool") {
    return { encoding: "bits", values: bitmapOf(values, (value) => value === true) };
  }
  if (dtype.kind === "string") return writeTexts(values as readonly (string | null)[]);
  if (dtype.kind === "decimal") return writeDecimals(values as readonly (bigint | null)[]);
  const array = allocateFixed(dtype, values.length);
  const wide = array instanceof BigInt64Array || array instanceof BigUint64Array;
  for (const [row, value] of values.entries()) {
    if (value !== null) array[row] = wide ? (value as bigint) : Number(value);
  }
  return { encoding: "fixed", values: array };
}

function writeTexts(texts: readonly (string | null)[]): ColumnData {
  const codeOf = new Map<string, number>();
  const codes = Uint32Array.from(texts, (text) => {
    if (text === null) return 0;
    const code = codeOf.get(text) ?? codeOf.size;
    codeOf.set(text, code);
    return code;
  });
  return { encoding: "dictionary", codes, dictionary: Dictionary.fromTexts([...codeOf.keys()]) };
}

function writeDecimals(values: readonly (bigint | null)[]): ColumnData {
  const words = new Uint32Array(DECIMAL_WORDS * values.length);
  for (const [row, value] of values.entries()) {
    if (value !== null) writeDecimal(words, row, value);
  }
  return { encoding: "words", values: words, width: DECIMAL_WORDS };
}

function writeWords(values: readonly Value[], width: number): ColumnData {
  const words = new Uint32Array(values.length * width);
  for (const [row, value] of values.entries()) {
    if (value !== null) words.set(value as Uint32Array, row * width);
  }
  return { encoding: "words", values: words, width };
}

function bitmapOf(values: readonly Value[], test: (value: Value) => boolean): Uint8Array {
  const bitmap = new Uint8Array(bitmapBytes(values.length));
  for (const [row, value] of values.entries()) if (test(value)) setBit(bitmap, row);
  return bitmap;
}

/** Words a row, of a column of aggregate states; null for every other column. */
export function widthOf(column: Column): number | null {
  const isState = column.data.encoding === "words" && column.dtype.kind !== "decimal";
  return isState && column.data.encoding === "words" ? column.data.width : null;
}

/** The rows of a column in another order; a null row number gives a null. */
export function gather(column: Column, rows: readonly (number | null)[]): Column {
  const values = readColumn(column);
  const picked = rows.map((row) => (row === null ? null : (values[row] as Value)));
  return writeColumn(column.dtype, picked, widthOf(column));
}

/** The order of keys (kernels/README.md) of two values of one dtype, neither null. */
export function compareKeys(a: Scalar, b: Scalar): number {
  if (typeof a === "number" && typeof b === "number") {
    if (Number.isNaN(a) || Number.isNaN(b))
      return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return a < b ? -1 : a > b ? 1 : 0; // -0 equals 0
  }
  if (typeof a === "string" && typeof b === "string") return compareTexts(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The value that a group or an extreme shows: one NaN, and +0 for both zeros. */
export function canonical(value: Value): Value {
  if (typeof value !== "number") return value;
  return value === 0 ? 0 : value; // a JavaScript NaN is written as the canonical one
}

/** A text that two key tuples share exactly when their values are equal, null with null. */
export function keyText(values: readonly Value[]): string {
  return values
    .map((value) =>
      typeof value === "string" ? `${value.length}:${value}` : String(canonical(value)),
    )
    .join(",");
}

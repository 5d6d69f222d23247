// Bitwise equality of columns and batches, by the rules of kernels/README.md: validity counts, and the values of valid
// rows; NaN payloads do not, -0 and 0 are told apart, strings compare by value under any encoding.

import { dtypeName, sameDType } from "../dtype/index.ts";
import type { Batch } from "./batch.ts";
import { getBit } from "./bitmap.ts";
import { type Column, isValid } from "./column.ts";
import { compareBytes } from "./dictionary.ts";

/** The first difference between two batches as text, or null when they are equal. */
export function batchDifference(expected: Batch, actual: Batch): string | null {
  if (expected.columns.length !== actual.columns.length) {
    return `${expected.columns.length} columns expected, ${actual.columns.length} found`;
  }
  if (expected.rowCount !== actual.rowCount) {
    return `${expected.rowCount} rows expected, ${actual.rowCount} found`;
  }
  for (const [index, column] of expected.columns.entries()) {
    const difference = columnDifference(column, actual.columns[index] as Column);
    if (difference !== null) return `column ${index}: ${difference}`;
  }
  return null;
}

/** The first difference between two columns as text, or null when they are equal. */
export function columnDifference(expected: Column, actual: Column): string | null {
  if (!sameDType(expected.dtype, actual.dtype)) {
    return `${dtypeName(expected.dtype)} expected, ${dtypeName(actual.dtype)} found`;
  }
  if (expected.length !== actual.length) {
    return `${expected.length} rows expected, ${actual.length} found`;
  }
  if (expected.data.encoding === "words" || actual.data.encoding === "words") {
    return wordsDifference(expected, actual);
  }
  for (let row = 0; row < expected.length; row++) {
    const [a, b] = [isValid(expected, row), isValid(actual, row)];
    if (a === b && (!a || sameCell(expected, actual, row))) continue;
    return `row ${row}: ${cellText(expected, row)} expected, ${cellText(actual, row)} found`;
  }
  return nullCountDifference(expected) ?? nullCountDifference(actual);
}

function sameCell(a: Column, b: Column, row: number): boolean {
  if (a.data.encoding === "fixed" && b.data.encoding === "fixed") {
    return Object.is(a.data.values[row], b.data.values[row]);
  }
  if (a.data.encoding === "bits" && b.data.encoding === "bits") {
    return getBit(a.data.values, row) === getBit(b.data.values, row);
  }
  return compareBytes(bytesAt(a, row), bytesAt(b, row)) === 0;
}

/** The UTF-8 bytes of a valid row of a string column; shares memory. */
export function bytesAt({ data }: Column, row: number): Uint8Array {
  if (data.encoding === "dictionary") return data.dictionary.entry(data.codes[row] as number);
  if (data.encoding === "plain")
    return data.bytes.subarray(data.offsets[row], data.offsets[row + 1]);
  throw new Error(`no text in ${data.encoding}`);
}

function wordsDifference(expected: Column, actual: Column): string | null {
  const [a, b] = [expected.data, actual.data];
  if (a.encoding !== "words" || b.encoding !== "words")
    return `encodings ${a.encoding}, ${b.encoding}`;
  if (expected.dtype.kind === "decimal") {
    const wrong = nullCountDifference(expected) ?? nullCountDifference(actual);
    if (wrong !== null) return wrong;
  }
  if (a.width !== b.width) return `${a.width} words a row expected, ${b.width} found`;
  for (let row = 0; row < expected.length; row++) {
    if (isValid(expected, row) !== isValid(actual, row)) return `row ${row}: validity differs`;
    if (!isValid(expected, row)) continue;
    for (let word = row * a.width; word < (row + 1) * a.width; word++) {
      if (a.values[word] !== b.values[word]) {
        return `row ${row}, word ${word - row * a.width}: ${a.values[word]} expected, ${b.values[word]} found`;
      }
    }
  }
  return null;
}

/** `nullCount` must tell the truth of the bitmap. */
function nullCountDifference(column: Column): string | null {
  let nulls = 0;
  for (let row = 0; row < column.length; row++) if (!isValid(column, row)) nulls += 1;
  return nulls === column.nullCount
    ? null
    : `nullCount is ${column.nullCount}, but ${nulls} rows are null`;
}

function cellText(column: Column, row: number): string {
  if (!isValid(column, row)) return "null";
  const { data } = column;
  if (data.encoding === "bits") return String(getBit(data.values, row));
  if (data.encoding !== "fixed") {
    const text = JSON.stringify(Buffer.from(bytesAt(column, row)).toString());
    return text.length > 80 ? `${text.slice(0, 77)}...` : text;
  }
  const value = data.values[row] as number | bigint;
  if (typeof value === "bigint") return `${value}n`;
  return Object.is(value, -0) ? "-0" : String(value);
}

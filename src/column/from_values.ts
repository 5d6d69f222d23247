// JavaScript values to a column. null and undefined are null, NaN stays NaN; every other value either keeps all its
// digits or raises a typed error that names the row.

import { CastError, type ErrorDetails, TypeMismatchError } from "../base/index.ts";
import {
  BOOL,
  type DecimalType,
  type DType,
  dtypeName,
  FLOAT32,
  FLOAT64,
  INT8,
  INT16,
  INT32,
  INT64,
  integerLimits,
  isFloat,
  isInteger,
  STRING,
  timestamp,
  UINT8,
  UINT16,
  UINT32,
  UINT64,
} from "../dtype/index.ts";
import { bitmapBytes, setBit } from "./bitmap.ts";
import { allocateFixed, type Column, type FixedArray } from "./column.ts";
import { DECIMAL_WORDS, decimalSource, parseDecimalText, writeDecimal } from "./decimal.ts";
import { Dictionary } from "./dictionary.ts";
import { parseSpanText } from "./duration_text.ts";
import { parseDateText, parseTimestampText, UNITS_PER_SECOND } from "./temporal_text.ts";

const LONE_SURROGATE = /\p{Surrogate}/u;

/** What a user may put into one cell. */
export type CellValue = null | undefined | boolean | number | bigint | string | Date;
export type ColumnValues = readonly CellValue[] | FixedArray;

/**
 * A column of the given values. Without a dtype: typed arrays keep theirs and share their memory; arrays are bool,
 * int64 (whole safe numbers and bigints), float64, string or timestamp[us] (Date) after their values; no value at all
 * gives string.
 *
 * With a dtype, dates and timestamps also take ISO text, and whole numbers as days or units since 1970-01-01; durations
 * take whole numbers of units and text ("PT1H30M" or "1h30m"). Decimals take text ("1.50"), bigints, and numbers by
 * their shortest digits; none may have more digits than the dtype. float32 rounds numbers, but makes none infinite; a Date
 * that becomes a date is midnight in UTC.
 * @throws TypeMismatchError for a value of another kind, CastError for one that the dtype cannot hold.
 */
export function columnFromValues(values: ColumnValues, dtype?: DType, name?: string): Column {
  const native = typedArrayDType(values);
  if (native !== null && (dtype === undefined || sharesLayout(native, dtype))) {
    return fixedColumn(dtype ?? native, values as FixedArray, null, 0);
  }
  const cells = values as ArrayLike<CellValue>;
  const target = dtype ?? inferDType(cells, name);
  switch (target.kind) {
    case "string":
      return stringColumn(cells, name);
    case "bool":
      return boolColumn(cells, name);
    case "decimal":
      return decimalColumn(cells, target, name);
    default:
      return fixedFromCells(cells, target, name);
  }
}

/** The dtype of an array without one; see `columnFromValues`. */
export function inferDType(cells: ArrayLike<CellValue>, name?: string): DType {
  let found: DType | null = null;
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row];
    if (cell === null || cell === undefined) continue;
    const here = cellDType(cell, row, name);
    if (found === null || found === here) found = here;
    else if (isNumber(found) && isNumber(here)) found = FLOAT64;
    else throw mixedKinds(found, here, row, name);
  }
  return found ?? STRING;
}

function cellDType(cell: NonNullable<CellValue>, row: number, name: string | undefined): DType {
  switch (typeof cell) {
    case "boolean":
      return BOOL;
    case "bigint":
      return INT64;
    case "number":
      // -0 is a float: an integer column would lose its sign.
      return Number.isSafeInteger(cell) && !Object.is(cell, -0) ? INT64 : FLOAT64;
    case "string":
      return STRING;
    default:
      if (cell instanceof Date) return timestamp("us");
      throw new TypeMismatchError(
        `row ${row} of ${columnText(name)} holds ${describe(cell)}, which fits no column`,
        {
          ...place(row, name),
          hint: "Columns hold booleans, numbers, bigints, strings and Dates; write null for a missing value.",
        },
      );
  }
}

function isNumber(dtype: DType): boolean {
  return dtype === INT64 || dtype === FLOAT64;
}

function mixedKinds(before: DType, here: DType, row: number, name: string | undefined): Error {
  return new TypeMismatchError(
    `${columnText(name)} holds ${dtypeName(before)} values and, in row ${row}, a ${dtypeName(here)}`,
    {
      ...place(row, name),
      hint: "Give all values of a column the same type, or name its dtype.",
    },
  );
}

function stringColumn(cells: ArrayLike<CellValue>, name: string | undefined): Column {
  const codes = new Uint32Array(cells.length);
  const codeOf = new Map<string, number>();
  const nulls = new NullRecorder(cells.length);
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row];
    if (cell === null || cell === undefined) {
      nulls.add(row);
      continue;
    }
    if (typeof cell !== "string") throw wrongKind(cell, STRING, row, name);
    let code = codeOf.get(cell);
    if (code === undefined) {
      if (LONE_SURROGATE.test(cell)) throw loneSurrogate(cell, row, name);
      code = codeOf.size;
      codeOf.set(cell, code);
    }
    codes[row] = code;
  }
  return {
    dtype: STRING,
    length: cells.length,
    ...nulls.finish(),
    data: { encoding: "dictionary", codes, dictionary: Dictionary.fromTexts([...codeOf.keys()]) },
    statistics: null,
  };
}

function boolColumn(cells: ArrayLike<CellValue>, name: string | undefined): Column {
  const values = new Uint8Array(bitmapBytes(cells.length));
  const nulls = new NullRecorder(cells.length);
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row];
    if (cell === null || cell === undefined) nulls.add(row);
    else if (typeof cell !== "boolean") throw wrongKind(cell, BOOL, row, name);
    else if (cell) setBit(values, row);
  }
  const length = cells.length;
  return {
    dtype: BOOL,
    length,
    ...nulls.finish(),
    data: { encoding: "bits", values },
    statistics: null,
  };
}

function decimalColumn(
  cells: ArrayLike<CellValue>,
  dtype: DecimalType,
  name: string | undefined,
): Column {
  const values = new Uint32Array(DECIMAL_WORDS * cells.length);
  const nulls = new NullRecorder(cells.length);
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row];
    if (cell === null || cell === undefined) {
      nulls.add(row);
      continue;
    }
    const text = decimalSource(cell);
    if (text === null && typeof cell !== "number") throw wrongKind(cell, dtype, row, name);
    const unscaled = text === null ? null : parseDecimalText(text, dtype);
    if (unscaled === null) throw doesNotFit(cell, dtype, row, name);
    writeDecimal(values, row, unscaled);
  }
  const data = { encoding: "words", values, width: DECIMAL_WORDS } as const;
  return { dtype, length: cells.length, ...nulls.finish(), data, statistics: null };
}

function fixedFromCells(
  cells: ArrayLike<CellValue>,
  dtype: DType,
  name: string | undefined,
): Column {
  const values = allocateFixed(dtype, cells.length);
  const nulls = new NullRecorder(cells.length);
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row];
    if (cell === null || cell === undefined) nulls.add(row);
    else values[row] = fixedCell(cell, dtype, row, name);
  }
  const { validity, nullCount } = nulls.finish();
  return fixedColumn(dtype, values, validity, nullCount);
}

function fixedColumn(
  dtype: DType,
  values: FixedArray,
  validity: Uint8Array | null,
  nullCount: number,
): Column {
  const data = { encoding: "fixed", values } as const;
  return { dtype, length: values.length, nullCount, validity, data, statistics: null };
}

/** The element of the typed array of `dtype` that stands for `cell`. */
function fixedCell(
  cell: NonNullable<CellValue>,
  dtype: DType,
  row: number,
  name: string | undefined,
): number | bigint {
  if (isFloat(dtype)) {
    if (typeof cell !== "number" && typeof cell !== "bigint") {
      throw wrongKind(cell, dtype, row, name);
    }
    const float = floatOf(cell, dtype.kind === "float32");
    if (float === null) throw doesNotFit(cell, dtype, row, name);
    return float;
  }
  const whole = wholeNumber(cell, dtype);
  if (whole === null) {
    if (typeof cell === "number" || typeof cell === "string" || cell instanceof Date) {
      if (isInteger(dtype) && typeof cell !== "number") throw wrongKind(cell, dtype, row, name);
      throw doesNotFit(cell, dtype, row, name);
    }
    throw wrongKind(cell, dtype, row, name);
  }
  const { min, max } = integerLimits(dtype);
  if (whole < min || whole > max) throw doesNotFit(cell, dtype, row, name);
  return max > 0xffff_ffffn ? whole : Number(whole);
}

/** Numbers round to float32, as 0.1 must, but stay finite; bigints stay exact. Null: the float would be another number. */
function floatOf(cell: number | bigint, single: boolean): number | null {
  const float = single ? Math.fround(Number(cell)) : Number(cell);
  if (typeof cell === "number") {
    return Number.isFinite(float) || !Number.isFinite(cell) ? float : null;
  }
  return Number.isFinite(float) && BigInt(float) === cell ? float : null;
}

/** The integer, the days or the units that a cell stands for; null if it is none. */
function wholeNumber(cell: NonNullable<CellValue>, dtype: DType): bigint | null {
  if (typeof cell === "bigint") return cell;
  if (typeof cell === "number") return Number.isInteger(cell) ? BigInt(cell) : null;
  if (dtype.kind === "date") {
    if (typeof cell === "string") return asBigInt(parseDateText(cell));
    const days = cell instanceof Date ? cell.getTime() / 86_400_000 : null;
    return days !== null && Number.isInteger(days) ? BigInt(days) : null;
  }
  if (dtype.kind === "timestamp") {
    if (typeof cell === "string") return parseTimestampText(cell, dtype.unit);
    if (!(cell instanceof Date) || Number.isNaN(cell.getTime())) return null;
    const scaled = BigInt(cell.getTime()) * UNITS_PER_SECOND[dtype.unit];
    return scaled % 1000n === 0n ? scaled / 1000n : null;
  }
  if (dtype.kind === "duration" && typeof cell === "string") return parseSpanText(cell, dtype.unit);
  return null;
}

function asBigInt(value: number | null): bigint | null {
  return value === null || Number.isNaN(value) ? null : BigInt(value);
}

/** Collects the nulls of a column whose rows come in order; a column without nulls gets no bitmap. */
class NullRecorder {
  readonly #length: number;
  #validity: Uint8Array | null = null;
  #nullCount = 0;

  constructor(length: number) {
    this.#length = length;
  }

  add(row: number): void {
    this.#validity ??= allSet(this.#length);
    this.#validity[row >> 3] = (this.#validity[row >> 3] as number) & ~(1 << (row & 7));
    this.#nullCount += 1;
  }

  finish(): { validity: Uint8Array | null; nullCount: number } {
    return { validity: this.#validity, nullCount: this.#nullCount };
  }
}

function allSet(length: number): Uint8Array {
  const bitmap = new Uint8Array(bitmapBytes(length)).fill(0xff);
  if ((length & 7) !== 0) bitmap[bitmap.length - 1] = (1 << (length & 7)) - 1;
  return bitmap;
}

function typedArrayDType(values: ColumnValues): DType | null {
  if (values instanceof Int8Array) return INT8;
  if (values instanceof Int16Array) return INT16;
  if (values instanceof Int32Array) return INT32;
  if (values instanceof BigInt64Array) return INT64;
  if (values instanceof Uint8Array) return UINT8;
  if (values instanceof Uint16Array) return UINT16;
  if (values instanceof Uint32Array) return UINT32;
  if (values instanceof BigUint64Array) return UINT64;
  if (values instanceof Float32Array) return FLOAT32;
  if (values instanceof Float64Array) return FLOAT64;
  return null;
}

/** Can the typed array of `native` be the buffer of a column of `dtype`? */
function sharesLayout(native: DType, dtype: DType): boolean {
  if (native === dtype) return true;
  if (native === INT32) return dtype.kind === "date";
  return native === INT64 && (dtype.kind === "timestamp" || dtype.kind === "duration");
}

function wrongKind(cell: unknown, dtype: DType, row: number, name: string | undefined): Error {
  return new TypeMismatchError(
    `row ${row} of ${columnText(name)} holds ${describe(cell)}, not a ${dtypeName(dtype)}`,
    { ...place(row, name), hint: "Convert the value, or give the column another dtype." },
  );
}

function doesNotFit(cell: unknown, dtype: DType, row: number, name: string | undefined): Error {
  return new CastError(
    `row ${row} of ${columnText(name)}: ${describe(cell)} does not fit ${dtypeName(dtype)}`,
    {
      ...place(row, name),
      hint:
        dtype.kind === "date" && cell instanceof Date
          ? "A date is midnight in UTC: make the column a timestamp, and cast that to date."
          : "Give the column a dtype that holds all its values.",
    },
  );
}

function loneSurrogate(text: string, row: number, name: string | undefined): Error {
  return new CastError(
    `row ${row} of ${columnText(name)}: ${describe(text)} holds half of a surrogate pair, which is no Unicode text`,
    { ...place(row, name), hint: "Use toWellFormed(), which puts U+FFFD in its place." },
  );
}

function place(row: number, name: string | undefined): ErrorDetails {
  return name === undefined ? { row } : { row, column: name };
}

function columnText(name: string | undefined): string {
  return name === undefined ? "the column" : `column ${JSON.stringify(name)}`;
}

function describe(cell: unknown): string {
  if (cell instanceof Date)
    return Number.isNaN(cell.getTime()) ? "an invalid Date" : cell.toISOString();
  if (typeof cell === "bigint") return shortened(`${cell}n`);
  if (typeof cell === "string") return JSON.stringify(shortened(cell));
  if (typeof cell === "number" || typeof cell === "boolean") return String(cell);
  if (Array.isArray(cell)) return "an array";
  return typeof cell === "object" ? "an object" : `a ${typeof cell}`;
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

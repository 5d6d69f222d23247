// A column to JavaScript values: null for null, Date for dates and timestamps, number for 64-bit integers, text for
// decimals.

import { at, UnsafeIntegerError } from "../base/index.ts";
import { getBit } from "./bitmap.ts";
import { type Column, isValid } from "./column.ts";
import { formatDecimalText, readDecimal } from "./decimal.ts";
import { UNITS_PER_SECOND } from "./temporal_text.ts";

export type JsValue = null | boolean | number | bigint | string | Date;

export interface ToValuesOptions {
  /** "number" (the default) raises where digits would be lost; "bigint" gives bigints for 64-bit integers. */
  readonly int64?: "number" | "bigint";
  /** Decimals as exact text with all digits of their scale (the default), or as the nearest number. */
  readonly decimal?: "string" | "number";
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const MS_PER_DAY = 86_400_000;
/** The last instant of a JavaScript Date, in milliseconds. */
const LAST_DATE = 8.64e15;

/**
 * All values of a column. A Date has milliseconds: the digits of a timestamp below them are cut off (towards the past).
 * @throws UnsafeIntegerError for a 64-bit integer beyond 2^53 - 1, or an instant outside the years of Date.
 */
export function columnToValues(
  column: Column,
  options: ToValuesOptions = {},
  name?: string,
): JsValue[] {
  const read = valueReader(column, options, name);
  return Array.from({ length: column.length }, (_, row) =>
    isValid(column, row) ? read(row) : null,
  );
}

/** One value, as `columnToValues` gives it. */
export function valueAt(column: Column, row: number, options: ToValuesOptions = {}): JsValue {
  return isValid(column, row) ? valueReader(column, options, undefined)(row) : null;
}

/** Reads valid rows. */
function valueReader(
  column: Column,
  options: ToValuesOptions,
  name: string | undefined,
): (row: number) => JsValue {
  const { data, dtype } = column;
  switch (data.encoding) {
    case "bits":
      return (row) => getBit(data.values, row);
    case "dictionary":
      return (row) => data.dictionary.text(at(data.codes, row));
    case "plain":
      return (row) => decoder.decode(data.bytes.subarray(data.offsets[row], data.offsets[row + 1]));
    case "words": {
      if (dtype.kind !== "decimal") throw new Error("aggregate states have no JavaScript value");
      const text = (row: number) => formatDecimalText(readDecimal(data.values, row), dtype.scale);
      return options.decimal === "number" ? (row) => Number(text(row)) : text;
    }
    case "fixed":
      break;
  }
  const values: ArrayLike<number | bigint> = data.values;
  switch (dtype.kind) {
    case "date":
      return (row) => toDate(Number(at(values, row)) * MS_PER_DAY, row, name);
    case "timestamp": {
      const perSecond = UNITS_PER_SECOND[dtype.unit];
      return (row) => toDate(milliseconds(BigInt(at(values, row)), perSecond), row, name);
    }
    default:
      if (options.int64 === "bigint") return (row) => at(values, row);
      return (row) => toNumber(at(values, row), row, name);
  }
}

/** Milliseconds since the epoch, rounded towards the past. */
function milliseconds(units: bigint, perSecond: bigint): number {
  const scaled = units * 1000n;
  const truncated = scaled / perSecond;
  return Number(scaled % perSecond < 0n ? truncated - 1n : truncated);
}

function toDate(ms: number, row: number, name: string | undefined): Date {
  if (Math.abs(ms) <= LAST_DATE) return new Date(ms);
  throw unsafe(
    `an instant outside the years that a Date can show`,
    row,
    name,
    "the typed array .values",
  );
}

function toNumber(value: number | bigint, row: number, name: string | undefined): number {
  if (typeof value === "number") return value;
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw unsafe(`${value}, which a number cannot hold exactly`, row, name, '{ int64: "bigint" }');
}

function unsafe(what: string, row: number, name: string | undefined, instead: string): Error {
  const column = name === undefined ? "the column" : `column ${JSON.stringify(name)}`;
  return new UnsafeIntegerError(`row ${row} of ${column} holds ${what}`, {
    row,
    ...(name === undefined ? {} : { column: name }),
    hint: `Ask for ${instead}.`,
  });
}

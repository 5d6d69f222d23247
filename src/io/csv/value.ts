// The value of a field's text: the grammar of kernels/csv/README.md, "Nulls and values", written to be read.

import {
  formatDecimalText,
  parseDateText,
  parseDecimalText,
  parseDurationText,
  parseTimestampText,
} from "../../column/index.ts";
import { BOOL, type DType, INT64, integerLimits, isFloat, isInteger } from "../../dtype/index.ts";

/** Dates are days, timestamps units since 1970-01-01, durations units. */
export type CsvValue = boolean | number | bigint | string;

const INTEGER = /^[+-]?\d+$/;
const FLOAT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const SPECIAL = /^(?:nan|[+-]?inf(?:inity)?)$/i;
const LEADING_ZERO = /^[+-]?0\d/;

/**
 * Null if the text is no value of the dtype. `lossless` (columns whose dtype was inferred) refuses numbers that would
 * not give their text back: those with a leading zero, and integers beyond int64.
 */
export function parseCsvValue(text: string, dtype: DType, lossless: boolean): CsvValue | null {
  if (dtype === BOOL) {
    const lower = text.length <= 5 ? text.toLowerCase() : "";
    return lower === "true" ? true : lower === "false" ? false : null;
  }
  if (isInteger(dtype)) {
    if (!INTEGER.test(text) || (lossless && LEADING_ZERO.test(text))) return null;
    const value = BigInt(text.startsWith("+") ? text.slice(1) : text);
    const { min, max } = integerLimits(dtype);
    return value < min || value > max ? null : value;
  }
  if (isFloat(dtype)) {
    if (SPECIAL.test(text)) return specialFloat(text);
    if (!FLOAT.test(text) || (lossless && !keepsDigits(text))) return null;
    return dtype.kind === "float64" ? Number(text) : nearestFloat32(text);
  }
  if (dtype.kind === "date") return parseDateText(isoText(text));
  if (dtype.kind === "timestamp") return parseTimestampText(isoText(text), dtype.unit);
  if (dtype.kind === "decimal") {
    const unscaled = parseDecimalText(text, dtype);
    return unscaled === null ? null : formatDecimalText(unscaled, dtype.scale);
  }
  if (dtype.kind === "duration") return parseDurationText(text, dtype.unit);
  return text;
}

/** Dates that stand in files beside those of ISO 8601: each order is written with its separator and no other. */
const YEAR_FIRST = /^(\d{4})\/(\d{2})\/(\d{2})/;
const DAY_FIRST = /^(\d{2})\.(\d{2})\.(\d{4})/;

function isoText(text: string): string {
  return text.replace(YEAR_FIRST, "$1-$2-$3").replace(DAY_FIRST, "$3-$2-$1");
}

/** A leading zero would be lost in any number, and digits in an integer beyond int64. */
function keepsDigits(text: string): boolean {
  if (LEADING_ZERO.test(text)) return false;
  return !INTEGER.test(text) || parseCsvValue(text, INT64, true) !== null;
}

function specialFloat(text: string): number {
  if (text.toLowerCase() === "nan") return Number.NaN;
  return text.startsWith("-") ? -Infinity : Infinity;
}

/**
 * Rounded once. Rounding to float64 first is wrong only if that lands on a tie between two float32 values which the
 * decimal text is not: then the text's side of the tie decides.
 */
export function nearestFloat32(text: string): number {
  const wide = Number(text);
  const narrow = Math.fround(wide);
  if (narrow === wide || !Number.isFinite(wide)) return narrow;
  const other = nextFloat32(narrow, wide);
  const tie =
    Number.isFinite(narrow) && Number.isFinite(other)
      ? (narrow + other) / 2
      : TOP_TIE * Math.sign(wide);
  if (tie !== wide) return narrow;
  const side = compareDecimal(text, wide);
  if (side === 0) return narrow;
  return side > 0 === narrow < wide ? other : narrow;
}

/** Halfway between the greatest float32 and 2^128. */
const TOP_TIE = 2 ** 128 - 2 ** 103;

/** The float32 next to `from` in the direction of `to`. */
function nextFloat32(from: number, to: number): number {
  if (!Number.isFinite(from)) return Math.sign(from) * (2 ** 128 - 2 ** 104);
  const bits = new Int32Array(new Float32Array([Math.abs(from)]).buffer);
  const away = Math.abs(to) > Math.abs(from);
  bits[0] = (bits[0] as number) + (away ? 1 : -1);
  return Math.sign(to) * (new Float32Array(bits.buffer)[0] as number);
}

/** The sign of (decimal text - value), exactly. */
function compareDecimal(text: string, value: number): number {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) as RegExpExecArray;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const digits = BigInt(`${whole}${fraction}` || "0") * (sign === "-" ? -1n : 1n);
  const scale = Number(exponent) - fraction.length;
  // value = mantissa * 2^-1074
  const mantissa = exactMantissa(value);
  const left = digits * (scale > 0 ? 10n ** BigInt(scale) : 1n) * 2n ** 1074n;
  const right = mantissa * (scale < 0 ? 10n ** BigInt(-scale) : 1n);
  return left === right ? 0 : left > right ? 1 : -1;
}

/** value * 2^1074, which is a whole number for every finite value. */
function exactMantissa(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(value));
  const bits = view.getBigUint64(0);
  const exponent = bits >> 52n;
  const fraction = bits & ((1n << 52n) - 1n);
  const magnitude = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
  return value < 0 ? -magnitude : magnitude;
}

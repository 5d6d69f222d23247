// Values to text and back, in the forms of kernels/csv/README.md.

import {
  formatDateText,
  formatTimestampText,
  parseDateText,
  parseTimestampText,
} from "../../column/index.ts";
import { type DType, dtypeName, integerLimits, isFloat, isInteger } from "../../dtype/index.ts";
import type { Scalar } from "./values.ts";

const INTEGER = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The value that a text stands for, or null if it is no such value. */
export function parseValue(text: string, dtype: DType): Scalar | null {
  if (isInteger(dtype)) return parseInteger(text, dtype);
  if (isFloat(dtype)) return parseFloatText(text, dtype.kind === "float32");
  switch (dtype.kind) {
    case "string":
      return text;
    case "bool":
      return parseBool(text);
    case "date": {
      const days = parseDateText(text);
      return days === null ? null : BigInt(days);
    }
    case "timestamp":
      return parseTimestampText(text, dtype.unit);
    default:
      throw new Error(`no text form of ${dtypeName(dtype)}`);
  }
}

function parseInteger(text: string, dtype: DType): bigint | null {
  if (!INTEGER.test(text)) return null;
  const value = BigInt(text.startsWith("+") ? text.slice(1) : text);
  const { min, max } = integerLimits(dtype);
  return value >= min && value <= max ? value : null;
}

function parseFloatText(text: string, single: boolean): number | null {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special) {
    if (special[2]?.toLowerCase() === "nan") return Number.NaN;
    return special[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (!DECIMAL.test(text)) return null;
  return single ? Math.fround(Number(text)) : Number(text);
}

function parseBool(text: string): boolean | null {
  const folded = text.toLowerCase();
  return folded === "true" ? true : folded === "false" ? false : null;
}

export function formatValue(value: Scalar, dtype: DType): string {
  switch (dtype.kind) {
    case "date":
      return formatDateText(Number(value));
    case "timestamp":
      return formatTimestampText(value as bigint, dtype.unit);
    default:
      return Object.is(value, -0) ? "-0" : String(value);
  }
}

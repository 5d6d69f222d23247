// Values to text and back, in the forms of kernels/csv/README.md.

import {
  formatDateText,
  formatDecimalText,
  formatDurationText,
  formatFloatText,
  formatPattern,
  formatTimestampText,
  parseDateText,
  parseDecimalText,
  parseDurationText,
  parsePattern,
  parseTimestampText,
} from "../../column/index.ts";
import {
  type DType,
  dtypeName,
  integerLimits,
  isFloat,
  isInteger,
  type TimeUnit,
} from "../../dtype/index.ts";
import { nearestFloat32 } from "../../io/index.ts";
import type { Scalar } from "./values.ts";

const BEYOND = 2n ** 64n;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * The value that a text stands for, or null if it is no such value.
 * @param radix of integers, 2 to 36
 */
export function parseValue(
  text: string,
  dtype: DType,
  radix = 10,
  pattern?: string,
): Scalar | null {
  if (pattern !== undefined) return parsePattern(text, unitOf(dtype), pattern);
  if (isInteger(dtype)) return parseInteger(text, dtype, radix);
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
    case "duration":
      return parseDurationText(text, dtype.unit);
    case "decimal":
      return parseDecimalText(text, dtype);
    default:
      throw new Error(`no text form of ${dtypeName(dtype)}`);
  }
}

function parseInteger(text: string, dtype: DType, radix: number): bigint | null {
  const digits = text.replace(/^[+-]/, "");
  const value = radix === 10 ? decimalValue(digits) : valueInRadix(digits, radix);
  return value === null ? null : inRange(text.startsWith("-") ? -value : value, dtype);
}

function decimalValue(digits: string): bigint | null {
  return /^[0-9]+$/.test(digits) ? BigInt(digits) : null;
}

function valueInRadix(digits: string, radix: number): bigint | null {
  let value = 0n;
  for (const digit of digits) {
    const weight = /^[0-9a-z]$/i.test(digit) ? Number.parseInt(digit, 36) : radix;
    if (weight >= radix) return null;
    // Beyond all integers more digits change nothing, and a long text stays cheap.
    if (value < BEYOND) value = value * BigInt(radix) + BigInt(weight);
  }
  return digits === "" ? null : value;
}

function inRange(value: bigint, dtype: DType): bigint | null {
  const { min, max } = integerLimits(dtype);
  return value >= min && value <= max ? value : null;
}

function parseFloatText(text: string, single: boolean): number | null {
  const special = /^(?:([+-]?)inf(?:inity)?|nan)$/i.exec(text);
  if (special) {
    if (/nan/i.test(text)) return Number.NaN;
    return special[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (!DECIMAL.test(text)) return null;
  return single ? nearestFloat32(text) : Number(text);
}

function parseBool(text: string): boolean | null {
  const folded = text.toLowerCase();
  return folded === "true" ? true : folded === "false" ? false : null;
}

/** Null: days. */
function unitOf(dtype: DType): TimeUnit | null {
  return dtype.kind === "timestamp" ? dtype.unit : null;
}

export function formatValue(value: Scalar, dtype: DType, pattern?: string): string {
  if (pattern !== undefined) return formatPattern(value as bigint, unitOf(dtype), pattern);
  switch (dtype.kind) {
    case "date":
      return formatDateText(Number(value));
    case "timestamp":
      return formatTimestampText(value as bigint, dtype.unit);
    case "duration":
      return formatDurationText(value as bigint, dtype.unit);
    case "decimal":
      return formatDecimalText(value as bigint, dtype.scale);
    case "float32":
    case "float64":
      return formatFloatText(value as number, dtype.kind === "float32");
    default:
      return String(value);
  }
}

// The dtypes of literals. A plain JavaScript value takes the dtype of what stands beside it where it fits exactly; else
// its natural one.

import { CastError, TypeMismatchError } from "../base/index.ts";
import {
  decimalSource,
  digitsOfText,
  parseDateText,
  parseDecimalText,
  parseSpanText,
  parseTimestampText,
  UNITS_PER_SECOND,
} from "../column/index.ts";
import {
  BOOL,
  type DecimalType,
  type DType,
  decimal,
  dtypeName,
  FLOAT64,
  INT64,
  integerLimits,
  isFloat,
  isInteger,
  isTemporal,
  STRING,
  timestamp,
  UINT64,
} from "../dtype/index.ts";
import type { LiteralValue } from "../expr/index.ts";
import type { LiteralScalar } from "./bound.ts";
import { literalText } from "./print.ts";

const LONE_SURROGATE = /\p{Surrogate}/gu;
const MS_PER_DAY = 86_400_000;

/** The dtype of a literal that stands alone; null has none. */
export function naturalDType(value: LiteralValue): DType | null {
  if (value === null) return null;
  switch (typeof value) {
    case "boolean":
      return BOOL;
    case "number":
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? INT64 : FLOAT64;
    case "bigint":
      return value > integerLimits(INT64).max ? UINT64 : INT64;
    case "string":
      return STRING;
    default:
      return timestamp("us");
  }
}

/** The narrowest decimal that a number literal is exactly, by its shortest digits: 0.5 is a decimal(1, 1). */
export function decimalOfLiteral(value: LiteralValue): DecimalType | null {
  const text = typeof value === "string" ? null : decimalSource(value);
  const digits = text === null ? null : digitsOfText(text);
  return digits === null ? null : decimal(digits.precision, digits.scale);
}

/** The literal as a value of the dtype, if that loses nothing; else undefined. Null fits all. */
export function exactLiteral(value: LiteralValue, dtype: DType): LiteralScalar | undefined {
  if (value === null) return null;
  if (isInteger(dtype)) return exactInteger(value, dtype);
  if (isFloat(dtype)) return exactFloat(value, dtype.kind === "float32");
  switch (dtype.kind) {
    case "bool":
      return typeof value === "boolean" ? value : undefined;
    case "string":
      return typeof value === "string" ? value.replace(LONE_SURROGATE, "\ufffd") : undefined;
    case "decimal": {
      const text = decimalSource(value);
      return text === null ? undefined : (parseDecimalText(text, dtype) ?? undefined);
    }
    case "date":
      return exactDate(value);
    case "timestamp":
      if (typeof value === "string") return parseTimestampText(value, dtype.unit) ?? undefined;
      return value instanceof Date ? exactInstant(value, UNITS_PER_SECOND[dtype.unit]) : undefined;
    case "duration":
      return typeof value === "string"
        ? (parseSpanText(value, dtype.unit) ?? undefined)
        : undefined;
    default:
      return undefined;
  }
}

function exactInteger(value: LiteralValue, dtype: DType): bigint | undefined {
  const whole = typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value;
  if (typeof whole !== "bigint") return undefined;
  const { min, max } = integerLimits(dtype);
  return whole >= min && whole <= max ? whole : undefined;
}

function exactFloat(value: LiteralValue, single: boolean): number | undefined {
  if (typeof value !== "number" && typeof value !== "bigint") return undefined;
  const float = single ? Math.fround(Number(value)) : Number(value);
  if (typeof value === "number") return Object.is(float, value) ? float : undefined;
  return Number.isFinite(float) && BigInt(float) === value ? float : undefined;
}

function exactDate(value: LiteralValue): bigint | undefined {
  const days =
    value instanceof Date
      ? value.getTime() / MS_PER_DAY
      : typeof value === "string"
        ? parseDateText(value)
        : null;
  return days !== null && Number.isInteger(days) ? BigInt(days) : undefined;
}

function exactInstant(value: Date, perSecond: bigint): bigint | undefined {
  const scaled = BigInt(value.getTime()) * perSecond;
  const units = scaled / 1000n;
  return scaled % 1000n === 0n && units === BigInt.asIntN(64, units) ? units : undefined;
}

/**
 * A literal whose dtype the user names: floats are rounded to it, whole numbers are days or units of a temporal dtype.
 * @throws CastError for a value that it cannot hold, TypeMismatchError for one of another kind.
 */
export function typedLiteral(value: LiteralValue, dtype: DType, operator: string): LiteralScalar {
  const exact = exactLiteral(value, dtype);
  if (exact !== undefined) return exact;
  const isNumber = typeof value === "number" || typeof value === "bigint";
  if (isFloat(dtype) && isNumber) {
    return dtype.kind === "float32" ? Math.fround(Number(value)) : Number(value);
  }
  if (isTemporal(dtype) && isNumber) {
    const raw = exactInteger(value, dtype);
    if (raw !== undefined) return raw;
  }
  const text = `lit(${literalText(value)}) is no ${dtypeName(dtype)}`;
  const details = { operator, hint: "Give the literal a dtype that holds it, or none." };
  const isExact = isInteger(dtype) || dtype.kind === "decimal";
  const sameKind = (isExact && isNumber) || isTemporal(dtype);
  throw sameKind ? new CastError(text, details) : new TypeMismatchError(text, details);
}

// The one table of implicit conversions. Two operands of different dtypes meet in the dtype that holds the values of
// both; where none does, the user has to cast.
//
//   integers of one sign              the wider one                          int8 + int32 -> int32
//   signed with unsigned              the signed one that holds both         int8 + uint8 -> int16
//   uint64 with signed                none: float64 would lose digits
//   int8 int16 uint8 uint16, float32  float32, exactly
//   any other integer with a float    float64, rounded beyond 2^53
//   float32, float64                  float64
//   decimals                          the digits of both before and after the point    decimal(5, 2) + decimal(4, 3)
//                                     -> decimal(6, 3); none where that takes more than 38
//   decimal with an integer           as with decimal(D, 0), D the digits of the integer dtype's limits
//   decimal with a float              float64
//   date, timestamp                   the timestamp: a date is its midnight in UTC
//   timestamps                        the finer unit; the zone if both have the same, else none (UTC)
//   durations                         the finer unit
//   everything else                   only with itself

import { isFloat, isInteger, isUnsigned } from "./classes.ts";
import { commonDecimal, decimalOfInteger } from "./decimal.ts";
import {
  type DecimalType,
  type DType,
  duration,
  FLOAT32,
  FLOAT64,
  INT8,
  INT16,
  INT32,
  INT64,
  sameDType,
  type TimeUnit,
  timestamp,
  UINT8,
  UINT16,
  UINT32,
  UINT64,
} from "./dtype.ts";

const SIGNED = [INT8, INT16, INT32, INT64];
const UNSIGNED = [UINT8, UINT16, UINT32, UINT64];
const UNITS: readonly TimeUnit[] = ["s", "ms", "us", "ns"];

/** The dtype in which both operands meet, or null. */
export function commonDType(a: DType, b: DType): DType | null {
  if (sameDType(a, b)) return a;
  if (isInteger(a) && isInteger(b)) return commonInteger(a, b);
  if (isFloat(a) && isFloat(b)) return FLOAT64;
  if (isInteger(a) && isFloat(b)) return integerWithFloat(a, b);
  if (isFloat(a) && isInteger(b)) return integerWithFloat(b, a);
  if (a.kind === "decimal") return decimalWith(a, b);
  if (b.kind === "decimal") return decimalWith(b, a);
  if (a.kind === "date" && b.kind === "timestamp") return b;
  if (a.kind === "timestamp" && b.kind === "date") return a;
  if (a.kind === "timestamp" && b.kind === "timestamp") {
    return timestamp(finer(a.unit, b.unit), a.timezone === b.timezone ? a.timezone : null);
  }
  if (a.kind === "duration" && b.kind === "duration") return duration(finer(a.unit, b.unit));
  return null;
}

/** The common dtype of several, or null. */
export function commonDTypeOf(dtypes: readonly DType[]): DType | null {
  const [first, ...others] = dtypes;
  return others.reduce<DType | null>(
    (common, dtype) => (common === null ? null : commonDType(common, dtype)),
    first ?? null,
  );
}

export function bitWidth(dtype: DType): number {
  return Number(/\d+$/.exec(dtype.kind)?.[0]);
}

function commonInteger(a: DType, b: DType): DType | null {
  const width = (dtype: DType, extra: number) => bitWidth(dtype) * (isUnsigned(dtype) ? extra : 1);
  if (isUnsigned(a) && isUnsigned(b)) {
    return UNSIGNED.find((dtype) => bitWidth(dtype) >= Math.max(bitWidth(a), bitWidth(b))) ?? null;
  }
  const bits = Math.max(width(a, 2), width(b, 2));
  return SIGNED.find((dtype) => bitWidth(dtype) >= bits) ?? null;
}

function integerWithFloat(integer: DType, float: DType): DType {
  return float.kind === "float32" && bitWidth(integer) <= 16 ? FLOAT32 : FLOAT64;
}

function decimalWith(a: DecimalType, b: DType): DType | null {
  if (isFloat(b)) return FLOAT64;
  if (b.kind === "decimal") return commonDecimal(a, b);
  return isInteger(b) ? commonDecimal(a, decimalOfInteger(b)) : null;
}

function finer(a: TimeUnit, b: TimeUnit): TimeUnit {
  return UNITS.indexOf(a) > UNITS.indexOf(b) ? a : b;
}

// Arrow's types and the engine's.

import {
  Bool,
  type DataType,
  type Date_,
  DateDay,
  DateUnit,
  Decimal,
  Dictionary,
  type Duration,
  DurationMicrosecond,
  DurationMillisecond,
  DurationNanosecond,
  DurationSecond,
  type Float,
  Float32,
  Float64,
  type Int,
  Int8,
  Int16,
  Int32,
  Int64,
  Precision,
  type Timestamp,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Type,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from "apache-arrow";
import { assertNever, NotSupportedError } from "../../base/index.ts";
import {
  BOOL,
  DATE,
  type DType,
  decimal,
  duration,
  FLOAT32,
  FLOAT64,
  INT8,
  INT16,
  INT32,
  INT64,
  MAX_PRECISION,
  STRING,
  type TimeUnit,
  timestamp,
  UINT8,
  UINT16,
  UINT32,
  UINT64,
} from "../../dtype/index.ts";

const SIGNED: Readonly<Record<number, DType>> = { 8: INT8, 16: INT16, 32: INT32, 64: INT64 };
const UNSIGNED: Readonly<Record<number, DType>> = { 8: UINT8, 16: UINT16, 32: UINT32, 64: UINT64 };
const UNITS: readonly TimeUnit[] = ["s", "ms", "us", "ns"];

/** @throws NotSupportedError, naming the column, for a type that the engine does not have. */
export function dtypeOfArrow(type: DataType, name: string): DType {
  switch (type.typeId) {
    case Type.Null:
      return STRING;
    case Type.Bool:
      return BOOL;
    case Type.Int: {
      const { bitWidth, isSigned } = type as Int;
      return (isSigned ? SIGNED : UNSIGNED)[bitWidth] ?? refuse(type, name);
    }
    case Type.Float: {
      const { precision } = type as Float;
      if (precision === Precision.HALF) throw unsupported(type, name);
      return precision === Precision.SINGLE ? FLOAT32 : FLOAT64;
    }
    case Type.Utf8:
    case Type.LargeUtf8:
      return STRING;
    case Type.Date:
      return (type as Date_).unit === DateUnit.DAY ? DATE : timestamp("ms");
    case Type.Timestamp: {
      const { unit, timezone } = type as Timestamp;
      return timestamp(UNITS[unit] ?? refuse(type, name), timezone ?? null);
    }
    case Type.Decimal: {
      const { bitWidth, precision, scale } = type as Decimal;
      const fits = bitWidth === 128 && precision <= MAX_PRECISION && scale >= 0;
      if (!fits || scale > precision) throw unsupported(type, name);
      return decimal(precision, scale);
    }
    case Type.Duration:
      return duration(UNITS[(type as Duration).unit] ?? refuse(type, name));
    case Type.Dictionary: {
      const { dictionary } = type as Dictionary;
      if (dictionary.typeId !== Type.Utf8 && dictionary.typeId !== Type.LargeUtf8) {
        throw unsupported(type, name);
      }
      return STRING;
    }
    default:
      throw unsupported(type, name);
  }
}

/** `encoding` decides between dictionary and plain strings. */
export function arrowOfDType(dtype: DType, encoding: "dictionary" | "other"): DataType {
  switch (dtype.kind) {
    case "bool":
      return new Bool();
    case "int8":
      return new Int8();
    case "int16":
      return new Int16();
    case "int32":
      return new Int32();
    case "int64":
      return new Int64();
    case "uint8":
      return new Uint8();
    case "uint16":
      return new Uint16();
    case "uint32":
      return new Uint32();
    case "uint64":
      return new Uint64();
    case "float32":
      return new Float32();
    case "float64":
      return new Float64();
    case "string":
      return encoding === "dictionary" ? new Dictionary(new Utf8(), new Int32()) : new Utf8();
    case "date":
      return new DateDay();
    case "timestamp":
      return timestampType(dtype.unit, dtype.timezone);
    case "duration":
      return durationType(dtype.unit);
    case "decimal":
      return new Decimal(dtype.scale, dtype.precision, 128);
    default:
      return assertNever(dtype);
  }
}

function timestampType(unit: TimeUnit, timezone: string | null): DataType {
  switch (unit) {
    case "s":
      return new TimestampSecond(timezone);
    case "ms":
      return new TimestampMillisecond(timezone);
    case "us":
      return new TimestampMicrosecond(timezone);
    case "ns":
      return new TimestampNanosecond(timezone);
    default:
      return assertNever(unit);
  }
}

function durationType(unit: TimeUnit): DataType {
  switch (unit) {
    case "s":
      return new DurationSecond();
    case "ms":
      return new DurationMillisecond();
    case "us":
      return new DurationMicrosecond();
    case "ns":
      return new DurationNanosecond();
    default:
      return assertNever(unit);
  }
}

/** Arrow types print themselves. */
function typeText(type: { toString(): string }): string {
  return type.toString();
}

function refuse(type: DataType, name: string): never {
  throw unsupported(type, name);
}

function unsupported(type: DataType, name: string): NotSupportedError {
  return new NotSupportedError(
    `Arrow column ${JSON.stringify(name)} of type ${typeText(type)} has no dtype here`,
    {
      operator: "fromArrow",
      column: name,
      hint: "Convert or leave out the column in Arrow first.",
    },
  );
}

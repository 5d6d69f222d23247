// The data types. A dtype is a frozen plain object discriminated by `kind`; equal dtypes are the same object.

import { InvalidArgumentError, shownValue } from "../base/index.ts";

export type IntegerKind =
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64";
export type FloatKind = "float32" | "float64";
export type SimpleKind = "bool" | IntegerKind | FloatKind | "string" | "date";
export type TimeUnit = "s" | "ms" | "us" | "ns";

export interface SimpleType {
  readonly kind: SimpleKind;
}
/** Signed integers of 128 bits, scaled by 10^-scale; precision in 1..38 decimal digits. */
export interface DecimalType {
  readonly kind: "decimal";
  readonly precision: number;
  readonly scale: number;
}
/** An instant: int64 units since 1970-01-01T00:00:00Z. The zone is metadata for calendar functions. */
export interface TimestampType {
  readonly kind: "timestamp";
  readonly unit: TimeUnit;
  readonly timezone: string | null;
}
/** A span of time: int64 units. */
export interface DurationType {
  readonly kind: "duration";
  readonly unit: TimeUnit;
}
export type DType = SimpleType | DecimalType | TimestampType | DurationType;
export type DTypeKind = DType["kind"];

/** What an option such as `schema:` accepts: a dtype, or its printed name ("int64", "timestamp[us]"). */
export type DTypeLike = DType | DTypeName;
export type DTypeName =
  | SimpleKind
  | "timestamp"
  | `timestamp[${string}]`
  | "duration"
  | `duration[${TimeUnit}]`
  | `decimal(${number},${number})`
  | `decimal(${number}, ${number})`;

const interned = new Map<string, DType>();

function intern<T extends DType>(dtype: T): T {
  const name = dtypeName(dtype);
  const known = interned.get(name);
  if (known !== undefined) return known as T;
  Object.freeze(dtype);
  interned.set(name, dtype);
  return dtype;
}

const simple = (kind: SimpleKind): SimpleType => intern({ kind });

export const BOOL = simple("bool");
export const INT8 = simple("int8");
export const INT16 = simple("int16");
export const INT32 = simple("int32");
export const INT64 = simple("int64");
export const UINT8 = simple("uint8");
export const UINT16 = simple("uint16");
export const UINT32 = simple("uint32");
export const UINT64 = simple("uint64");
export const FLOAT32 = simple("float32");
export const FLOAT64 = simple("float64");
export const STRING = simple("string");
export const DATE = simple("date");

export function timestamp(unit: TimeUnit = "us", timezone: string | null = null): TimestampType {
  return intern({ kind: "timestamp", unit, timezone });
}

export function duration(unit: TimeUnit = "us"): DurationType {
  return intern({ kind: "duration", unit });
}

export function decimal(precision: number, scale: number): DecimalType {
  const valid =
    Number.isInteger(precision) && precision >= 1 && precision <= 38 && Number.isInteger(scale);
  if (!valid || scale < 0 || scale > precision) {
    throw new InvalidArgumentError(`decimal(${precision}, ${scale}) is not a dtype`, {
      hint: "The precision is 1 to 38 digits, the scale 0 to the precision.",
    });
  }
  return intern({ kind: "decimal", precision, scale });
}

/** The printed name: "int64", "timestamp[us]", "timestamp[us, Europe/Zurich]", "decimal(10, 2)". */
export function dtypeName(dtype: DType): string {
  switch (dtype.kind) {
    case "timestamp":
      return dtype.timezone === null
        ? `timestamp[${dtype.unit}]`
        : `timestamp[${dtype.unit}, ${dtype.timezone}]`;
    case "duration":
      return `duration[${dtype.unit}]`;
    case "decimal":
      return `decimal(${dtype.precision}, ${dtype.scale})`;
    default:
      return dtype.kind;
  }
}

/**
 * The dtype that a printed name or a dtype object stands for.
 * @throws InvalidArgumentError for an unknown name; it names the operator that was given it.
 */
export function toDType(like: DTypeLike, operator?: string): DType {
  const name = nameOf(like, operator);
  const known = interned.get(name);
  if (known !== undefined) return known;
  if (name === "timestamp") return timestamp();
  if (name === "duration") return duration();
  const instant = /^timestamp\[(s|ms|us|ns)(?:,\s*(.+))?\]$/.exec(name);
  if (instant) return timestamp(instant[1] as TimeUnit, instant[2] ?? null);
  const span = /^duration\[(s|ms|us|ns)\]$/.exec(name);
  if (span) return duration(span[1] as TimeUnit);
  const number = /^decimal\((\d+),\s*(\d+)\)$/.exec(name);
  if (number) return decimal(Number(number[1]), Number(number[2]));
  throw noDType(JSON.stringify(name), operator);
}

function nameOf(like: unknown, operator: string | undefined): string {
  if (typeof like === "string") return like;
  const kind: unknown = typeof like === "object" && like !== null && Reflect.get(like, "kind");
  if (typeof kind === "string") return dtypeName(like as DType);
  throw noDType(shownValue(like), operator);
}

function noDType(what: string, operator: string | undefined): InvalidArgumentError {
  const prefix = operator === undefined ? "" : `${operator}(): `;
  return new InvalidArgumentError(`${prefix}${what} is not a dtype`, {
    ...(operator === undefined ? {} : { operator }),
    hint: 'Use a name such as "int64", "float64", "string", "date" or "timestamp[us]".',
  });
}

export function sameDType(a: DType, b: DType): boolean {
  return a === b || dtypeName(a) === dtypeName(b);
}

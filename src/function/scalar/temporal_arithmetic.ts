// add, sub, mul, div, floorDiv, mod and rem where a side is a date, an instant or a duration.
//
//   instant - instant            duration          dates alone: in seconds
//   instant + or - duration      timestamp         a date is its midnight in UTC
//   duration + or - duration     duration
//   duration * number            duration          by a float: in float64, rounded half away from zero
//   duration / number            duration          rounded half away from zero; integers exactly, floats in float64
//   duration / duration          float64           floorDiv: int64; mod, rem: duration
//
// Both sides meet in the finer unit. What does not fit 64 bits is an IntegerOverflowError; division by zero is null. A
// text beside them is a duration ("1h30m", "PT90M") or, where that is none, an instant.

import { coarsestUnit, spanNanoseconds, UNITS_PER_SECOND } from "../../column/index.ts";
import {
  type DType,
  type DurationType,
  duration,
  FLOAT64,
  INT64,
  isFloat,
  isInteger,
  isTemporal,
  type TimestampType,
  type TimeUnit,
  timestamp,
} from "../../dtype/index.ts";
import { type Check, laneOf, type ValueId } from "../../ir/index.ts";
import type { BoundCall } from "../bound.ts";
import type { Lowered, ProgramBuilder } from "../builder.ts";
import { exactLiteral } from "../literal.ts";
import { callText, checkAt, type LowerContext } from "../lower.ts";
import { type Operand, operandDType } from "../operand.ts";
import { type CallSite, mismatch, pair, type Signature } from "./function.ts";
import { arithmeticOn } from "./lane_arithmetic.ts";

export type TemporalOp = "add" | "sub" | "mul" | "div" | "floorDiv" | "mod" | "rem";

type Instant = TimestampType | { readonly kind: "date" };

/** Null: no side is temporal, so the operation is on numbers. */
export function bindTemporalArithmetic(site: CallSite, op: TemporalOp): Signature | null {
  const dtypes = site.operands.map(operandDType);
  if (!dtypes.some((dtype) => dtype !== null && isTemporal(dtype))) return null;
  const [a, b] = site.operands as readonly [Operand, Operand];
  const args = [besideTemporal(a, b), besideTemporal(b, a)] as const;
  const dtype = resultOf(op, ...args);
  if (dtype !== null) return { args, dtype };
  throw mismatch(site, TAKES[op], 'Write a duration as duration({ days: 1 }) or "1d".');
}

const TAKES: Readonly<Record<TemporalOp, string>> = {
  add: "an instant and a duration, or two durations",
  sub: "two instants, an instant and a duration, or two durations",
  mul: "a duration and a number",
  div: "a duration and a number, or two durations",
  floorDiv: "a duration and an integer, or two durations",
  mod: "two durations",
  rem: "two durations",
};

/** The dtype of an operand; that of a literal goes by what stands beside it. */
function besideTemporal(operand: Operand, other: Operand): DType {
  if (operand.kind === "typed") return numberDType(operand.expr.dtype);
  const { value } = operand;
  const beside = operandDType(other) ?? INT64;
  if (value === null) return duration(unitOf(beside));
  if (typeof value === "string") {
    const span = spanNanoseconds(value);
    if (span !== null) return duration(coarsestUnit(span));
    const fitting = [beside, timestamp(unitOf(beside)), timestamp("ns")];
    const isInstant = (dtype: DType) =>
      isTemporal(dtype) && exactLiteral(value, dtype) !== undefined;
    return fitting.find(isInstant) ?? operandDType(operand) ?? INT64;
  }
  if (value instanceof Date) {
    return exactLiteral(value, beside) === undefined ? timestamp("ms") : beside;
  }
  return numberDType(operandDType(operand) ?? INT64);
}

function numberDType(dtype: DType): DType {
  return isInteger(dtype) ? INT64 : isFloat(dtype) ? FLOAT64 : dtype;
}

function unitOf(dtype: DType): TimeUnit {
  return dtype.kind === "timestamp" || dtype.kind === "duration" ? dtype.unit : "s";
}

function isDuration(dtype: DType): dtype is DurationType {
  return dtype.kind === "duration";
}

function isInstant(dtype: DType): dtype is Instant {
  return dtype.kind === "date" || dtype.kind === "timestamp";
}

function resultOf(op: TemporalOp, a: DType, b: DType): DType | null {
  const unit = finerUnit(a, b);
  const isNumber = b === INT64 || b === FLOAT64;
  if (isDuration(a) && isDuration(b)) {
    if (op === "mul") return null;
    return op === "div" ? FLOAT64 : op === "floorDiv" ? INT64 : duration(unit);
  }
  if (op === "add" || op === "sub") {
    if (isInstant(a) && isDuration(b)) return instantOf(a, unit);
    if (op === "add" && isDuration(a) && isInstant(b)) return instantOf(b, unit);
    return op === "sub" && isInstant(a) && isInstant(b) ? duration(unit) : null;
  }
  if (isDuration(a) && isNumber) {
    const whole = op === "floorDiv" && b === INT64;
    return op === "mul" || op === "div" || whole ? a : null;
  }
  return op === "mul" && isDuration(b) && (a === INT64 || a === FLOAT64) ? b : null;
}

function instantOf(instant: Instant, unit: TimeUnit): DType {
  return timestamp(unit, instant.kind === "timestamp" ? instant.timezone : null);
}

/** Dates do not have a unit: they take that of the other side, or seconds. */
function finerUnit(a: DType, b: DType): TimeUnit {
  const [x, y] = [unitOf(a), unitOf(b)];
  return UNITS_PER_SECOND[x] > UNITS_PER_SECOND[y] ? x : y;
}

export function isTemporalCall(call: BoundCall): boolean {
  return call.args.some(({ dtype }) => isTemporal(dtype));
}

export function lowerTemporalArithmetic(
  context: LowerContext,
  args: readonly Lowered[],
  call: BoundCall,
  op: TemporalOp,
): Lowered {
  const { builder } = context;
  const [a, b] = pair(args);
  const [aDType, bDType] = call.args.map(({ dtype }) => dtype) as [DType, DType];
  const validity = builder.allValid(args);
  const check = checkAt(context, "overflow", callText(call), validity);
  if (!isTemporal(aDType)) return scaled(context, op, [b.value, a.value], aDType, validity, check);
  if (!isTemporal(bDType)) return scaled(context, op, [a.value, b.value], bDType, validity, check);
  const unit = finerUnit(aDType, bDType);
  const x = rescaled(builder, aDType, unit, a.value, check);
  const y = rescaled(builder, bDType, unit, b.value, check);
  if (op === "add" || op === "sub") {
    return { value: builder.arithmetic(op, "i64", x, y, check), validity };
  }
  const divides = builder.compare("ne", "i64", y, builder.constant("i64", 0));
  const where = builder.both(validity, divides);
  if (op === "div") {
    return { value: builder.quotient64("i64", x, y), validity: where };
  }
  const guard = { ...check, guard: builder.both(check.guard, divides) };
  const name = op === "floorDiv" ? op : op === "mod" ? "mod" : "rem";
  const checkOf = op === "floorDiv" ? guard : null;
  return { value: builder.arithmetic(name, "i64", x, y, checkOf), validity: where };
}

/** Units of a date, an instant or a duration as those of another unit. */
function rescaled(
  builder: ProgramBuilder,
  from: DType,
  unit: TimeUnit,
  value: ValueId,
  check: Check,
): ValueId {
  const perSecond = UNITS_PER_SECOND[unit];
  const isDate = from.kind === "date";
  const factor = isDate ? perSecond * 86_400n : perSecond / UNITS_PER_SECOND[unitOf(from)];
  const wide = builder.convert(laneOf(from), "i64", value);
  if (factor === 1n) return wide;
  // 2^31 days are 2^64 microseconds, but fewer than 2^63 milliseconds.
  const fits = isDate && (unit === "s" || unit === "ms");
  const k = builder.constant("i64", factor);
  return builder.arithmetic("mul", "i64", wide, k, fits ? null : check);
}

/** A duration times or by a number. */
function scaled(
  { builder }: LowerContext,
  op: TemporalOp,
  [span, number]: readonly [ValueId, ValueId],
  dtype: DType,
  validity: ValueId | null,
  check: Check,
): Lowered {
  if (dtype === FLOAT64) {
    const wide = builder.convert("i64", "f64", span);
    const exact = builder.arithmetic(op === "mul" ? "mul" : "div", "f64", wide, number);
    const rounded = builder.unary("round", "f64", exact);
    const isZero = builder.compare("eq", "f64", number, builder.constant("f64", 0));
    const divides = op === "mul" ? null : builder.not(isZero);
    const where = builder.both(validity, divides);
    const guard = builder.both(check.guard, divides);
    const fits = builder.require(builder.fits("f64", "i64", rounded), { ...check, guard });
    return {
      value: builder.convert("f64", "i64", rounded),
      validity: builder.both(where, fits),
    };
  }
  if (op === "mul")
    return { value: builder.arithmetic("mul", "i64", span, number, check), validity };
  const divides = builder.compare("ne", "i64", number, builder.constant("i64", 0));
  const guarded = { ...check, guard: builder.both(check.guard, divides) };
  const value =
    op === "floorDiv"
      ? builder.arithmetic("floorDiv", "i64", span, number, guarded)
      : roundedQuotient(builder, span, number, guarded);
  return { value, validity: builder.both(validity, divides) };
}

/** a / b rounded half away from zero. Magnitudes are compared as negatives, which every int64 has. */
function roundedQuotient(builder: ProgramBuilder, a: ValueId, b: ValueId, check: Check): ValueId {
  const { op, k } = arithmeticOn(builder, "i64");
  const zero = k(0);
  const negative = (value: ValueId) => builder.compare("lt", "i64", value, zero);
  const negated = (value: ValueId) =>
    builder.select("i64", negative(value), value, op("sub", zero, value));
  const quotient = builder.arithmetic("div", "i64", a, b, check);
  const [rest, divisor] = [negated(op("rem", a, b)), negated(b)];
  const isHalf = builder.compare("le", "i64", rest, op("sub", divisor, rest));
  const sign = builder.emit({ op: "xor", lane: "bool", a: negative(a), b: negative(b) });
  const step = builder.select("i64", sign, k(-1), k(1));
  return op("add", quotient, builder.select("i64", isHalf, step, zero));
}

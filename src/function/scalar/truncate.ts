// dt.truncate(every): the start of the interval that holds the instant, on the clock of its zone. Intervals of a fixed
// length start at the epoch, those of durations at zero, weeks on Mondays, months, quarters and years at the first day of year 0. Where clocks skip
// the start, it is the moment in which they do; where they have it twice, the earlier one for days and longer intervals,
// and the one next before the instant for shorter ones.

import { NANOSECONDS, UNITS_PER_SECOND } from "../../column/index.ts";
import { DATE, type DType, type TimestampType } from "../../dtype/index.ts";
import { laneOf, type ValueId } from "../../ir/index.ts";
import type { BoundCall } from "../bound.ts";
import type { Lowered } from "../builder.ts";
import { callText, checkAt, type LowerContext } from "../lower.ts";
import { operandDType } from "../operand.ts";
import { bindTemporal, civilFromDays, daysFromCivil, onLocalClock, splitInstant } from "./civil.ts";
import {
  type CallSite,
  commonOf,
  invalidOption,
  mismatch,
  only,
  optionOf,
  type ScalarFunction,
} from "./function.ts";
import { arithmeticOn, divMod } from "./lane_arithmetic.ts";
import { instantsOf, isUtc, offsetAt } from "./zone.ts";

/** Either a fixed number of nanoseconds, from an offset to the epoch, or a number of months. */
type Interval =
  | { readonly kind: "fixed"; readonly nanoseconds: bigint; readonly origin: bigint }
  | { readonly kind: "months"; readonly months: bigint };

const MONTHS: Readonly<Record<string, bigint>> = { mo: 1n, q: 3n, y: 12n };
const DAY = 86_400_000_000_000n;
/** 1970-01-05, the first Monday. */
const MONDAY = 4n * DAY;
const MOST = 2n ** 31n;

/** "15m", "1h", "1d", "1w", "1mo", "1q", "1y"; null for anything else. */
export function parseInterval(every: string): Interval | null {
  const match = /^(\d{1,9})(ns|us|ms|s|mo|m|h|d|w|q|y)$/.exec(every);
  if (match === null) return null;
  const count = BigInt(match[1] as string);
  const unit = match[2] as string;
  const months = MONTHS[unit];
  if (count === 0n || count * (months ?? 1n) >= MOST) return null;
  if (months !== undefined) return { kind: "months", months: count * months };
  const nanoseconds = count * (NANOSECONDS[unit] as bigint);
  return { kind: "fixed", nanoseconds, origin: unit === "w" ? MONDAY : 0n };
}

function intervalOf(site: CallSite): Interval {
  const every = optionOf(site, "every");
  const interval = typeof every === "string" ? parseInterval(every) : null;
  if (interval !== null) return interval;
  throw invalidOption(
    site,
    `${JSON.stringify(every)} is no interval`,
    'Write a number and a unit: "15m", "1h", "1d", "1w", "1mo", "1q", "1y".',
  );
}

function bind(site: CallSite) {
  const [operand] = site.operands;
  const isSpan = operand !== undefined && operandDType(operand)?.kind === "duration";
  const dtype = isSpan ? commonOf(site, "a duration", DATE) : bindTemporal(site, true);
  const interval = intervalOf(site);
  if (isSpan && interval.kind === "months") {
    throw mismatch(
      site,
      "a date or timestamp for months and years",
      "Months have no fixed length; weeks and shorter units do.",
    );
  }
  if (interval.kind === "fixed") {
    const unit = nanosecondsPerUnit(dtype);
    if (dtype === DATE && interval.nanoseconds % unit !== 0n) {
      throw mismatch(
        site,
        "a timestamp for intervals within a day",
        'Use .cast("timestamp") first.',
      );
    }
    const finer = unit % interval.nanoseconds === 0n;
    if (!finer && interval.nanoseconds % unit !== 0n) {
      throw invalidOption(site, "the interval is no multiple of the unit", "Cast to a finer unit.");
    }
    if (interval.nanoseconds / unit >= 2n ** 62n) {
      throw invalidOption(site, "the interval is too long for the unit", "Use months or years.");
    }
  }
  return { args: [dtype], dtype };
}

function nanosecondsPerUnit(dtype: DType): bigint {
  if (dtype.kind !== "timestamp" && dtype.kind !== "duration") return DAY;
  return 1_000_000_000n / UNITS_PER_SECOND[dtype.unit];
}

function lower(context: LowerContext, args: readonly Lowered[], call: BoundCall): Lowered {
  const interval = parseInterval(String(call.options.every));
  if (interval === null) throw new Error("invariant violated: an interval that was bound");
  const input = only(args);
  return interval.kind === "fixed"
    ? truncateFixed(context, input, call, interval)
    : truncateMonths(context, input, call, interval.months);
}

/**
 * a - ((a - origin) mod step), computed in 64 bits. Only this difference can leave the dtype, at the start of time; the
 * modulus of a shifted value is taken of two moduli, so that the shift cannot overflow.
 */
function truncateFixed(
  context: LowerContext,
  { value: a, validity }: Lowered,
  call: BoundCall,
  interval: Extract<Interval, { kind: "fixed" }>,
): Lowered {
  const { builder } = context;
  const unit = nanosecondsPerUnit(call.dtype);
  const step = interval.nanoseconds / unit;
  if (step <= 1n) return { value: a, validity };
  const { dtype } = call;
  const onTheSecond = 1_000_000_000n % interval.nanoseconds === 0n;
  if (dtype.kind === "timestamp" && !isUtc(dtype.timezone) && !onTheSecond) {
    const input = { value: a, validity };
    return interval.nanoseconds % DAY === 0n
      ? truncateLocalDays(context, input, call, dtype, interval)
      : truncateLocalClock(context, input, call, dtype, step);
  }
  const lane = laneOf(call.dtype);
  const { op, k } = arithmeticOn(builder, "i64");
  const wide = builder.convert(lane, "i64", a);
  const origin = dtype.kind === "duration" ? 0n : interval.origin / unit;
  const ahead = (step - (origin % step)) % step;
  const inStep = op("mod", wide, k(step));
  const shifted = op("add", inStep, k(ahead));
  const wraps = builder.compare("le", "i64", k(step), shifted);
  const offset =
    ahead === 0n ? inStep : builder.select("i64", wraps, op("sub", shifted, k(step)), shifted);
  const check = checkAt(context, "overflow", callText(call), validity);
  const start = builder.arithmetic("sub", "i64", wide, offset, check);
  return narrow(context, call, { value: start, validity });
}

function truncateMonths(
  context: LowerContext,
  { value: a, validity }: Lowered,
  call: BoundCall,
  months: bigint,
): Lowered {
  const { builder } = context;
  const { op, k } = arithmeticOn(builder, "i64");
  const { lane, days } = splitInstant(builder, call.dtype, a);
  const civil = civilFromDays(builder, lane, days);
  const year = builder.convert(lane, "i64", civil.year);
  const month = builder.convert("i32", "i64", civil.month);
  const sinceYear0 = op("add", op("mul", year, k(12)), op("sub", month, k(1)));
  const first = op("sub", sinceYear0, op("mod", sinceYear0, k(months)));
  const years = divMod(arithmeticOn(builder, "i64"), first, 12);
  const startMonth = builder.convert("i64", "i32", op("add", years.rest, k(1)));
  const start = daysFromCivil(builder, "i64", {
    year: years.quotient,
    month: startMonth,
    day: builder.constant("i32", 1),
  });
  if (call.dtype.kind !== "timestamp") return narrow(context, call, { value: start, validity });
  return { value: startOfDay(context, call, call.dtype, start, validity), validity };
}

/** Days and longer: the first instant of a local day. */
function truncateLocalDays(
  context: LowerContext,
  { value: a, validity }: Lowered,
  call: BoundCall,
  dtype: TimestampType,
  interval: Extract<Interval, { kind: "fixed" }>,
): Lowered {
  const { builder } = context;
  const { op, k } = arithmeticOn(builder, "i64");
  const { lane, days } = splitInstant(builder, dtype, a);
  const wide = builder.convert(lane, "i64", days);
  const ahead = op("sub", wide, k(interval.origin / DAY));
  const start = op("sub", wide, op("mod", ahead, k(interval.nanoseconds / DAY)));
  return { value: startOfDay(context, call, dtype, start, validity), validity };
}

/** The first instant of a day (i64) on the clock of the zone, checked. */
function startOfDay(
  context: LowerContext,
  call: BoundCall,
  dtype: TimestampType,
  days: ValueId,
  validity: ValueId | null,
): ValueId {
  const { builder } = context;
  const check = checkAt(context, "overflow", callText(call), validity);
  const checked = (a: ValueId, factor: bigint) =>
    builder.arithmetic("mul", "i64", a, builder.constant("i64", factor), check);
  const perSecond = UNITS_PER_SECOND[dtype.unit];
  if (dtype.timezone === null || isUtc(dtype.timezone)) return checked(days, perSecond * 86_400n);
  const { start } = instantsOf(builder, dtype.timezone, checked(days, 86_400n));
  return dtype.unit === "s" ? start : checked(start, perSecond);
}

/** Parts of a day: the clock is taken back to the start, and if the zone's offset is another one there, read again. */
function truncateLocalClock(
  context: LowerContext,
  { value: a, validity }: Lowered,
  call: BoundCall,
  dtype: TimestampType,
  step: bigint,
): Lowered {
  const { builder } = context;
  const { op, k } = arithmeticOn(builder, "i64");
  const check = checkAt(context, "overflow", callText(call), validity);
  const checked = (name: "add" | "sub" | "mul", x: ValueId, y: ValueId) =>
    builder.arithmetic(name, "i64", x, y, check);
  const timezone = String(dtype.timezone);
  const perSecond = k(UNITS_PER_SECOND[dtype.unit]);
  const offset = builder.convert("i32", "i64", onLocalClock(builder, dtype, a).offset);
  const local = checked("add", a, op("mul", offset, perSecond));
  const rest = op("mod", local, k(step));
  const start = checked("sub", a, rest);
  const startLocal = op("sub", local, rest);
  const seconds = op("floorDiv", start, perSecond);
  const there = builder.convert("i32", "i64", offsetAt(builder, timezone, seconds));
  const again = instantsOf(builder, timezone, op("floorDiv", startLocal, perSecond)).start;
  const below = op("mod", startLocal, perSecond);
  const isSame = builder.compare("eq", "i64", there, offset);
  const other = op("add", op("mul", again, perSecond), below);
  return { value: builder.select("i64", isSame, start, other), validity };
}

/** Days in 64 bits back to a date, checked. */
function narrow(context: LowerContext, call: BoundCall, { value, validity }: Lowered): Lowered {
  if (call.dtype !== DATE) return { value, validity };
  const { builder } = context;
  const check = checkAt(context, "overflow", callText(call), validity);
  const fits = builder.require(builder.fits("i64", "i32", value), check);
  return { value: builder.convert("i64", "i32", value), validity: builder.both(validity, fits) };
}

export const truncateFunctions: readonly ScalarFunction[] = [
  { name: "dt.truncate", arity: 1, bind, lower },
];

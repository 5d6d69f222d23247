// The proleptic Gregorian calendar in IR: days since 1970-01-01 to year, month and day, and back, and instants to days.
// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". All divisions of possibly negative numbers
// floor; nothing overflows the lane for any day number that the lane holds.

import { checkTimeZone } from "../../base/index.ts";
import { UNITS_PER_SECOND } from "../../column/index.ts";
import { DATE, type DType, type TimestampType } from "../../dtype/index.ts";
import type { Check, ValueId } from "../../ir/index.ts";
import type { ProgramBuilder } from "../builder.ts";
import type { LowerContext } from "../lower.ts";
import { type CallSite, commonOf, mismatch } from "./function.ts";
import { arithmeticOn, type DayLane, divMod, type LaneArithmetic } from "./lane_arithmetic.ts";
import { isUtc, offsetAt } from "./zone.ts";

/** The year has the lane of the days; month and day are i32. */
export interface Civil {
  readonly year: ValueId;
  readonly month: ValueId;
  readonly day: ValueId;
}

/**
 * A day of the calendar, whose 400 years are 20,871 weeks: what does not name the year is found within them, in 32 bits
 * (i32) whatever the lane of the days.
 */
export interface CivilDay extends Civil {
  readonly lane: DayLane;
  /** The year less whole cycles: 0 to 400. */
  readonly yearInCycle: ValueId;
  /** Days since 1 March of year 0 of the cycle, a Wednesday. */
  readonly dayInCycle: ValueId;
}

/** Days since the epoch, and for instants the units since midnight (i64), on the clock of their zone. */
export interface SplitInstant {
  readonly lane: DayLane;
  readonly days: ValueId;
  readonly inDay: ValueId | null;
}

const DAYS_PER_ERA = 146097; // 400 years
// Days from 0000-03-01 to 1970-01-01 are 719468: 4 eras and this.
const ERAS_TO_EPOCH = 4;
const DAYS_TO_EPOCH = 135080;

/** Checks that the single operand is a date or an instant. */
export function bindTemporal(site: CallSite, takesDate: boolean): DType {
  const takes = takesDate ? "a date or timestamp" : "a timestamp";
  const dtype = commonOf(site, takes, DATE);
  if (dtype.kind === "date" && !takesDate) {
    throw mismatch(site, takes, 'A date has no clock; cast("timestamp") gives its midnight.');
  }
  if (dtype.kind !== "date" && dtype.kind !== "timestamp") {
    throw mismatch(site, takes, 'Parse text with cast("date") or cast("timestamp").');
  }
  // Raises for a zone that the runtime does not know.
  if (dtype.kind === "timestamp" && dtype.timezone !== null) checkTimeZone(dtype.timezone);
  return dtype;
}

export function unitsPerDay({ unit }: TimestampType): bigint {
  return UNITS_PER_SECOND[unit] * 86_400n;
}

export function splitInstant(builder: ProgramBuilder, dtype: DType, a: ValueId): SplitInstant {
  if (dtype.kind !== "timestamp") return { lane: "i32", days: a, inDay: null };
  if (!isUtc(dtype.timezone)) return splitLocal(builder, dtype, a);
  const lane = dtype.unit === "us" || dtype.unit === "ns" ? "i32" : "i64";
  const { quotient, rest } = divMod(arithmeticOn(builder, "i64"), a, unitsPerDay(dtype));
  return { lane, days: builder.convert("i64", lane, quotient), inDay: rest };
}

/** As splitInstant, on another clock than UTC. The offset is added within the day: no instant overflows. */
function splitLocal(builder: ProgramBuilder, dtype: TimestampType, a: ValueId): SplitInstant {
  const wide = arithmeticOn(builder, "i64");
  const narrow = arithmeticOn(builder, "i32");
  const { seconds, below, offset } = onLocalClock(builder, dtype, a);
  const utc = divMod(wide, seconds, 86_400);
  const clock = narrow.op("add", builder.convert("i64", "i32", utc.rest), offset);
  const local = divMod(narrow, clock, 86_400);
  const days = wide.op("add", utc.quotient, builder.convert("i32", "i64", local.quotient));
  const lane = dtype.unit === "us" || dtype.unit === "ns" ? "i32" : "i64";
  const inDay = builder.convert("i32", "i64", local.rest);
  const units = wide.op("add", wide.op("mul", inDay, wide.k(UNITS_PER_SECOND[dtype.unit])), below);
  return { lane, days: builder.convert("i64", lane, days), inDay: units };
}

/** Seconds since the epoch and units below the second (i64), and the seconds that the zone is ahead of UTC (i32). */
export function onLocalClock(builder: ProgramBuilder, dtype: TimestampType, a: ValueId) {
  const wide = arithmeticOn(builder, "i64");
  const { quotient: seconds, rest: below } =
    dtype.unit === "s"
      ? { quotient: a, rest: wide.k(0) }
      : divMod(wide, a, UNITS_PER_SECOND[dtype.unit]);
  const { timezone } = dtype;
  const offset =
    timezone === null ? builder.constant("i32", 0) : offsetAt(builder, timezone, seconds);
  return { seconds, below, offset };
}

/** Days (i64) and units of the day as an instant of UTC, checked. A negative day counts back from its end. */
export function joinInstant(
  context: LowerContext,
  dtype: TimestampType,
  days: ValueId,
  inDay: ValueId,
  check: Check,
): ValueId {
  const { builder } = context;
  const { op, k } = arithmeticOn(builder, "i64");
  const perDay = k(unitsPerDay(dtype));
  const isNegative = builder.compare("lt", "i64", days, k(0));
  const whole = builder.select("i64", isNegative, op("add", days, k(1)), days);
  const rest = builder.select("i64", isNegative, op("sub", inDay, perDay), inDay);
  const start = builder.arithmetic("mul", "i64", whole, perDay, check);
  return builder.arithmetic("add", "i64", start, rest, check);
}

export function civilFromDays(builder: ProgramBuilder, lane: DayLane, days: ValueId): CivilDay {
  const lanes = arithmeticOn(builder, lane);
  const narrow = arithmeticOn(builder, "i32");
  const { op, k } = narrow;
  // Years start in March. The shift by 719468 days is split, so that it cannot overflow.
  const cycles = divMod(lanes, days, DAYS_PER_ERA);
  const shifted = op("add", builder.convert(lane, "i32", cycles.rest), k(DAYS_TO_EPOCH));
  const wraps = builder.compare("le", "i32", k(DAYS_PER_ERA), shifted);
  const dayInCycle = builder.select("i32", wraps, op("sub", shifted, k(DAYS_PER_ERA)), shifted);
  const carry = builder.select(lane, wraps, lanes.k(ERAS_TO_EPOCH + 1), lanes.k(ERAS_TO_EPOCH));
  const cycle = lanes.op("add", cycles.quotient, carry);
  const leapless = op(
    "sub",
    op(
      "add",
      op("sub", dayInCycle, op("div", dayInCycle, k(1460))),
      op("div", dayInCycle, k(36524)),
    ),
    op("div", dayInCycle, k(146096)),
  );
  const yearOfEra = op("div", leapless, k(365));
  const dayOfYear = op("sub", dayInCycle, daysBeforeYear(narrow, yearOfEra));
  const shiftedMonth = op("div", op("add", op("mul", dayOfYear, k(5)), k(2)), k(153));
  const day = op("add", op("sub", dayOfYear, daysBeforeMonth(narrow, shiftedMonth)), k(1));
  const fromMarch = builder.compare("lt", "i32", shiftedMonth, k(10));
  const month = op("add", shiftedMonth, builder.select("i32", fromMarch, k(3), k(-9)));
  const yearInCycle = op("add", yearOfEra, builder.select("i32", fromMarch, k(0), k(1)));
  const year = lanes.op(
    "add",
    builder.convert("i32", lane, yearInCycle),
    lanes.op("mul", cycle, lanes.k(400)),
  );
  return { lane, year, month, day, yearInCycle, dayInCycle };
}

/** Days since the epoch of a day of the month (1 to 31), modulo the lane's width. */
export function daysFromCivil(builder: ProgramBuilder, lane: DayLane, civil: Civil): ValueId {
  const lanes = arithmeticOn(builder, lane);
  const narrow = arithmeticOn(builder, "i32");
  const { op, k } = narrow;
  const fromMarch = builder.compare("lt", "i32", k(2), civil.month);
  const before = builder.select(lane, fromMarch, lanes.k(0), lanes.k(1));
  const shiftedMonth = op("add", civil.month, builder.select("i32", fromMarch, k(-3), k(9)));
  const years = divMod(lanes, lanes.op("sub", civil.year, before), 400);
  const yearOfEra = builder.convert(lane, "i32", years.rest);
  const dayOfYear = op("add", daysBeforeMonth(narrow, shiftedMonth), op("sub", civil.day, k(1)));
  const dayOfEra = op("add", daysBeforeYear(narrow, yearOfEra), dayOfYear);
  const eras = lanes.op("sub", years.quotient, lanes.k(ERAS_TO_EPOCH));
  const sinceEpoch = builder.convert("i32", lane, op("sub", dayOfEra, k(DAYS_TO_EPOCH)));
  return lanes.op("add", lanes.op("mul", eras, lanes.k(DAYS_PER_ERA)), sinceEpoch);
}

/** @param year i32, less any number of cycles */
export function isLeapYear(builder: ProgramBuilder, year: ValueId): ValueId {
  const { op, k } = arithmeticOn(builder, "i32");
  const divides = (divisor: number) =>
    builder.compare("eq", "i32", op("rem", year, k(divisor)), k(0));
  const regular = builder.and(divides(4), builder.not(divides(100)));
  return builder.or(regular, divides(400));
}

/** 31 and 30 alternate, and start anew in August; February apart. All i32, the year less any number of cycles. */
export function lengthOfMonth(builder: ProgramBuilder, year: ValueId, month: ValueId): ValueId {
  const { op, k } = arithmeticOn(builder, "i32");
  const odd = op("bitAnd", op("add", month, op("shr", month, k(3))), k(1));
  const february = builder.select("i32", isLeapYear(builder, year), k(29), k(28));
  const isFebruary = builder.compare("eq", "i32", month, k(2));
  return builder.select("i32", isFebruary, february, op("add", odd, k(30)));
}

/** The day of the year, from 1 (i32). */
export function ordinalOf(builder: ProgramBuilder, civil: CivilDay): ValueId {
  const narrow = arithmeticOn(builder, "i32");
  const { op, k } = narrow;
  const leapDay = builder.select("i32", isLeapYear(builder, civil.yearInCycle), k(60), k(59));
  const fromMarch = op("add", daysBeforeMonth(narrow, op("sub", civil.month, k(3))), leapDay);
  const untilMarch = op("mul", op("sub", civil.month, k(1)), k(31));
  const isUntil = builder.compare("lt", "i32", civil.month, k(3));
  return op("add", builder.select("i32", isUntil, untilMarch, fromMarch), civil.day);
}

/** 1 (Monday) to 7 (i32). */
export function weekdayOf(builder: ProgramBuilder, { dayInCycle }: CivilDay): ValueId {
  const { op, k } = arithmeticOn(builder, "i32");
  return op("add", op("rem", op("add", dayInCycle, k(2)), k(7)), k(1));
}

/** Days of the era before its year (0 to 399). */
function daysBeforeYear({ op, k }: LaneArithmetic, yearOfEra: ValueId): ValueId {
  const plain = op("mul", yearOfEra, k(365));
  const leaps = op("sub", op("div", yearOfEra, k(4)), op("div", yearOfEra, k(100)));
  return op("add", plain, leaps);
}

/** Days of the year before a month, counted from March (0 to 11). */
function daysBeforeMonth({ op, k }: LaneArithmetic, shiftedMonth: ValueId): ValueId {
  return op("div", op("add", op("mul", shiftedMonth, k(153)), k(2)), k(5));
}

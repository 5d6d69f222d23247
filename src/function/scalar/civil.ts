// The proleptic Gregorian calendar in IR: days since 1970-01-01 to year, month and day, and back, and instants to days.
// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". All divisions of possibly negative numbers
// floor; nothing overflows the lane for any day number that the lane holds.

import { timeZone } from "../../base/index.ts";
import { UNITS_PER_SECOND } from "../../column/index.ts";
import { DATE, type DType, type TimestampType } from "../../dtype/index.ts";
import type { Check, ValueId } from "../../ir/index.ts";
import type { ProgramBuilder } from "../builder.ts";
import type { LowerContext } from "../lower.ts";
import { type CallSite, commonOf, mismatch } from "./function.ts";
import { arithmeticOn, type DayLane, type LaneArithmetic } from "./lane_arithmetic.ts";
import { isUtc, offsetAt } from "./zone.ts";

export interface Civil {
  readonly year: ValueId;
  readonly month: ValueId;
  readonly day: ValueId;
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
  if (dtype.kind === "timestamp" && dtype.timezone !== null) timeZone(dtype.timezone);
  return dtype;
}

export function unitsPerDay({ unit }: TimestampType): bigint {
  return UNITS_PER_SECOND[unit] * 86_400n;
}

export function splitInstant(builder: ProgramBuilder, dtype: DType, a: ValueId): SplitInstant {
  if (dtype.kind !== "timestamp") return { lane: "i32", days: a, inDay: null };
  if (!isUtc(dtype.timezone)) return splitLocal(builder, dtype, a);
  const perDay = builder.constant("i64", unitsPerDay(dtype));
  const lane = dtype.unit === "us" || dtype.unit === "ns" ? "i32" : "i64";
  const days = builder.arithmetic("floorDiv", "i64", a, perDay);
  const inDay = builder.arithmetic("mod", "i64", a, perDay);
  return { lane, days: builder.convert("i64", lane, days), inDay };
}

/** As splitInstant, on another clock than UTC. The offset is added within the day: no instant overflows. */
function splitLocal(builder: ProgramBuilder, dtype: TimestampType, a: ValueId): SplitInstant {
  const { op, k } = arithmeticOn(builder, "i64");
  const { seconds, below, offset } = onLocalClock(builder, dtype, a);
  const clock = op("add", op("mod", seconds, k(86_400)), offset);
  const days = op("add", op("floorDiv", seconds, k(86_400)), op("floorDiv", clock, k(86_400)));
  const inDay = op("mod", clock, k(86_400));
  const lane = dtype.unit === "us" || dtype.unit === "ns" ? "i32" : "i64";
  const units = op("add", op("mul", inDay, k(UNITS_PER_SECOND[dtype.unit])), below);
  return { lane, days: builder.convert("i64", lane, days), inDay: units };
}

/** Seconds since the epoch, the units below the second, and how many seconds the zone's clock is ahead of UTC. */
export function onLocalClock(builder: ProgramBuilder, dtype: TimestampType, a: ValueId) {
  const { op, k } = arithmeticOn(builder, "i64");
  const perSecond = k(UNITS_PER_SECOND[dtype.unit]);
  const seconds = dtype.unit === "s" ? a : op("floorDiv", a, perSecond);
  const below = dtype.unit === "s" ? k(0) : op("mod", a, perSecond);
  const { timezone } = dtype;
  const offset = timezone === null ? k(0) : offsetAt(builder, timezone, seconds);
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

export function civilFromDays(builder: ProgramBuilder, lane: DayLane, days: ValueId): Civil {
  const lanes = arithmeticOn(builder, lane);
  const { op, k } = lanes;
  // Years start in March. The shift by 719468 days is split, so that it cannot overflow.
  const shifted = op("add", op("mod", days, k(DAYS_PER_ERA)), k(DAYS_TO_EPOCH));
  const wraps = builder.compare("le", lane, k(DAYS_PER_ERA), shifted);
  const dayOfEra = builder.select(lane, wraps, op("sub", shifted, k(DAYS_PER_ERA)), shifted);
  const carry = builder.select(lane, wraps, k(ERAS_TO_EPOCH + 1), k(ERAS_TO_EPOCH));
  const era = op("add", op("floorDiv", days, k(DAYS_PER_ERA)), carry);
  const leapless = op(
    "sub",
    op("add", op("sub", dayOfEra, op("div", dayOfEra, k(1460))), op("div", dayOfEra, k(36524))),
    op("div", dayOfEra, k(146096)),
  );
  const yearOfEra = op("div", leapless, k(365));
  const dayOfYear = op("sub", dayOfEra, daysBeforeYear(lanes, yearOfEra));
  const shiftedMonth = op("div", op("add", op("mul", dayOfYear, k(5)), k(2)), k(153));
  const day = op("add", op("sub", dayOfYear, daysBeforeMonth(lanes, shiftedMonth)), k(1));
  const fromMarch = builder.compare("lt", lane, shiftedMonth, k(10));
  const month = op("add", shiftedMonth, builder.select(lane, fromMarch, k(3), k(-9)));
  const yearFromMarch = op("add", yearOfEra, op("mul", era, k(400)));
  const year = op("add", yearFromMarch, builder.select(lane, fromMarch, k(0), k(1)));
  return { year, month, day };
}

/** Days since the epoch of a day of the month (1 to 31), modulo the lane's width. */
export function daysFromCivil(builder: ProgramBuilder, lane: DayLane, civil: Civil): ValueId {
  const lanes = arithmeticOn(builder, lane);
  const { op, k } = lanes;
  const fromMarch = builder.compare("lt", lane, k(2), civil.month);
  const year = op("sub", civil.year, builder.select(lane, fromMarch, k(0), k(1)));
  const shiftedMonth = op("add", civil.month, builder.select(lane, fromMarch, k(-3), k(9)));
  const yearOfEra = op("mod", year, k(400));
  const dayOfYear = op("add", daysBeforeMonth(lanes, shiftedMonth), op("sub", civil.day, k(1)));
  const dayOfEra = op("add", daysBeforeYear(lanes, yearOfEra), dayOfYear);
  const eraDays = op(
    "mul",
    op("sub", op("floorDiv", year, k(400)), k(ERAS_TO_EPOCH)),
    k(DAYS_PER_ERA),
  );
  return op("add", eraDays, op("sub", dayOfEra, k(DAYS_TO_EPOCH)));
}

export function isLeapYear(builder: ProgramBuilder, lane: DayLane, year: ValueId): ValueId {
  const { op, k } = arithmeticOn(builder, lane);
  const divides = (divisor: number) =>
    builder.compare("eq", lane, op("mod", year, k(divisor)), k(0));
  const regular = builder.and(divides(4), builder.not(divides(100)));
  return builder.or(regular, divides(400));
}

/** 31 and 30 alternate, and start anew in August; February apart. */
export function lengthOfMonth(
  builder: ProgramBuilder,
  lane: DayLane,
  year: ValueId,
  month: ValueId,
): ValueId {
  const { op, k } = arithmeticOn(builder, lane);
  const odd = op("bitAnd", op("add", month, op("shr", month, k(3))), k(1));
  const february = builder.select(lane, isLeapYear(builder, lane, year), k(29), k(28));
  const isFebruary = builder.compare("eq", lane, month, k(2));
  return builder.select(lane, isFebruary, february, op("add", odd, k(30)));
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

// Fields of dates and instants, on the clock of their zone: int32, but for isLeapYear (bool) and the dates.

import { UNITS_PER_SECOND } from "../../column/index.ts";
import { BOOL, DATE, type DType, INT32 } from "../../dtype/index.ts";
import type { ValueId } from "../../ir/index.ts";
import type { BoundCall } from "../bound.ts";
import type { Lowered, ProgramBuilder } from "../builder.ts";
import { callText, checkAt, type LowerContext } from "../lower.ts";
import {
  bindTemporal,
  civilFromDays,
  daysFromCivil,
  isLeapYear,
  lengthOfMonth,
  splitInstant,
} from "./civil.ts";
import { only, type ScalarFunction } from "./function.ts";
import { arithmeticOn, type DayLane } from "./lane_arithmetic.ts";

/** A field of the day, computed in the lane of the days. */
type DayField = (builder: ProgramBuilder, lane: DayLane, days: ValueId) => ValueId;

/** `isYear`: grows with the instant, and for timestamp[s] beyond int32. */
function dayField(name: string, field: DayField, isYear = false): ScalarFunction {
  return {
    name: `dt.${name}`,
    arity: 1,
    bind: (site) => ({ args: [bindTemporal(site, true)], dtype: INT32 }),
    lower: (context, args, call) => {
      const { value: instant, validity } = only(args);
      const { builder } = context;
      const dtype = inputDType(call);
      const { lane, days } = splitInstant(builder, dtype, instant);
      const value = field(builder, lane, days);
      const inSeconds = dtype.kind === "timestamp" && dtype.unit === "s";
      if (isYear && inSeconds) return narrowed(context, call, { value, validity });
      return { value: builder.convert(lane, "i32", value), validity };
    },
  };
}

/** A date that is so many days from that of the instant, in 64 bits. */
function dateField(
  name: string,
  shift: (builder: ProgramBuilder, lane: DayLane, days: ValueId) => ValueId,
): ScalarFunction {
  return {
    name: `dt.${name}`,
    arity: 1,
    bind: (site) => ({ args: [bindTemporal(site, true)], dtype: DATE }),
    lower: (context, args, call) => {
      const { value: instant, validity } = only(args);
      const { builder } = context;
      const { lane, days } = splitInstant(builder, inputDType(call), instant);
      const wide = builder.convert(lane, "i64", days);
      const moved = builder.convert(lane, "i64", shift(builder, lane, days));
      const value = builder.arithmetic("add", "i64", wide, moved);
      return narrowed(context, call, { value, validity });
    },
  };
}

function narrowed(context: LowerContext, call: BoundCall, { value, validity }: Lowered): Lowered {
  const { builder } = context;
  const check = checkAt(context, "overflow", callText(call), validity);
  const fits = builder.require(builder.fits("i64", "i32", value), check);
  return { value: builder.convert("i64", "i32", value), validity: builder.both(validity, fits) };
}

/** A field of the clock, computed from the units since midnight. */
function clockField(
  name: string,
  field: (builder: ProgramBuilder, inDay: ValueId, perSecond: bigint) => ValueId,
): ScalarFunction {
  return {
    name: `dt.${name}`,
    arity: 1,
    bind: (site) => ({ args: [bindTemporal(site, false)], dtype: INT32 }),
    lower: ({ builder }, args, call) => {
      const { value, validity } = only(args);
      const dtype = inputDType(call);
      if (dtype.kind !== "timestamp")
        throw new Error(`invariant violated: dt.${name} of ${dtype.kind}`);
      const { inDay } = splitInstant(builder, dtype, value);
      const wide = field(builder, inDay as ValueId, UNITS_PER_SECOND[dtype.unit]);
      return { value: builder.convert("i64", "i32", wide), validity };
    },
  };
}

/** Units since midnight, divided, and taken modulo. */
function ofSeconds(name: string, seconds: bigint, modulus: bigint): ScalarFunction {
  return clockField(name, (builder, inDay, perSecond) => {
    const { op, k } = arithmeticOn(builder, "i64");
    return op("rem", op("div", inDay, k(perSecond * seconds)), k(modulus));
  });
}

/** The part of the second, in units of which a second has `target`. */
function belowSecond(name: string, target: bigint): ScalarFunction {
  return clockField(name, (builder, inDay, perSecond) => {
    const { op, k } = arithmeticOn(builder, "i64");
    const below = op("rem", inDay, k(perSecond));
    return perSecond <= target
      ? op("mul", below, k(target / perSecond))
      : op("div", below, k(perSecond / target));
  });
}

function inputDType(call: BoundCall): DType {
  return (call.args[0] as (typeof call.args)[number]).dtype;
}

/** 1 (Monday) to 7: day 0 was a Thursday. */
function weekday(builder: ProgramBuilder, lane: DayLane, days: ValueId): ValueId {
  const { op, k } = arithmeticOn(builder, lane);
  return op("add", op("rem", op("add", op("mod", days, k(7)), k(3)), k(7)), k(1));
}

function dayOfYear(builder: ProgramBuilder, lane: DayLane, days: ValueId): ValueId {
  const { op, k } = arithmeticOn(builder, lane);
  const { year } = civilFromDays(builder, lane, days);
  const newYear = daysFromCivil(builder, lane, { year, month: k(1), day: k(1) });
  return op("add", op("sub", days, newYear), k(1));
}

/**
 * ISO 8601: weeks start on Mondays and belong to the year of their Thursday. Week 0 is the last one of the year before, and
 * week 53 of a year of 52 the first one of the next. Only the year is computed with, so that no day near the ends overflows.
 */
function isoWeek(builder: ProgramBuilder, lane: DayLane, days: ValueId) {
  const { op, k } = arithmeticOn(builder, lane);
  const { year } = civilFromDays(builder, lane, days);
  const ordinal = op("sub", dayOfYear(builder, lane, days), weekday(builder, lane, days));
  const week = op("div", op("add", ordinal, k(10)), k(7));
  const before = op("sub", year, k(1));
  const isBefore = builder.compare("lt", lane, week, k(1));
  const isAfter = builder.compare("lt", lane, weeksOfYear(builder, lane, year), week);
  const within = builder.select(lane, isAfter, k(1), week);
  const next = builder.select(lane, isAfter, op("add", year, k(1)), year);
  return {
    week: builder.select(lane, isBefore, weeksOfYear(builder, lane, before), within),
    year: builder.select(lane, isBefore, before, next),
  };
}

/** 53 where 31 December is a Thursday, or that of the year before is a Wednesday (so this one starts on a Thursday). */
function weeksOfYear(builder: ProgramBuilder, lane: DayLane, year: ValueId): ValueId {
  const { op, k } = arithmeticOn(builder, lane);
  const lastWeekday = (y: ValueId) => {
    const quarters = op("sub", op("floorDiv", y, k(4)), op("floorDiv", y, k(100)));
    return op("mod", op("add", op("add", y, quarters), op("floorDiv", y, k(400))), k(7));
  };
  const endsOnThursday = builder.compare("eq", lane, lastWeekday(year), k(4));
  const before = lastWeekday(op("sub", year, k(1)));
  const startsOnThursday = builder.compare("eq", lane, before, k(3));
  return builder.select(lane, builder.or(endsOnThursday, startsOnThursday), k(53), k(52));
}

function quarter(builder: ProgramBuilder, lane: DayLane, days: ValueId): ValueId {
  const { op, k } = arithmeticOn(builder, lane);
  const { month } = civilFromDays(builder, lane, days);
  return op("div", op("add", month, k(2)), k(3));
}

function daysInMonth(builder: ProgramBuilder, lane: DayLane, days: ValueId): ValueId {
  const { year, month } = civilFromDays(builder, lane, days);
  return lengthOfMonth(builder, lane, year, month);
}

const leapYear: ScalarFunction = {
  name: "dt.isLeapYear",
  arity: 1,
  bind: (site) => ({ args: [bindTemporal(site, true)], dtype: BOOL }),
  lower: ({ builder }, args, call) => {
    const { value, validity } = only(args);
    const { lane, days } = splitInstant(builder, inputDType(call), value);
    const { year } = civilFromDays(builder, lane, days);
    return { value: isLeapYear(builder, lane, year), validity };
  },
};

export const calendarFunctions: readonly ScalarFunction[] = [
  dayField("year", (builder, lane, days) => civilFromDays(builder, lane, days).year, true),
  dayField("quarter", quarter),
  dayField("month", (builder, lane, days) => civilFromDays(builder, lane, days).month),
  dayField("day", (builder, lane, days) => civilFromDays(builder, lane, days).day),
  dayField("weekday", weekday),
  dayField("dayOfYear", dayOfYear),
  dayField("isoYear", (builder, lane, days) => isoWeek(builder, lane, days).year, true),
  dayField("isoWeek", (builder, lane, days) => isoWeek(builder, lane, days).week),
  dayField("daysInMonth", daysInMonth),
  leapYear,
  ofSeconds("hour", 3600n, 24n),
  ofSeconds("minute", 60n, 60n),
  ofSeconds("second", 1n, 60n),
  belowSecond("millisecond", 1_000n),
  belowSecond("microsecond", 1_000_000n),
  belowSecond("nanosecond", 1_000_000_000n),
  dateField("date", (builder, lane) => builder.constant(lane, 0)),
  dateField("monthStart", (builder, lane, days) => {
    const { op, k } = arithmeticOn(builder, lane);
    return op("sub", k(1), civilFromDays(builder, lane, days).day);
  }),
  dateField("monthEnd", (builder, lane, days) => {
    const { op } = arithmeticOn(builder, lane);
    const { day } = civilFromDays(builder, lane, days);
    return op("sub", daysInMonth(builder, lane, days), day);
  }),
];

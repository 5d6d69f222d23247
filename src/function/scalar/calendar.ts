// Fields of dates and instants, on the clock of their zone: int32, but for isLeapYear (bool) and the dates.

import { UNITS_PER_SECOND } from "../../column/index.ts";
import { BOOL, DATE, type DType, INT32 } from "../../dtype/index.ts";
import type { ValueId } from "../../ir/index.ts";
import type { BoundCall } from "../bound.ts";
import type { Lowered, ProgramBuilder } from "../builder.ts";
import { callText, checkAt, type LowerContext } from "../lower.ts";
import {
  bindTemporal,
  type CivilDay,
  civilFromDays,
  isLeapYear,
  lengthOfMonth,
  ordinalOf,
  splitInstant,
  weekdayOf,
} from "./civil.ts";
import { only, type ScalarFunction } from "./function.ts";
import { arithmeticOn, divMod, type LaneArithmetic } from "./lane_arithmetic.ts";

/** What is found of a day: i32, or where it grows with the instant in the lane of the days. */
type DayField = (builder: ProgramBuilder, civil: CivilDay) => ValueId;

/** `field` gives a value of the dtype's lane. */
function dayField(name: string, field: DayField, dtype: DType = INT32): ScalarFunction {
  return {
    name: `dt.${name}`,
    arity: 1,
    bind: (site) => ({ args: [bindTemporal(site, true)], dtype }),
    lower: ({ builder }, args, call) => {
      const { value, validity } = only(args);
      return { value: field(builder, civilOf(builder, call, value)), validity };
    },
  };
}

/** Years of timestamp[s] can be beyond int32. */
function yearField(name: string, field: DayField): ScalarFunction {
  return {
    name: `dt.${name}`,
    arity: 1,
    bind: (site) => ({ args: [bindTemporal(site, true)], dtype: INT32 }),
    lower: (context, args, call) => {
      const { value: instant, validity } = only(args);
      const { builder } = context;
      const civil = civilOf(builder, call, instant);
      const value = field(builder, civil);
      const dtype = inputDType(call);
      const inSeconds = dtype.kind === "timestamp" && dtype.unit === "s";
      if (inSeconds) return narrowed(context, call, { value, validity });
      return { value: builder.convert(civil.lane, "i32", value), validity };
    },
  };
}

/** A date that is so many days (i32) from that of the instant. */
function dateField(name: string, shift: DayField | null): ScalarFunction {
  return {
    name: `dt.${name}`,
    arity: 1,
    bind: (site) => ({ args: [bindTemporal(site, true)], dtype: DATE }),
    lower: (context, args, call) => {
      const { value: instant, validity } = only(args);
      const { builder } = context;
      const { lane, days } = splitInstant(builder, inputDType(call), instant);
      const wide = builder.convert(lane, "i64", days);
      if (shift === null) return narrowed(context, call, { value: wide, validity });
      const moved = shift(builder, civilFromDays(builder, lane, days));
      const value = builder.arithmetic("add", "i64", wide, builder.convert("i32", "i64", moved));
      return narrowed(context, call, { value, validity });
    },
  };
}

function civilOf(builder: ProgramBuilder, call: BoundCall, instant: ValueId): CivilDay {
  const { lane, days } = splitInstant(builder, inputDType(call), instant);
  return civilFromDays(builder, lane, days);
}

function narrowed(context: LowerContext, call: BoundCall, { value, validity }: Lowered): Lowered {
  const { builder } = context;
  const check = checkAt(context, "overflow", callText(call), validity);
  const fits = builder.require(builder.fits("i64", "i32", value), check);
  return { value: builder.convert("i64", "i32", value), validity: builder.both(validity, fits) };
}

/** A field of the clock, in 32 bits: from the second of the day, and the units below it. */
function clockField(
  name: string,
  field: (lanes: LaneArithmetic, second: ValueId, below: ValueId, perSecond: bigint) => ValueId,
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
      const perSecond = UNITS_PER_SECOND[dtype.unit];
      const { inDay } = splitInstant(builder, dtype, value);
      // The units of a day fit 32 bits in s and ms; below the second they do in all.
      const lane = perSecond > 1_000n ? "i64" : "i32";
      const units = builder.convert("i64", lane, inDay as ValueId);
      const { quotient, rest } = divMod(arithmeticOn(builder, lane), units, perSecond);
      const second = builder.convert(lane, "i32", quotient);
      const below = builder.convert(lane, "i32", rest);
      return { value: field(arithmeticOn(builder, "i32"), second, below, perSecond), validity };
    },
  };
}

/** Seconds since midnight, divided, and taken modulo. */
function ofSeconds(name: string, seconds: number, modulus: number): ScalarFunction {
  return clockField(name, ({ op, k }, second) =>
    op("rem", op("div", second, k(seconds)), k(modulus)),
  );
}

/** The part of the second, in units of which a second has `target`. */
function belowSecond(name: string, target: bigint): ScalarFunction {
  return clockField(name, ({ op, k }, _, below, perSecond) =>
    perSecond <= target
      ? op("mul", below, k(target / perSecond))
      : op("div", below, k(perSecond / target)),
  );
}

function inputDType(call: BoundCall): DType {
  return (call.args[0] as (typeof call.args)[number]).dtype;
}

/**
 * ISO 8601: weeks start on Mondays and belong to the year of their Thursday. Week 0 is the last one of the year before, and
 * week 53 of a year of 52 the first one of the next.
 */
function isoWeek(builder: ProgramBuilder, civil: CivilDay) {
  const { op, k } = arithmeticOn(builder, "i32");
  const { yearInCycle: year } = civil;
  const ordinal = op("sub", ordinalOf(builder, civil), weekdayOf(builder, civil));
  const week = op("div", op("add", ordinal, k(10)), k(7));
  const isBefore = builder.compare("lt", "i32", week, k(1));
  const isAfter = builder.compare("lt", "i32", weeksOfYear(builder, year), week);
  // The year before, a cycle later: not negative.
  const weeksBefore = weeksOfYear(builder, op("add", year, k(399)));
  return {
    week: builder.select("i32", isBefore, weeksBefore, builder.select("i32", isAfter, k(1), week)),
    yearsLater: builder.select("i32", isBefore, k(-1), builder.select("i32", isAfter, k(1), k(0))),
  };
}

/** 53 where 31 December is a Thursday, or that of the year before is a Wednesday (so this one starts on a Thursday). */
function weeksOfYear(builder: ProgramBuilder, year: ValueId): ValueId {
  const { op, k } = arithmeticOn(builder, "i32");
  const lastWeekday = (y: ValueId) => {
    const leaps = op("sub", op("div", y, k(4)), op("div", y, k(100)));
    return op("rem", op("add", op("add", y, leaps), op("div", y, k(400))), k(7));
  };
  const endsOnThursday = builder.compare("eq", "i32", lastWeekday(year), k(4));
  const before = lastWeekday(op("add", year, k(399)));
  const startsOnThursday = builder.compare("eq", "i32", before, k(3));
  return builder.select("i32", builder.or(endsOnThursday, startsOnThursday), k(53), k(52));
}

function quarter(builder: ProgramBuilder, { month }: CivilDay): ValueId {
  const { op, k } = arithmeticOn(builder, "i32");
  return op("div", op("add", month, k(2)), k(3));
}

function daysInMonth(builder: ProgramBuilder, { yearInCycle, month }: CivilDay): ValueId {
  return lengthOfMonth(builder, yearInCycle, month);
}

export const calendarFunctions: readonly ScalarFunction[] = [
  yearField("year", (_, { year }) => year),
  dayField("quarter", quarter),
  dayField("month", (_, { month }) => month),
  dayField("day", (_, { day }) => day),
  dayField("weekday", weekdayOf),
  dayField("dayOfYear", ordinalOf),
  yearField("isoYear", (builder, civil) => {
    const later = builder.convert("i32", civil.lane, isoWeek(builder, civil).yearsLater);
    return builder.arithmetic("add", civil.lane, civil.year, later);
  }),
  dayField("isoWeek", (builder, civil) => isoWeek(builder, civil).week),
  dayField("daysInMonth", daysInMonth),
  dayField("isLeapYear", (builder, { yearInCycle }) => isLeapYear(builder, yearInCycle), BOOL),
  ofSeconds("hour", 3600, 24),
  ofSeconds("minute", 60, 60),
  ofSeconds("second", 1, 60),
  belowSecond("millisecond", 1_000n),
  belowSecond("microsecond", 1_000_000n),
  belowSecond("nanosecond", 1_000_000_000n),
  dateField("date", null),
  dateField("monthStart", (builder, { day }) => {
    const { op, k } = arithmeticOn(builder, "i32");
    return op("sub", k(1), day);
  }),
  dateField("monthEnd", (builder, civil) => {
    const { op } = arithmeticOn(builder, "i32");
    return op("sub", daysInMonth(builder, civil), civil.day);
  }),
];

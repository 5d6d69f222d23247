// dt.year month day hour minute second weekday dayOfYear: int32 fields of dates and instants, in UTC.

import { UNITS_PER_SECOND } from "../../column/index.ts";
import { type DType, INT32 } from "../../dtype/index.ts";
import type { ValueId } from "../../ir/index.ts";
import type { BoundCall } from "../bound.ts";
import type { Lowered, ProgramBuilder } from "../builder.ts";
import { callText, checkAt, type LowerContext } from "../lower.ts";
import {
  arithmeticOn,
  bindTemporal,
  civilFromDays,
  type DayLane,
  daysFromCivil,
  splitInstant,
} from "./civil.ts";
import { only, type ScalarFunction } from "./function.ts";

/** A field of the day, computed in the lane of the days. */
type DayField = (builder: ProgramBuilder, lane: DayLane, days: ValueId) => ValueId;

function dayField(name: string, field: DayField): ScalarFunction {
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
      // Only years of timestamp[s] can be beyond int32.
      if (name === "year" && dtype.kind === "timestamp" && dtype.unit === "s") {
        return narrowYear(context, call, { value, validity });
      }
      return { value: builder.convert(lane, "i32", value), validity };
    },
  };
}

function narrowYear(context: LowerContext, call: BoundCall, { value, validity }: Lowered): Lowered {
  const { builder } = context;
  const check = checkAt(context, "overflow", callText(call), validity);
  const fits = builder.require(builder.fits("i64", "i32", value), check);
  return { value: builder.convert("i64", "i32", value), validity: builder.both(validity, fits) };
}

/** A field of the clock: units since midnight, divided, and taken modulo. */
function clockField(name: string, seconds: bigint, modulus: bigint): ScalarFunction {
  return {
    name: `dt.${name}`,
    arity: 1,
    bind: (site) => ({ args: [bindTemporal(site, false)], dtype: INT32 }),
    lower: ({ builder }, args, call) => {
      const { value, validity } = only(args);
      const dtype = inputDType(call);
      if (dtype.kind !== "timestamp")
        throw new Error(`invariant violated: dt.${name} of ${dtype.kind}`);
      const { op, k } = arithmeticOn(builder, "i64");
      const { inDay } = splitInstant(builder, dtype, value);
      const whole = op("div", inDay as ValueId, k(UNITS_PER_SECOND[dtype.unit] * seconds));
      return { value: builder.convert("i64", "i32", op("rem", whole, k(modulus))), validity };
    },
  };
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

export const calendarFunctions: readonly ScalarFunction[] = [
  dayField("year", (builder, lane, days) => civilFromDays(builder, lane, days).year),
  dayField("month", (builder, lane, days) => civilFromDays(builder, lane, days).month),
  dayField("day", (builder, lane, days) => civilFromDays(builder, lane, days).day),
  dayField("weekday", weekday),
  dayField("dayOfYear", dayOfYear),
  clockField("hour", 3600n, 24n),
  clockField("minute", 60n, 60n),
  clockField("second", 1n, 60n),
];

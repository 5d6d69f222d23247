// dt.totalDays, totalHours, totalMinutes, totalSeconds: a duration as float64. dt.totalMilliseconds, totalMicroseconds,
// totalNanoseconds: as int64, toward zero.

import { NANOSECONDS, UNITS_PER_SECOND } from "../../column/index.ts";
import { FLOAT64, INT64 } from "../../dtype/index.ts";
import type { BoundCall } from "../bound.ts";
import type { Lowered } from "../builder.ts";
import { callText, checkAt, type LowerContext } from "../lower.ts";
import { type CallSite, commonOf, mismatch, only, type ScalarFunction } from "./function.ts";

function bindDuration(site: CallSite) {
  const dtype = commonOf(site, "a duration", INT64);
  if (dtype.kind === "duration") return dtype;
  throw mismatch(site, "a duration", "Subtract two instants to have one.");
}

function nanosecondsPerUnit(call: BoundCall): bigint {
  const dtype = call.args[0]?.dtype;
  if (dtype?.kind !== "duration") throw new Error("invariant violated: a duration");
  return 1_000_000_000n / UNITS_PER_SECOND[dtype.unit];
}

/** The quotient of two integers, rounded once. */
function fractional(name: string, unit: string): ScalarFunction {
  const target = NANOSECONDS[unit] as bigint;
  return {
    name: `dt.${name}`,
    arity: 1,
    bind: (site) => ({ args: [bindDuration(site)], dtype: FLOAT64 }),
    lower: ({ builder }, args, call) => {
      const { value, validity } = only(args);
      const divisor = builder.constant("i64", target / nanosecondsPerUnit(call));
      return { value: builder.quotient64("i64", value, divisor), validity };
    },
  };
}

function whole(name: string, unit: string): ScalarFunction {
  const target = NANOSECONDS[unit] as bigint;
  return {
    name: `dt.${name}`,
    arity: 1,
    bind: (site) => ({ args: [bindDuration(site)], dtype: INT64 }),
    lower: (context: LowerContext, args: readonly Lowered[], call) => {
      const { builder } = context;
      const { value, validity } = only(args);
      const source = nanosecondsPerUnit(call);
      if (source === target) return { value, validity };
      if (source < target) {
        const divisor = builder.constant("i64", target / source);
        return { value: builder.arithmetic("div", "i64", value, divisor), validity };
      }
      const check = checkAt(context, "overflow", callText(call), validity);
      const factor = builder.constant("i64", source / target);
      return { value: builder.arithmetic("mul", "i64", value, factor, check), validity };
    },
  };
}

export const durationFunctions: readonly ScalarFunction[] = [
  fractional("totalDays", "d"),
  fractional("totalHours", "h"),
  fractional("totalMinutes", "m"),
  fractional("totalSeconds", "s"),
  whole("totalMilliseconds", "ms"),
  whole("totalMicroseconds", "us"),
  whole("totalNanoseconds", "ns"),
];

// dt.offsetBy(by): a date or instant so many months, days and units later, on the calendar and the clock of its zone. Months
// first: a day that the month does not have is its last. Then days: where clocks skip the time of day, it is as long
// after the gap as it was after its start; where they have it twice, the earlier one. Hours and less are elapsed time.

import { NANOSECONDS, UNITS_PER_SECOND } from "../../column/index.ts";
import { DATE, type DType, type TimestampType } from "../../dtype/index.ts";
import type { ValueId } from "../../ir/index.ts";
import type { BoundCall } from "../bound.ts";
import type { Lowered, ProgramBuilder } from "../builder.ts";
import { callText, checkAt, type LowerContext } from "../lower.ts";
import {
  bindTemporal,
  civilFromDays,
  daysFromCivil,
  joinInstant,
  lengthOfMonth,
  onLocalClock,
  splitInstant,
} from "./civil.ts";
import {
  type CallSite,
  invalidOption,
  mismatch,
  only,
  optionOf,
  type ScalarFunction,
} from "./function.ts";
import { arithmeticOn, divMod } from "./lane_arithmetic.ts";
import { instantsOf, isUtc } from "./zone.ts";

interface Shift {
  readonly months: bigint;
  readonly days: bigint;
  readonly nanoseconds: bigint;
}

const MONTHS: Readonly<Record<string, bigint>> = { mo: 1n, q: 3n, y: 12n };
const DAYS: Readonly<Record<string, bigint>> = { d: 1n, w: 7n };
const MOST = 2n ** 31n;

/** "1mo", "-1y2mo", "3d12h"; null for anything else. */
export function parseShift(by: string): Shift | null {
  const match = /^([+-]?)((?:\d{1,18}(?:ns|us|ms|s|mo|m|h|d|w|q|y))+)$/.exec(by);
  if (match === null) return null;
  const sign = match[1] === "-" ? -1n : 1n;
  const shift = { months: 0n, days: 0n, nanoseconds: 0n };
  for (const [, digits = "0", unit = "d"] of (match[2] ?? "").matchAll(/(\d+)([a-z]+)/g)) {
    const count = sign * BigInt(digits);
    const [months, days] = [MONTHS[unit], DAYS[unit]];
    if (months !== undefined) shift.months += count * months;
    else if (days !== undefined) shift.days += count * days;
    else shift.nanoseconds += count * (NANOSECONDS[unit] ?? 0n);
  }
  const tooLong = [shift.months, shift.days].some((count) => count >= MOST || count <= -MOST);
  return tooLong || shift.nanoseconds !== BigInt.asIntN(64, shift.nanoseconds) ? null : shift;
}

function bind(site: CallSite) {
  const dtype = bindTemporal(site, true);
  const by = optionOf(site, "by");
  const shift = typeof by === "string" ? parseShift(by) : null;
  if (shift === null) {
    const example = 'Write numbers and units: "1mo", "-1y", "2w", "1d12h".';
    throw invalidOption(site, `${JSON.stringify(by)} is no offset`, example);
  }
  if (dtype.kind !== "timestamp" && shift.nanoseconds !== 0n) {
    throw mismatch(site, "a timestamp for parts of a day", 'Use .cast("timestamp") first.');
  }
  if (dtype.kind === "timestamp" && shift.nanoseconds % nanosecondsPerUnit(dtype) !== 0n) {
    throw invalidOption(site, "the offset is no multiple of the unit", "Cast to a finer unit.");
  }
  return { args: [dtype], dtype };
}

function nanosecondsPerUnit({ unit }: TimestampType): bigint {
  return 1_000_000_000n / UNITS_PER_SECOND[unit];
}

function lower(context: LowerContext, args: readonly Lowered[], call: BoundCall): Lowered {
  const { builder } = context;
  const { value: a, validity } = only(args);
  const shift = parseShift(String(call.options.by));
  if (shift === null) throw new Error("invariant violated: an offset that was bound");
  const check = checkAt(context, "overflow", callText(call), validity);
  if (call.dtype.kind !== "timestamp") {
    const { days } = movedDays(builder, DATE, a, shift);
    const fits = builder.require(builder.fits("i64", "i32", days), check);
    return { value: builder.convert("i64", "i32", days), validity: builder.both(validity, fits) };
  }
  const { dtype } = call;
  const start = movedOnCalendar(context, dtype, a, shift, check);
  const units = shift.nanoseconds / nanosecondsPerUnit(dtype);
  if (units === 0n) return { value: start, validity };
  const elapsed = builder.constant("i64", units);
  return { value: builder.arithmetic("add", "i64", start, elapsed, check), validity };
}

function movedOnCalendar(
  context: LowerContext,
  dtype: TimestampType,
  a: ValueId,
  shift: Shift,
  check: ReturnType<typeof checkAt>,
): ValueId {
  if (shift.months === 0n && shift.days === 0n) return a;
  const { builder } = context;
  const { op, k } = arithmeticOn(builder, "i64");
  const { days, inDay } = movedDays(builder, dtype, a, shift);
  const perSecond = UNITS_PER_SECOND[dtype.unit];
  if (dtype.timezone === null || isUtc(dtype.timezone)) {
    return joinInstant(context, dtype, days, inDay, check);
  }
  const { below } = onLocalClock(builder, dtype, a);
  const midnight = builder.arithmetic("mul", "i64", days, k(86_400), check);
  const local = builder.arithmetic("add", "i64", midnight, op("div", inDay, k(perSecond)), check);
  const { earliest } = instantsOf(builder, dtype.timezone, local);
  const start = builder.arithmetic("mul", "i64", earliest, k(perSecond), check);
  return builder.arithmetic("add", "i64", start, below, check);
}

/** The local day (i64) after months and days, and the units of the day, which stay. */
function movedDays(builder: ProgramBuilder, dtype: DType, a: ValueId, { months, days }: Shift) {
  const { op, k } = arithmeticOn(builder, "i64");
  const split = splitInstant(builder, dtype, a);
  const inDay = split.inDay ?? k(0);
  const wide = (value: ValueId) => builder.convert(split.lane, "i64", value);
  if (months === 0n) return { days: op("add", wide(split.days), k(days)), inDay };
  const narrow = arithmeticOn(builder, "i32");
  const civil = civilFromDays(builder, split.lane, split.days);
  const monthIndex = builder.convert("i32", "i64", narrow.op("sub", civil.month, narrow.k(1)));
  const since0 = op("add", op("mul", wide(civil.year), k(12)), monthIndex);
  const moved = divMod(arithmeticOn(builder, "i64"), op("add", since0, k(months)), 12);
  const month = builder.convert("i64", "i32", op("add", moved.rest, k(1)));
  const year = moved.quotient;
  const inCycle = builder.convert("i64", "i32", op("mod", year, k(400)));
  const most = lengthOfMonth(builder, inCycle, month);
  const isLater = builder.compare("lt", "i32", most, civil.day);
  const day = builder.select("i32", isLater, most, civil.day);
  return { days: op("add", daysFromCivil(builder, "i64", { year, month, day }), k(days)), inDay };
}

export const offsetByFunctions: readonly ScalarFunction[] = [
  { name: "dt.offsetBy", arity: 1, bind, lower },
];

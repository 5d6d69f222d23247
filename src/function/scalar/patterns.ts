// dt.format(pattern), str.toTimestamp(pattern), str.toDate(pattern): dates and instants as text by patterns of strftime
// (src/column/pattern_text.ts), on the clock of their zone.

import { expandPattern, patternFault, UNITS_PER_SECOND } from "../../column/index.ts";
import {
  DATE,
  type DType,
  STRING,
  type TimestampType,
  type TimeUnit,
  timestamp,
} from "../../dtype/index.ts";
import { laneOf, type ValueId } from "../../ir/index.ts";
import type { BoundCall } from "../bound.ts";
import type { Lowered, ProgramBuilder } from "../builder.ts";
import { callText, checkAt, type LowerContext } from "../lower.ts";
import { bindTemporal, onLocalClock } from "./civil.ts";
import {
  type CallSite,
  checkZoneOption,
  invalidOption,
  only,
  optionOf,
  type ScalarFunction,
} from "./function.ts";
import { arithmeticOn } from "./lane_arithmetic.ts";
import { bindText } from "./text_map.ts";
import { joined } from "./text_value.ts";
import { localToInstants } from "./time_zones.ts";
import { isUtc } from "./zone.ts";

const EXAMPLE = 'Write fields as "%Y-%m-%d %H:%M:%S"; dt.format() lists them.';

function patternOf(site: CallSite, use: "read" | "written", isDate: boolean): void {
  const pattern = optionOf(site, "pattern");
  if (typeof pattern !== "string") throw invalidOption(site, "the pattern is a text", EXAMPLE);
  const fault = patternFault(expandPattern(pattern), use, isDate);
  if (fault !== null) throw invalidOption(site, `the pattern ${fault}`, EXAMPLE);
}

function lowerFormat(context: LowerContext, args: readonly Lowered[], call: BoundCall): Lowered {
  const { builder } = context;
  const { value: a, validity } = only(args);
  const pattern = expandPattern(String(call.options.pattern));
  const dtype = (call.args[0] as (typeof call.args)[number]).dtype;
  if (dtype.kind !== "timestamp") return { value: formatted(builder, DATE, a, pattern), validity };
  const { op, k } = arithmeticOn(builder, "i64");
  const plain = timestamp(dtype.unit);
  const local = onLocalClock(builder, dtype, a);
  const ahead = op(
    "mul",
    builder.convert("i32", "i64", local.offset),
    k(UNITS_PER_SECOND[dtype.unit]),
  );
  const check = checkAt(context, "overflow", callText(call), validity);
  const clock = isUtc(dtype.timezone) ? a : builder.arithmetic("add", "i64", a, ahead, check);
  // %% is kept: only a %z whose % is not escaped splits.
  const parts = pattern.split(/(?<=^(?:[^%]|%.)*)%z/s);
  const texts = parts.flatMap((part, index) => {
    const text = formatted(builder, plain, clock, part);
    return index === 0 ? [text] : [...offsetTexts(builder, local.offset), text];
  });
  return { value: joined(builder, texts), validity };
}

function formatted(builder: ProgramBuilder, dtype: DType, a: ValueId, pattern: string): ValueId {
  if (!pattern.includes("%")) return builder.constant("string", pattern);
  return builder.emit({ op: "format", lane: "string", dtype, pattern, a });
}

/** "+", "0200": the offset of a zone (i32 seconds). */
function offsetTexts(builder: ProgramBuilder, offset: ValueId): ValueId[] {
  const zero = builder.constant("i32", 0);
  const isWest = builder.compare("lt", "i32", offset, zero);
  const [plus, minus] = ["+", "-"].map((sign) => builder.constant("string", sign));
  const sign = builder.select("string", isWest, minus as ValueId, plus as ValueId);
  const distance = builder.convert("i32", "i64", builder.unary("abs", "i32", offset));
  return [sign, formatted(builder, timestamp("s"), distance, "%H%M")];
}

/** `pattern` null: ISO 8601, as casts read it. */
function parseText(
  context: LowerContext,
  call: BoundCall,
  { value: a, validity }: Lowered,
  dtype: DType,
): Lowered {
  const { builder } = context;
  const { pattern, strict } = call.options;
  const form = typeof pattern === "string" ? { pattern: expandPattern(pattern) } : {};
  const value = builder.emit({ op: "parse", lane: laneOf(dtype), dtype, radix: 10, a, ...form });
  const fits = builder.emit({ op: "parseFits", lane: "bool", dtype, radix: 10, a, ...form });
  if (strict === false) return { value, validity: builder.both(validity, fits) };
  const check = checkAt(context, "cast", callText(call), validity);
  return { value, validity: builder.both(validity, builder.require(fits, check)) };
}

const toTimestamp: ScalarFunction = {
  name: "str.toTimestamp",
  arity: 1,
  bind: (site) => {
    bindText(site);
    if (optionOf(site, "pattern") !== null) patternOf(site, "read", false);
    const unit = optionOf(site, "unit") ?? "us";
    const zone = optionOf(site, "timezone") ?? null;
    if (unit !== "s" && unit !== "ms" && unit !== "us" && unit !== "ns") {
      throw invalidOption(
        site,
        `${JSON.stringify(unit)} is no unit`,
        'Write "s", "ms", "us" or "ns".',
      );
    }
    if (zone !== null && typeof zone !== "string") {
      throw invalidOption(site, "a time zone is a name", 'Write "Europe/Zurich" or "+02:00".');
    }
    if (zone !== null) checkZoneOption(site, zone);
    return { args: [STRING], dtype: timestamp(unit as TimeUnit, zone) };
  },
  lower: (context, args, call) => {
    const dtype = call.dtype as TimestampType;
    const parsed = parseText(context, call, only(args), timestamp(dtype.unit));
    const pattern = call.options.pattern;
    const hasOffset = typeof pattern !== "string" || /^(?:[^%]|%.)*?%[zs]/s.test(pattern);
    if (hasOffset || isUtc(dtype.timezone)) return parsed;
    return localToInstants(context, call, parsed, dtype);
  },
};

const toDate: ScalarFunction = {
  name: "str.toDate",
  arity: 1,
  bind: (site) => {
    bindText(site);
    if (optionOf(site, "pattern") !== null) patternOf(site, "read", true);
    return { args: [STRING], dtype: DATE };
  },
  lower: (context, args, call) => parseText(context, call, only(args), DATE),
};

export const patternFunctions: readonly ScalarFunction[] = [
  {
    name: "dt.format",
    arity: 1,
    bind: (site) => {
      const dtype = bindTemporal(site, true);
      patternOf(site, "written", dtype.kind !== "timestamp");
      return { args: [dtype], dtype: STRING };
    },
    lower: lowerFormat,
  },
  toTimestamp,
  toDate,
];

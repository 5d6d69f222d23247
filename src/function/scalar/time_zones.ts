// dt.toTimezone(zone): the same instants, on another clock. dt.replaceTimezone(zone): the instants at which the clock of
// another zone shows what the column's shows.

import { UNITS_PER_SECOND } from "../../column/index.ts";
import { type TimestampType, timestamp } from "../../dtype/index.ts";
import type { ValueId } from "../../ir/index.ts";
import type { BoundCall } from "../bound.ts";
import type { Lowered } from "../builder.ts";
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
import { instantsOf, isUtc } from "./zone.ts";

const AMBIGUOUS = ["raise", "earliest", "latest", "null"];
const NON_EXISTENT = ["raise", "shift", "null"];

function bindZone(site: CallSite) {
  const dtype = bindTemporal(site, false) as TimestampType;
  const zone = optionOf(site, "timezone") ?? null;
  if (zone !== null && typeof zone !== "string") {
    throw invalidOption(site, "a time zone is a name", 'Write "Europe/Zurich", "+02:00" or null.');
  }
  if (zone !== null) checkZoneOption(site, zone);
  return { args: [dtype], dtype: timestamp(dtype.unit, zone) };
}

function bindReplaced(site: CallSite) {
  for (const [name, ways] of [
    ["ambiguous", AMBIGUOUS],
    ["nonExistent", NON_EXISTENT],
  ] as const) {
    const way = optionOf(site, name) ?? "raise";
    if (typeof way === "string" && ways.includes(way)) continue;
    const choices = ways.map((choice) => JSON.stringify(choice)).join(", ");
    throw invalidOption(site, `${name} is not ${JSON.stringify(way)}`, `It is one of ${choices}.`);
  }
  return bindZone(site);
}

function lowerReplaced(context: LowerContext, args: readonly Lowered[], call: BoundCall): Lowered {
  const { builder } = context;
  const { op, k } = arithmeticOn(builder, "i64");
  const { value: a, validity } = only(args);
  const [from, to] = [call.args[0]?.dtype, call.dtype] as [TimestampType, TimestampType];
  const check = checkAt(context, "overflow", callText(call), validity);
  const perSecond = k(UNITS_PER_SECOND[from.unit]);
  const localOf = () => {
    const offset = builder.convert("i32", "i64", onLocalClock(builder, from, a).offset);
    return builder.arithmetic("add", "i64", a, op("mul", offset, perSecond), check);
  };
  const local = isUtc(from.timezone) ? a : localOf();
  if (to.timezone === null || isUtc(to.timezone)) return { value: local, validity };
  return localToInstants(context, call, { value: local, validity }, to);
}

/** The instants of local times of the zone of `to`, by the call's options `ambiguous` and `nonExistent`. */
export function localToInstants(
  context: LowerContext,
  call: BoundCall,
  { value: local, validity }: Lowered,
  to: TimestampType,
): Lowered {
  const { builder } = context;
  const { op, k } = arithmeticOn(builder, "i64");
  const check = checkAt(context, "overflow", callText(call), validity);
  const perSecond = k(UNITS_PER_SECOND[to.unit]);
  const instants = instantsOf(builder, String(to.timezone), op("floorDiv", local, perSecond));
  const seconds = call.options.ambiguous === "latest" ? instants.latest : instants.earliest;
  // The offset is applied to the units, which may be next to the ends of time.
  const ahead = op("sub", op("floorDiv", local, perSecond), seconds);
  const value = builder.arithmetic("sub", "i64", local, op("mul", ahead, perSecond), check);
  const site = checkAt(context, "localTime", callText(call), validity);
  const where = (valid: ValueId | null, way: unknown, holds: ValueId): ValueId | null => {
    if (way !== "raise" && way !== "null" && way !== undefined) return valid;
    return builder.both(valid, way === "null" ? holds : builder.require(holds, site));
  };
  const unique = where(validity, call.options.ambiguous, builder.not(instants.isAmbiguous));
  const exists = where(unique, call.options.nonExistent, builder.not(instants.isSkipped));
  return { value, validity: exists };
}

export const timeZoneFunctions: readonly ScalarFunction[] = [
  { name: "dt.toTimezone", arity: 1, bind: bindZone, lower: (_, args) => only(args) },
  { name: "dt.replaceTimezone", arity: 1, bind: bindReplaced, lower: lowerReplaced },
];

// Durations as text, and back. ISO 8601 is what casts, CSV and printing write and read ("P1DT2H30M0.5S"); literals also
// take the short form of intervals ("1d2h30m"). A day has 24 hours; months and years have no fixed length and no place.

import type { TimeUnit } from "../dtype/index.ts";
import { UNITS_PER_SECOND } from "./temporal_text.ts";

const ISO =
  /^([+-]?)P(?:(\d{1,18})W)?(?:(\d{1,18})D)?(?:T(?=\d)(?:(\d{1,18})H)?(?:(\d{1,18})M)?(?:(\d{1,18})(?:\.(\d{1,9}))?S)?)?$/;
const SHORT = /^([+-]?)((?:\d{1,18}(?:ns|us|ms|s|m|h|d|w))+)$/;

/** Nanoseconds of the units of short forms and of `dt.truncate`. */
export const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
};

/**
 * Units of an ISO 8601 duration of weeks, days, hours, minutes and seconds: "P1W", "-P1DT2H", "PT0.5S". Null if the text
 * is none, has a digit below the unit, or does not fit an int64.
 */
export function parseDurationText(text: string, unit: TimeUnit): bigint | null {
  const nanoseconds = isoNanoseconds(text);
  return nanoseconds === null ? null : unitsOf(nanoseconds, unit);
}

/** As parseDurationText, and short forms: "90s", "1h30m", "-2w". */
export function parseSpanText(text: string, unit: TimeUnit): bigint | null {
  const nanoseconds = spanNanoseconds(text);
  return nanoseconds === null ? null : unitsOf(nanoseconds, unit);
}

/** The nanoseconds of an ISO or short form; null if the text is none. */
export function spanNanoseconds(text: string): bigint | null {
  const match = SHORT.exec(text);
  if (match === null) return isoNanoseconds(text);
  let total = 0n;
  for (const [, count = "0", unit = "ns"] of (match[2] ?? "").matchAll(/(\d+)([a-z]+)/g)) {
    total += BigInt(count) * (NANOSECONDS[unit] ?? 0n);
  }
  return match[1] === "-" ? -total : total;
}

/** The coarsest unit that holds so many nanoseconds exactly. */
export function coarsestUnit(nanoseconds: bigint): TimeUnit {
  const fits = (unit: TimeUnit) => unitsOf(nanoseconds, unit) !== null;
  return (["s", "ms", "us"] as const).find(fits) ?? "ns";
}

/** "P1DT2H30M0.5S": zero parts are left out, the fraction has all digits of the unit; nothing at all is "PT0S". */
export function formatDurationText(units: bigint, unit: TimeUnit): string {
  const perSecond = UNITS_PER_SECOND[unit];
  const magnitude = units < 0n ? -units : units;
  const [total, below] = [magnitude / perSecond, magnitude % perSecond];
  const [days, hours, minutes] = [total / 86_400n, (total / 3600n) % 24n, (total / 60n) % 60n];
  const digits = perSecond.toString().length - 1;
  const fraction = below === 0n ? "" : `.${below.toString().padStart(digits, "0")}`;
  const seconds = `${total % 60n}${fraction}`;
  const clock = [
    hours === 0n ? "" : `${hours}H`,
    minutes === 0n ? "" : `${minutes}M`,
    seconds === "0" ? "" : `${seconds}S`,
  ].join("");
  const day = days === 0n ? "" : `${days}D`;
  const body = day + (clock === "" ? "" : `T${clock}`);
  return `${units < 0n ? "-" : ""}P${body === "" ? "T0S" : body}`;
}

function isoNanoseconds(text: string): bigint | null {
  const match = ISO.exec(text);
  if (match === null || match.slice(2, 7).every((part) => part === undefined)) return null;
  const [weeks, days, hours, minutes, seconds] = match
    .slice(2, 7)
    .map((part) => BigInt(part ?? 0)) as [bigint, bigint, bigint, bigint, bigint];
  const total = (((weeks * 7n + days) * 24n + hours) * 60n + minutes) * 60n + seconds;
  const fraction = BigInt((match[7] ?? "").padEnd(9, "0"));
  const nanoseconds = total * 1_000_000_000n + fraction;
  return match[1] === "-" ? -nanoseconds : nanoseconds;
}

function unitsOf(nanoseconds: bigint, unit: TimeUnit): bigint | null {
  const perUnit = 1_000_000_000n / UNITS_PER_SECOND[unit];
  const units = nanoseconds / perUnit;
  return nanoseconds % perUnit === 0n && units === BigInt.asIntN(64, units) ? units : null;
}

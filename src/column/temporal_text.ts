// Dates and instants as ISO 8601 text, and back. Literals, `fromColumns` and the casts of the reference executor use
// this; the CSV reader accepts the same forms (kernels/csv/README.md).

import { civilFromDays, daysFromCivil, daysInMonth } from "../base/index.ts";
import type { TimeUnit } from "../dtype/index.ts";

export const UNITS_PER_SECOND: Readonly<Record<TimeUnit, bigint>> = {
  s: 1n,
  ms: 1_000n,
  us: 1_000_000n,
  ns: 1_000_000_000n,
};
const FRACTION_DIGITS: Readonly<Record<TimeUnit, number>> = { s: 0, ms: 3, us: 6, ns: 9 };
const SECONDS_PER_DAY = 86_400n;

// Instants in seconds have years of 12 digits.
const DATE = /^([+-]?\d{4,12})-(\d{2})-(\d{2})$/;
const INSTANT =
  /^([+-]?\d{4,12}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;

/** Days since 1970-01-01 of "YYYY-MM-DD"; null if the text is no date or the days do not fit an int32. */
export function parseDateText(text: string): number | null {
  const days = parseDay(text);
  return days === null || days !== (days | 0) ? null : days;
}

/** Days of any size. */
function parseDay(text: string): number | null {
  const match = DATE.exec(text);
  if (match === null) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  return daysFromCivil({ year, month, day });
}

/**
 * Units since the epoch of "YYYY-MM-DD[T or space]HH:MM[:SS[.fraction]][Z or +HH:MM]"; without a zone the text is UTC.
 * Null if the text is no instant, has a digit below the unit, or does not fit an int64.
 */
export function parseTimestampText(text: string, unit: TimeUnit): bigint | null {
  const match = INSTANT.exec(text);
  if (match === null) return null;
  const days = parseDay(match[1] as string);
  if (days === null) return null;
  const [hour, minute, second] = [match[2], match[3], match[4]].map((part) =>
    Number(part ?? 0),
  ) as [number, number, number];
  const offset = parseOffset(match[6]);
  if (hour > 23 || minute > 59 || second > 59 || offset === null) return null;
  const fraction = (match[5] ?? "").padEnd(9, "0");
  const digits = FRACTION_DIGITS[unit];
  if (/[1-9]/.test(fraction.slice(digits))) return null;
  const seconds =
    BigInt(days) * SECONDS_PER_DAY + BigInt(hour * 3600 + minute * 60 + second - offset);
  const units = seconds * UNITS_PER_SECOND[unit] + BigInt(fraction.slice(0, digits) || "0");
  return units === BigInt.asIntN(64, units) ? units : null;
}

/** Seconds east of UTC; null for an impossible zone. */
export function parseOffset(zone: string | undefined): number | null {
  if (zone === undefined || zone === "Z" || zone === "z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(":", "") || "0");
  if (hours > 23 || minutes > 59) return null;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60);
}

/** "YYYY-MM-DD"; years outside 0000..9999 carry a sign and six digits or more, as ECMAScript writes them. */
export function formatDateText(days: number): string {
  const { year, month, day } = civilFromDays(days);
  return `${formatYear(year)}-${twoDigits(month)}-${twoDigits(day)}`;
}

/** "YYYY-MM-DDTHH:MM:SS[.fraction]", the fraction only where it is not zero, with all digits of the unit. */
export function formatTimestampText(units: bigint, unit: TimeUnit): string {
  const perSecond = UNITS_PER_SECOND[unit];
  const perDay = perSecond * SECONDS_PER_DAY;
  const days = floorDivide(units, perDay);
  const inDay = units - days * perDay;
  const seconds = Number(inDay / perSecond);
  const fraction = (inDay % perSecond).toString().padStart(FRACTION_DIGITS[unit], "0");
  const [hour, minute] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const clock = [hour, minute, seconds % 60].map(twoDigits).join(":");
  return `${formatDateText(Number(days))}T${clock}${/[1-9]/.test(fraction) ? `.${fraction}` : ""}`;
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

export function formatYear(year: number): string {
  if (year >= 0 && year <= 9999) return year.toString().padStart(4, "0");
  return (year < 0 ? "-" : "+") + Math.abs(year).toString().padStart(6, "0");
}

function twoDigits(value: number): string {
  return value.toString().padStart(2, "0");
}

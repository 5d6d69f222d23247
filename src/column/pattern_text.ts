// Dates and instants as text by a pattern of strftime, and back (strptime). Names are English, whatever the machine's locale.
//
//   %Y year   %m month   %d day   %H hour   %M minute   %S second   %f fraction of the second
//   %y year of the century   %e day, with a space before one digit   %j day of the year   %I hour of 12   %p AM or PM
//   %B %b name of the month   %A %a name of the day   %s seconds since the epoch   %z +0200   %F %Y-%m-%d   %T %H:%M:%S   %%
//   only written: %G %V year and week of ISO 8601   %u %w weekday, 1 to 7 from Monday, 0 to 6 from Sunday
//
// Written: %f has all digits of the unit. Read: a year has four digits, or a sign and four to seven (six where another number
// follows at once); other numbers may have fewer digits than they are written with, %f one to nine of which none may be
// below the unit, %y from 69 on is of the 20th century, names may be in any case, %z is also Z or +02:00, a name of a day is
// not compared with the date. What is read is said once: a pattern with two months is refused, since they could contradict
// each other.

import { civilFromDays, daysFromCivil, daysInMonth } from "../base/index.ts";
import type { TimeUnit } from "../dtype/index.ts";
import { formatYear, parseOffset, UNITS_PER_SECOND } from "./temporal_text.ts";

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const SHORTHANDS: Readonly<Record<string, string>> = { F: "%Y-%m-%d", T: "%H:%M:%S" };
const WRITTEN = "YmdHMSfyejIpBbAasz%GVuw";
const READ = "YmdHMSfyejIpBbAasz%";
const CLOCK = "HMSfIpsz";
/** Fields that say the same when they are read. */
const SAME = ["Yy", "mbBj", "dej", "HI", "Aa", "M", "S", "f", "p", "z", "s"];
/** What the seconds since the epoch say too. */
const IN_EPOCH = "YymbBdejHIMSp";
/** Fields that begin with a digit. */
const NUMBERS = "YymdejHIMSfs";

/** The pattern without %F and %T. */
export function expandPattern(pattern: string): string {
  return pattern.replace(/%(.)/gs, (whole, specifier: string) => SHORTHANDS[specifier] ?? whole);
}

/** What is wrong with an expanded pattern, or null. `isDate`: there is no clock. */
export function patternFault(
  pattern: string,
  use: "read" | "written",
  isDate: boolean,
): string | null {
  const known = use === "read" ? READ : WRITTEN;
  const specifiers = specifiersOf(pattern);
  for (const specifier of specifiers) {
    if (specifier === "") return "ends with a single %";
    if (!known.includes(specifier)) return `has %${specifier}, which is not ${use}`;
    if (isDate && CLOCK.includes(specifier)) return `has %${specifier}, and a date has no clock`;
  }
  if (use === "written") return null;
  const twice = saidTwice(specifiers);
  if (twice !== null) return twice;
  const has = (specifier: string) => specifiers.includes(specifier);
  if (has("s")) return null;
  const hasDay = has("j") || ((has("m") || has("b") || has("B")) && (has("d") || has("e")));
  if (!hasDay || !(has("Y") || has("y"))) return "says no year, month and day";
  return has("I") !== has("p") ? "has one of %I and %p without the other" : null;
}

function saidTwice(specifiers: readonly string[]): string | null {
  for (const same of SAME) {
    const [first, second] = specifiers.filter(
      (specifier) => specifier !== "" && same.includes(specifier),
    );
    if (second !== undefined)
      return `has %${first} and %${second}, which could contradict each other`;
  }
  const other = specifiers.find((specifier) => specifier !== "" && IN_EPOCH.includes(specifier));
  return specifiers.includes("s") && other !== undefined
    ? `has %s and %${other}, which could contradict each other`
    : null;
}

function specifiersOf(pattern: string): string[] {
  return [...pattern.matchAll(/%(.?)/gsu)].map(([, specifier = ""]) => specifier);
}

/** @param unit null: `value` is days. @param pattern expanded, without %z */
export function formatPattern(value: bigint, unit: TimeUnit | null, pattern: string): string {
  const perSecond = unit === null ? 1n : UNITS_PER_SECOND[unit];
  const seconds = unit === null ? value * 86_400n : floorDivide(value, perSecond);
  const fraction = unit === null ? 0n : value - seconds * perSecond;
  const days = Number(floorDivide(seconds, 86_400n));
  const inDay = Number(seconds - BigInt(days) * 86_400n);
  const date = civilFromDays(days);
  const { year, month, day } = date;
  const weekday = ((((days + 3) % 7) + 7) % 7) + 1;
  const ordinal = days - daysFromCivil({ year, month: 1, day: 1 }) + 1;
  // The week belongs to the year of its Thursday.
  const thursday = days + 4 - weekday;
  const isoYear = civilFromDays(thursday).year;
  const week = Math.floor((thursday - daysFromCivil({ year: isoYear, month: 1, day: 1 })) / 7) + 1;
  const hour = Math.floor(inDay / 3600);
  const two = (number: number) => String(number).padStart(2, "0");
  const monthName = MONTHS[month - 1] as string;
  const dayName = DAYS[weekday - 1] as string;
  const fields: Readonly<Record<string, () => string>> = {
    Y: () => formatYear(year),
    G: () => formatYear(isoYear),
    y: () => two(((year % 100) + 100) % 100),
    m: () => two(month),
    d: () => two(day),
    e: () => String(day).padStart(2, " "),
    j: () => String(ordinal).padStart(3, "0"),
    V: () => two(week),
    u: () => String(weekday),
    w: () => String(weekday % 7),
    B: () => monthName,
    b: () => monthName.slice(0, 3),
    A: () => dayName,
    a: () => dayName.slice(0, 3),
    H: () => two(hour),
    I: () => two(((hour + 11) % 12) + 1),
    p: () => (hour < 12 ? "AM" : "PM"),
    M: () => two(Math.floor(inDay / 60) % 60),
    S: () => two(inDay % 60),
    f: () => String(fraction).padStart(perSecond.toString().length - 1, "0"),
    s: () => String(seconds),
    "%": () => "%",
  };
  return pattern.replace(/%(.)/gs, (_, specifier: string) => fields[specifier]?.() ?? "");
}

const READERS: Readonly<Record<string, string>> = {
  Y: "\\d{4}|[+-]\\d{4,7}",
  y: "\\d{1,2}",
  m: "\\d{1,2}",
  d: "\\d{1,2}",
  e: " ?\\d{1,2}",
  j: "\\d{1,3}",
  H: "\\d{1,2}",
  I: "\\d{1,2}",
  p: "[AaPp][Mm]",
  M: "\\d{1,2}",
  S: "\\d{1,2}",
  f: "\\d{1,9}",
  s: "[+-]?\\d{1,19}",
  z: "[Zz]|[+-]\\d{2}(?::?\\d{2})?",
  B: MONTHS.join("|"),
  b: MONTHS.map((name) => name.slice(0, 3)).join("|"),
  A: DAYS.join("|"),
  a: DAYS.map((name) => name.slice(0, 3)).join("|"),
};

/** As formatYear writes it: digits that follow belong to the next field. */
const YEAR_BEFORE_NUMBER = "\\d{4}|[+-]\\d{6}";
const BEFORE_NUMBER = new RegExp(`^%Y(?:%[${NUMBERS}]|\\d)`);

interface Reader {
  readonly text: RegExp;
  readonly specifiers: readonly string[];
}

const readers = new Map<string, Reader>();

function readerOf(pattern: string): Reader {
  const known = readers.get(pattern);
  if (known !== undefined) return known;
  const specifiers: string[] = [];
  const source = pattern.replace(
    /%(.)|[\\^$.*+?()[\]{}|/]/gs,
    (whole, specifier: string | undefined, at: number) => {
      if (specifier === undefined) return `\\${whole}`;
      if (specifier === "%") return "%";
      specifiers.push(specifier);
      const isYearBeforeNumber = specifier === "Y" && BEFORE_NUMBER.test(pattern.slice(at));
      return `(${isYearBeforeNumber ? YEAR_BEFORE_NUMBER : READERS[specifier]})`;
    },
  );
  const reader = { text: new RegExp(`^${source}$`, "is"), specifiers };
  readers.set(pattern, reader);
  return reader;
}

/** Days (unit null) or units since the epoch; null if the text is no such value. @param pattern expanded */
export function parsePattern(text: string, unit: TimeUnit | null, pattern: string): bigint | null {
  const { text: expected, specifiers } = readerOf(pattern);
  const match = expected.exec(text);
  if (match === null) return null;
  const found = new Map(specifiers.map((specifier, index) => [specifier, match[index + 1] ?? ""]));
  const day = dayOf(found);
  const clock = clockOf(found);
  if (day === null || clock === null) return null;
  if (unit === null) return day === (Number(day) | 0) ? BigInt(day) : null;
  const perSecond = UNITS_PER_SECOND[unit];
  const digits = perSecond.toString().length - 1;
  const fraction = (found.get("f") ?? "").padEnd(9, "0");
  if (/[1-9]/.test(fraction.slice(digits))) return null;
  const epoch = found.get("s");
  const seconds =
    epoch === undefined ? BigInt(day) * 86_400n + BigInt(clock) : BigInt(epoch.replace("+", ""));
  const units = seconds * perSecond + BigInt(fraction.slice(0, digits) || "0");
  return units === BigInt.asIntN(64, units) ? units : null;
}

/** Days since the epoch; 0 where the pattern says the seconds since it. */
function dayOf(found: ReadonlyMap<string, string>): number | null {
  const number = (specifier: string) => Number(found.get(specifier));
  if (found.has("s")) return 0;
  const short = number("y");
  const year = found.has("Y") ? number("Y") : short + (short < 69 ? 2000 : 1900);
  if (found.has("j")) {
    const ordinal = number("j");
    const length = daysInMonth(year, 2) + 337;
    const start = daysFromCivil({ year, month: 1, day: 1 });
    return ordinal >= 1 && ordinal <= length ? start + ordinal - 1 : null;
  }
  const name = (found.get("B") ?? found.get("b") ?? "").slice(0, 3).toLowerCase();
  const named = MONTHS.findIndex((month) => month.slice(0, 3).toLowerCase() === name) + 1;
  const month = found.has("m") ? number("m") : named;
  const day = found.has("d") ? number("d") : number("e");
  const exists = month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
  return exists ? daysFromCivil({ year, month, day }) : null;
}

/** Seconds of the day, less the offset of %z. */
function clockOf(found: ReadonlyMap<string, string>): number | null {
  const number = (specifier: string) => Number(found.get(specifier) ?? 0);
  let hour = number("H");
  if (found.has("I")) {
    const half = number("I");
    if (half < 1 || half > 12) return null;
    hour = (half % 12) + (found.get("p")?.toLowerCase() === "pm" ? 12 : 0);
  }
  const offset = parseOffset(found.get("z")?.toUpperCase());
  if (hour > 23 || number("M") > 59 || number("S") > 59 || offset === null) return null;
  return hour * 3600 + number("M") * 60 + number("S") - offset;
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n ? quotient - 1n : quotient;
}

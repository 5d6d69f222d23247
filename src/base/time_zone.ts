// Time zones from the runtime's own data (Intl): no table of ours to keep up to date. A zone becomes the list of its
// transitions, found by asking Intl and halving, once a zone and process. That takes some 20,000 questions, 50 to 150 ms:
// where a zone is named only its name is checked, and queries tabulate in slices before they are planned.
//
//   offsets[0] | transitions[0] | offsets[1] | transitions[1] | offsets[2] ...
//
// Up to 2100 every transition is looked for: rules until then are dates that somebody decided (Ramadan in Morocco). After
// that only rules by month and weekday are left, and they repeat with the calendar, every 400 years = 20,871 weeks: 400
// years are tabulated, and an instant beyond is that many cycles earlier.

import { InvalidArgumentError } from "./errors.ts";
import { atOnce, type Steps } from "./time_slice.ts";

export interface TimeZone {
  readonly name: string;
  /** Seconds since the epoch, ascending. */
  readonly transitions: readonly bigint[];
  /** Seconds east of UTC; one more than transitions. */
  readonly offsets: readonly number[];
  /** From RECURRENCE_START on the transitions repeat every CYCLE_SECONDS; false: none is after it. */
  readonly recurs: boolean;
}

export const CYCLE_SECONDS = 146_097n * 86_400n;
/** 2100-01-01T00:00:00Z. */
export const RECURRENCE_START = 4_102_444_800n;

const DAY = 86_400;
const START = Number(RECURRENCE_START);
const END = START + Number(CYCLE_SECONDS);
/** Before the first transition of any zone, Manila's in 1844. */
const FIRST = -4_102_444_800;
/** Two transitions that undo each other are at least 6.9 days apart, but for Freetown's 3.9 days in 1939. */
const STEP = 6.5 * DAY;
const SHORT_STEP = 3.5 * DAY;
const SHORT_STEPS: readonly [number, number] = [-978_307_200, -946_771_200]; // 1939
/** Transitions mostly are at whole quarters of an hour. */
const QUARTER = 900;
/** Rules by month and weekday move a transition by 52 or 53 weeks a year. */
const YEARS_LATER: readonly number[] = [364 * DAY, 371 * DAY];

const known = new Map<string, TimeZone>();
/** Names that were checked and not asked for yet. */
const wanted = new Map<string, OffsetAt>();

/**
 * Checks an IANA name, or "+02:00" for a fixed offset.
 * @throws InvalidArgumentError for a name that the runtime does not know.
 */
export function checkTimeZone(name: string): void {
  if (known.has(name) || wanted.has(name)) return;
  const fixed = fixedOffset(name);
  if (fixed === null) wanted.set(name, offsetQuestion(name));
  else known.set(name, { name, transitions: [], offsets: [fixed], recurs: false });
}

/** Tabulates the zones that were checked, so that timeZone() has them. */
export function* tabulateTimeZones(): Steps<void> {
  for (const [name, offsetAt] of wanted) yield* tabulated(name, offsetAt);
}

/**
 * The zone of that name; tabulates at once what was not tabulated in steps before.
 * @throws InvalidArgumentError for a name that the runtime does not know.
 */
export function timeZone(name: string): TimeZone {
  checkTimeZone(name);
  const offsetAt = wanted.get(name);
  return offsetAt === undefined ? (known.get(name) as TimeZone) : atOnce(tabulated(name, offsetAt));
}

function* tabulated(name: string, offsetAt: OffsetAt): Steps<TimeZone> {
  const zone = yield* tabulate(name, offsetAt);
  known.set(name, zone);
  wanted.delete(name);
  return zone;
}

/** Seconds east of UTC at an instant in seconds. */
export function zoneOffset(zone: TimeZone, seconds: bigint): number {
  const { transitions, offsets, recurs } = zone;
  const instant =
    recurs && seconds >= RECURRENCE_START
      ? RECURRENCE_START + ((seconds - RECURRENCE_START) % CYCLE_SECONDS)
      : seconds;
  let [low, high] = [0, transitions.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((transitions[middle] as bigint) <= instant) low = middle + 1;
    else high = middle;
  }
  return offsets[low] as number;
}

type OffsetAt = (seconds: number) => number;

function fixedOffset(name: string): number | null {
  if (name === "UTC") return 0;
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(name);
  if (match === null) return null;
  const [hours, minutes] = [Number(match[2]), Number(match[3])];
  if (hours > 23 || minutes > 59) return null;
  return (match[1] === "-" ? -1 : 1) * (hours * 3600 + minutes * 60);
}

/** Asks Intl, which prints "1/1/1970, GMT-04:56:02". */
function offsetQuestion(name: string): OffsetAt {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  } catch (cause) {
    throw new InvalidArgumentError(`${JSON.stringify(name)} is no time zone`, {
      cause,
      hint: 'Write an IANA name such as "Europe/Zurich", or an offset such as "+02:00".',
    });
  }
  return (seconds) => {
    const text = format.format(seconds * 1000);
    const match = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(text);
    if (match === null) throw new Error(`Intl printed ${text}, which has no offset`);
    const [, sign, hours = "0", minutes = "0", rest = "0"] = match;
    const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
    return sign === "-" ? -total : total;
  };
}

function* tabulate(name: string, offsetAt: OffsetAt): Steps<TimeZone> {
  const transitions: number[] = [];
  const offsets = [offsetAt(FIRST)];
  const add = (transition: number, offset: number) => {
    transitions.push(transition);
    offsets.push(offset);
  };
  for (let from = FIRST; from < START; ) {
    const isShort = from >= SHORT_STEPS[0] && from < SHORT_STEPS[1];
    const to = Math.min(START, from + (isShort ? SHORT_STEP : STEP));
    findTransitions(offsetAt, from, to, add);
    from = to;
    yield;
  }
  const before = transitions.length;
  findTransitions(offsetAt, START, START + 183 * DAY, add);
  findTransitions(offsetAt, START + 183 * DAY, START + 366 * DAY, add);
  const yearly = transitions.length - before;
  if (yearly > 0) yield* repeatRule(offsetAt, transitions, offsets, yearly);
  return { name, transitions: transitions.map(BigInt), offsets, recurs: yearly > 0 };
}

/** Adds all transitions in (from, to] that no other in there undoes. */
function findTransitions(
  offsetAt: OffsetAt,
  from: number,
  to: number,
  add: (transition: number, offset: number) => void,
): void {
  const last = offsetAt(to);
  let [start, offset] = [from, offsetAt(from)];
  while (offset !== last) {
    start = firstChange(offsetAt, start, to, offset);
    offset = offsetAt(start);
    add(start, offset);
  }
}

/** The first second after `low` (or one of several, if there are) at which the offset is not `offset`. */
function firstChange(offsetAt: OffsetAt, low: number, high: number, offset: number): number {
  for (const grain of [QUARTER, 1]) {
    let [below, above] = [Math.floor(low / grain), Math.ceil(high / grain)];
    while (above - below > 1) {
      const middle = Math.floor((below + above) / 2);
      if (offsetAt(middle * grain) === offset) below = middle;
      else above = middle;
    }
    [low, high] = [below * grain, above * grain];
    if (offsetAt(high - 1) === offset) return high;
  }
  return high;
}

/** Continues the transitions of the first year to the end of the cycle. */
function* repeatRule(
  offsetAt: OffsetAt,
  transitions: number[],
  offsets: number[],
  yearly: number,
): Steps<void> {
  for (;;) {
    const earlier = transitions[transitions.length - yearly] as number;
    const offset = offsets[offsets.length - yearly] as number;
    const before = offsets.at(-1) as number;
    const isTransition = (t: number) => offsetAt(t - 1) === before && offsetAt(t) === offset;
    const next = YEARS_LATER.map((later) => earlier + later).find(isTransition);
    if (next === undefined)
      throw new Error("a rule of a time zone that is not by month and weekday");
    if (next > END) return;
    transitions.push(next);
    offsets.push(offset);
    yield;
  }
}

// Local time in IR: the offset of a zone at an instant, and the instants of a local time. A zone is a sorted list of
// transitions (src/base/time_zone.ts), which `rank` searches and `lookup` reads, so that every executor runs it.
//
// Local times lie in segments, by the local clock:
//
//   unique      has one instant: local - first
//   ambiguous   clocks went back over it: local - first, and an hour (or what it was) later local - last
//   skipped     clocks went forward over it: none; `instant` is when they did, and local - first is as long after it as
//               the local time is after the last one that was

import { CYCLE_SECONDS, RECURRENCE_START, type TimeZone, timeZone } from "../../base/index.ts";
import type { LookupTable, ValueId, ValueSet } from "../../ir/index.ts";
import type { ProgramBuilder } from "../builder.ts";
import { arithmeticOn } from "./lane_arithmetic.ts";

/** What the segments of a zone are, as tables of one entry a segment. */
interface ZoneTables {
  readonly recurs: boolean;
  readonly transitions: ValueSet;
  readonly offsets: LookupTable;
  readonly segments: ValueSet;
  readonly first: LookupTable;
  readonly last: LookupTable;
  readonly kind: LookupTable;
  readonly instant: LookupTable;
}

const UNIQUE = 0;
const AMBIGUOUS = 1;
const SKIPPED = 2;

const tables = new Map<string, ZoneTables>();

/** Is local time UTC all along? */
export function isUtc(timezone: string | null): boolean {
  if (timezone === null || timezone === "UTC") return true;
  const { transitions, offsets } = timeZone(timezone);
  return transitions.length === 0 && offsets[0] === 0;
}

/** Seconds east of UTC (i32) at an instant in seconds (i64). */
export function offsetAt(builder: ProgramBuilder, timezone: string, seconds: ValueId): ValueId {
  const zone = zoneTables(timezone);
  const { instant } = inFirstCycle(builder, zone.recurs, seconds);
  const place = builder.rank(instant, zone.transitions);
  return builder.lookup(place, zone.offsets);
}

/** Instants of a local time, in seconds. */
export interface LocalInstants {
  /** The earlier one where there are two; where there is none, the local time with the offset before the gap. */
  readonly earliest: ValueId;
  readonly latest: ValueId;
  /** The first instant whose local time is this one or a later one. */
  readonly start: ValueId;
  readonly isAmbiguous: ValueId;
  readonly isSkipped: ValueId;
}

/** @param local seconds since the epoch on the zone's clock */
export function instantsOf(
  builder: ProgramBuilder,
  timezone: string,
  local: ValueId,
): LocalInstants {
  const zone = zoneTables(timezone);
  const { op } = arithmeticOn(builder, "i64");
  const { instant: reduced, cycles } = inFirstCycle(builder, zone.recurs, local);
  const place = builder.rank(reduced, zone.segments);
  const offset = (table: LookupTable) =>
    builder.convert("i32", "i64", builder.lookup(place, table));
  const kind = builder.lookup(place, zone.kind);
  const isKind = (wanted: number) =>
    builder.compare("eq", "i32", kind, builder.constant("i32", wanted));
  const earliest = op("sub", local, offset(zone.first));
  const transition = builder.lookup(place, zone.instant);
  const isSkipped = isKind(SKIPPED);
  const end = cycles === null ? transition : op("add", transition, cycles);
  return {
    earliest,
    latest: op("sub", local, offset(zone.last)),
    start: builder.select("i64", isSkipped, end, earliest),
    isAmbiguous: isKind(AMBIGUOUS),
    isSkipped,
  };
}

/** The same second of the calendar in the 400 years that are tabulated; `cycles`: how many seconds were taken off. */
function inFirstCycle(
  builder: ProgramBuilder,
  recurs: boolean,
  seconds: ValueId,
): { readonly instant: ValueId; readonly cycles: ValueId | null } {
  if (!recurs) return { instant: seconds, cycles: null };
  const { op, k } = arithmeticOn(builder, "i64");
  const start = k(RECURRENCE_START);
  const isLater = builder.compare("le", "i64", start, seconds);
  const inside = op("add", start, op("mod", op("sub", seconds, start), k(CYCLE_SECONDS)));
  const instant = builder.select("i64", isLater, inside, seconds);
  return { instant, cycles: op("sub", seconds, instant) };
}

function zoneTables(timezone: string): ZoneTables {
  const known = tables.get(timezone);
  if (known !== undefined) return known;
  const zone = timeZone(timezone);
  const segments = localSegments(zone);
  const built: ZoneTables = {
    recurs: zone.recurs,
    transitions: { lane: "i64", values: zone.transitions },
    offsets: narrowTable(zone.offsets),
    segments: { lane: "i64", values: segments.slice(1).map(({ from }) => from) },
    first: narrowTable(segments.map(({ first }) => first)),
    last: narrowTable(segments.map(({ last }) => last)),
    kind: narrowTable(segments.map(({ kind }) => kind)),
    instant: wideTable(segments.map(({ instant }) => instant)),
  };
  tables.set(timezone, built);
  return built;
}

interface Segment {
  /** Local seconds of its start. */
  readonly from: bigint;
  readonly first: number;
  readonly last: number;
  readonly kind: number;
  readonly instant: bigint;
}

/** No two transitions of any zone are so close that their segments overlap. */
function localSegments({ transitions, offsets }: TimeZone): Segment[] {
  const unique = (from: bigint, offset: number): Segment => {
    return { from, first: offset, last: offset, kind: UNIQUE, instant: 0n };
  };
  const segments = [unique(0n, offsets[0] as number)];
  for (const [index, instant] of transitions.entries()) {
    const [before, after] = [offsets[index] as number, offsets[index + 1] as number];
    const isSkipped = after > before;
    segments.push({
      from: instant + BigInt(Math.min(before, after)),
      first: before,
      last: isSkipped ? before : after,
      kind: isSkipped ? SKIPPED : AMBIGUOUS,
      instant,
    });
    segments.push(unique(instant + BigInt(Math.max(before, after)), after));
  }
  return segments;
}

function narrowTable(values: readonly number[]): LookupTable {
  const words = new Uint32Array(Int32Array.from(values).buffer);
  return { lane: "i32", length: values.length, words };
}

function wideTable(values: readonly bigint[]): LookupTable {
  const words = new Uint32Array(BigInt64Array.from(values).buffer);
  return { lane: "i64", length: values.length, words };
}

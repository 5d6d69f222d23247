// Calendar functions in time zones against Intl.DateTimeFormat, over the whole range of Date and around transitions.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { timeZone, zoneOffset } from "../../src/base/index.ts";
import { type AnyExpr, col } from "../../src/expr/index.ts";
import { failureAt, testFrame, valuesOf } from "./evaluate.ts";

const ZONES = [
  "UTC",
  "America/New_York",
  "America/Sao_Paulo",
  "America/St_Johns",
  "Europe/Zurich",
  "Europe/Dublin",
  "Africa/Casablanca",
  "Africa/Monrovia",
  "Asia/Kathmandu",
  "Asia/Tehran",
  "Asia/Gaza",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Chatham",
  "Antarctica/Troll",
  "+05:45",
];

interface Clock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** What Intl shows in the zone. It takes no fixed offsets in Node 20: those are added here. */
function clockIn(zone: string): (seconds: number) => Clock {
  const fixed = /^\+(\d\d):(\d\d)$/.exec(zone);
  const ahead = fixed === null ? 0 : Number(fixed[1]) * 3600 + Number(fixed[2]) * 60;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: fixed === null ? zone : "UTC",
    era: "short",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    weekday: "short",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
    hourCycle: "h23",
  });
  return (seconds) => {
    const parts = format.formatToParts((seconds + ahead) * 1000);
    const part = (type: string) => parts.find((found) => found.type === type)?.value ?? "";
    const year = Number(part("year"));
    return {
      year: part("era").startsWith("B") ? 1 - year : year,
      month: Number(part("month")),
      day: Number(part("day")),
      weekday: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(part("weekday")) + 1,
      hour: Number(part("hour")),
      minute: Number(part("minute")),
      second: Number(part("second")),
    };
  };
}

/** Seconds of the clock as if it were UTC. */
function localSeconds(clock: Clock): number {
  const date = new Date(0);
  date.setUTCFullYear(clock.year, clock.month - 1, clock.day);
  date.setUTCHours(clock.hour, clock.minute, clock.second);
  return date.getTime() / 1000;
}

/** Random instants of all of Date, of the last two centuries, of the future, and next to transitions. */
function instantsFor(zone: string): number[] {
  const { transitions } = timeZone(zone);
  const near = transitions.filter((_, index) => index % 101 < 2 || index < 5).map(Number);
  const random = [
    ...fc.sample(fc.integer({ min: -8.6e12, max: 8.6e12 }), { numRuns: 15, seed: 1 }),
    ...fc.sample(fc.integer({ min: -4.2e9, max: 4.2e9 }), { numRuns: 25, seed: 2 }),
    ...fc.sample(fc.integer({ min: 4.1e9, max: 4e10 }), { numRuns: 15, seed: 3 }),
  ];
  return [0, ...random, ...near.flatMap((t) => [t - 3601, t - 1, t, t + 1799, t + 5400])];
}

const FIELDS = ["year", "month", "day", "weekday", "hour", "minute", "second"] as const;

describe.each(ZONES)("%s", (zone) => {
  const clock = clockIn(zone);
  const seconds = instantsFor(zone);
  const clocks = seconds.map(clock);
  const frame = testFrame({ t: [`timestamp[s, ${zone}]`, seconds.map(BigInt)] });
  const offsets = seconds.map((second, index) => localSeconds(clocks[index]!) - second);

  it("has the offsets that Intl shows", () => {
    const found = seconds.map((second) => zoneOffset(timeZone(zone), BigInt(second)));
    expect(found).toEqual(offsets);
  });

  it.each(FIELDS)("%s", (field) => {
    expect(valuesOf(frame, col("t").dt[field]())).toEqual(clocks.map((shown) => shown[field]));
  });

  it("the date, and text of it", () => {
    const dates = clocks.map(({ year, month, day }) => {
      const date = new Date(0);
      date.setUTCFullYear(year, month - 1, day);
      return date;
    });
    expect(valuesOf(frame, col("t").dt.date())).toEqual(dates);
  });

  it("fields of finer units", () => {
    for (const unit of ["ms", "us"] as const) {
      const scale = unit === "ms" ? 1000n : 1_000_000n;
      const finer = testFrame({
        t: [`timestamp[${unit}, ${zone}]`, seconds.map((second) => BigInt(second) * scale + 7n)],
      });
      for (const field of FIELDS) {
        const shown = clocks.map((found) => found[field]);
        expect(valuesOf(finer, col("t").dt[field]())).toEqual(shown);
      }
    }
  });

  /** The instants of a local time, by the offsets that Intl shows two days around it. */
  const instantsOf = (local: number): number[] => {
    const around = [-172_800, -86_400, 0, 86_400, 172_800].map((shift) => {
      return localSeconds(clock(local + shift)) - (local + shift);
    });
    const candidates = [...new Set(around)].map((offset) => local - offset);
    return candidates.filter((c) => localSeconds(clock(c)) === local).sort((a, b) => a - b);
  };
  /** Local times as they are shown, and the hour before and after: some of them are skipped. */
  const locals = seconds.flatMap((second, index) => {
    const local = second + (offsets[index] as number);
    return Math.abs(local) < 8e12 ? [local, local - 3600, local + 1800] : [];
  });
  const naive = testFrame({ t: ["timestamp[s]", locals.map(BigInt)] });
  const found = locals.map(instantsOf);
  const replaced = (ambiguous: "earliest" | "latest" | "null", nonExistent: "shift" | "null") =>
    valuesOf(naive, col("t").dt.replaceTimezone(zone, { ambiguous, nonExistent }).cast("int64"));

  it("replaceTimezone gives the instants of local times", () => {
    const first = found.map((instants) => (instants[0] === undefined ? null : BigInt(instants[0])));
    expect(replaced("earliest", "null")).toEqual(first);
    const last = found.map((instants) => instants.at(-1) ?? null);
    expect(replaced("latest", "null")).toEqual(last.map((v) => (v === null ? null : BigInt(v))));
    const only = found.map((instants) => (instants.length === 1 ? BigInt(instants[0]!) : null));
    expect(replaced("null", "null")).toEqual(only);
  });

  it("replaceTimezone raises at the first row that has no single instant", () => {
    const bad = found.findIndex((instants) => instants.length !== 1);
    const raise = () => valuesOf(naive, col("t").dt.replaceTimezone(zone));
    if (bad < 0) expect(raise).not.toThrow();
    else expect(raise).toThrow(failureAt(bad, "has no single instant"));
  });

  it("skipped times shift forward by the gap", () => {
    const shifted = replaced("earliest", "shift");
    for (const [row, instants] of found.entries()) {
      if (instants.length > 0) continue;
      const shown = localSeconds(clock(Number(shifted[row])));
      const gap = shown - locals[row]!;
      expect(gap).toBeGreaterThan(0);
      // As long after the gap as the local time is after the last one before it.
      expect(localSeconds(clock(Number(shifted[row]) - gap))).toBeLessThan(locals[row]!);
    }
  });

  it("the zone of no zone is the local time", () => {
    const shown = seconds.map((second, index) => BigInt(second + offsets[index]!));
    expect(valuesOf(frame, col("t").dt.replaceTimezone(null).cast("int64"))).toEqual(shown);
    expect(valuesOf(frame, col("t").dt.toTimezone("Asia/Tokyo").cast("int64"))).toEqual(
      seconds.map(BigInt),
    );
  });

  /** The first instant whose local time is `local` or later. */
  const startOf = (local: number): number => {
    const instants = instantsOf(local);
    if (instants[0] !== undefined) return instants[0];
    let [low, high] = [local - 200_000, local + 200_000];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (localSeconds(clock(middle)) < local) low = middle;
      else high = middle;
    }
    return high;
  };
  const inRange = seconds.filter((second) => Math.abs(second) < 8e12);
  const smaller = testFrame({ t: [`timestamp[s, ${zone}]`, inRange.map(BigInt)] });
  const truncated = (every: string) =>
    valuesOf(smaller, col("t").dt.truncate(every).cast("int64")).map(Number);

  it.each(["1d", "1w", "3mo", "1y"])("truncate to %s starts at local midnight", (every) => {
    const expected = inRange.map((second) => {
      const { year, month, day, weekday } = clock(second);
      const midnight = { hour: 0, minute: 0, second: 0, weekday };
      const start = (m: number, d: number) => localSeconds({ ...midnight, year, month: m, day: d });
      switch (every) {
        case "1d":
          return startOf(start(month, day));
        case "1w":
          return startOf(start(month, day) - (weekday - 1) * 86_400);
        case "3mo":
          return startOf(start(month - ((month - 1) % 3), 1));
        default:
          return startOf(start(1, 1));
      }
    });
    expect(truncated(every)).toEqual(expected);
  });

  it.each([
    ["15m", 900],
    ["1h", 3600],
    ["6h", 21_600],
  ] as const)("truncate to %s is the last start before", (every, step) => {
    const expected = inRange.map((second) => {
      const local = localSeconds(clock(second));
      const start = Math.floor(local / step) * step;
      const before = instantsOf(start).filter((instant) => instant <= second);
      return before.at(-1) ?? startOf(start);
    });
    expect(truncated(every)).toEqual(expected);
  });

  it("offsetBy keeps the clock over days and months", () => {
    for (const [by, months, days] of [
      ["1mo", 1, 0],
      ["-1y", -12, 0],
      ["3d", 0, 3],
    ] as const) {
      const expected = inRange.map((second) => {
        const shown = clock(second);
        const first = new Date(0);
        first.setUTCFullYear(shown.year, shown.month - 1 + months, 1);
        const lastDay = new Date(first);
        lastDay.setUTCMonth(first.getUTCMonth() + 1, 0);
        const day = Math.min(shown.day, lastDay.getUTCDate());
        const midnight = first.getTime() / 1000 + (day - 1 + days) * 86_400;
        const local = midnight + shown.hour * 3600 + shown.minute * 60 + shown.second;
        const instants = instantsOf(local);
        if (instants[0] !== undefined) return instants[0];
        const before = localSeconds(clock(startOf(local) - 1)) - (startOf(local) - 1);
        return local - before;
      });
      const actual = valuesOf(smaller, col("t").dt.offsetBy(by).cast("int64")).map(Number);
      expect(actual, by).toEqual(expected);
    }
  });

  it("offsetBy hours is elapsed time", () => {
    const actual = valuesOf(smaller, col("t").dt.offsetBy("25h").cast("int64"));
    expect(actual).toEqual(inRange.map((second) => BigInt(second) + 90_000n));
  });
});

describe("what is refused", () => {
  const frame = testFrame({
    t: ["timestamp[us, Mars/Olympus]", [0]],
    u: ["timestamp[us]", [0]],
    d: ["date", [0]],
  });
  it.each([
    [col("t").dt.year(), /"Mars\/Olympus" is no time zone/],
    [col("u").dt.toTimezone("Nowhere"), /"Nowhere" is no time zone/],
    [col("u").dt.replaceTimezone("+25:00"), /is no time zone/],
    [col("u").dt.replaceTimezone("UTC", { ambiguous: "both" as never }), /ambiguous is not "both"/],
    [col("d").dt.toTimezone("UTC"), /takes a timestamp, not date/],
    [col("d").dt.offsetBy("1h"), /a timestamp for parts of a day/],
    [col("u").dt.offsetBy("1ns"), /no multiple of the unit/],
    [col("u").dt.offsetBy("next week"), /is no offset/],
  ] as [AnyExpr, RegExp][])("%#", (expr, message) => {
    expect(() => valuesOf(frame, expr)).toThrow(message);
  });
});

// Calendar functions against JavaScript's Date, over its whole range and at the edges of the dtypes.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { civilFromDays, daysFromCivil } from "../../src/base/index.ts";
import { col } from "../../src/expr/index.ts";
import { failureAt, testFrame, valuesOf } from "./evaluate.ts";

const EDGES = [
  "1970-01-01",
  "1969-12-31",
  "2000-02-29",
  "1900-03-01",
  "1900-02-28",
  "2024-12-31",
  "2023-01-01",
  "0000-02-29",
  "-000001-12-31",
  "0400-03-01",
  "+010000-01-01",
].map((text) => Date.parse(text));
// A year short of the first Date, so that the starts of its years are Dates too.
const random = fc.sample(fc.integer({ min: -8.6e15, max: 8.6e15 }), 200);
const instants = [...EDGES, ...EDGES.map((ms) => ms - 1), ...random];
const dates = instants.map((ms) => new Date(ms));

const fields: [
  string,
  (t: ReturnType<typeof col>["dt"]) => ReturnType<typeof col>,
  (date: Date) => number,
][] = [
  ["year", (dt) => dt.year() as never, (date) => date.getUTCFullYear()],
  ["month", (dt) => dt.month() as never, (date) => date.getUTCMonth() + 1],
  ["day", (dt) => dt.day() as never, (date) => date.getUTCDate()],
  ["weekday", (dt) => dt.weekday() as never, (date) => date.getUTCDay() || 7],
  [
    "dayOfYear",
    (dt) => dt.dayOfYear() as never,
    (date) => (startOf(date, "day") - startOf(date, "year")) / 864e5 + 1,
  ],
  ["quarter", (dt) => dt.quarter() as never, (date) => Math.floor(date.getUTCMonth() / 3) + 1],
  ["isoYear", (dt) => dt.isoYear() as never, (date) => thursday(date).getUTCFullYear()],
  [
    "isoWeek",
    (dt) => dt.isoWeek() as never,
    (date) => Math.floor((thursday(date).getTime() - startOf(thursday(date), "year")) / 6048e5) + 1,
  ],
  ["daysInMonth", (dt) => dt.daysInMonth() as never, (date) => lastOfMonth(date).getUTCDate()],
  [
    "isLeapYear",
    (dt) => dt.isLeapYear() as never,
    (date) => (new Date(startOf(date, "year") + 59 * 864e5).getUTCDate() === 29) as never,
  ],
  ["date", (dt) => dt.date() as never, (date) => new Date(startOf(date, "day")) as never],
  [
    "monthStart",
    (dt) => dt.monthStart() as never,
    (date) => new Date(startOf(date, "month")) as never,
  ],
  ["monthEnd", (dt) => dt.monthEnd() as never, (date) => lastOfMonth(date) as never],
];
const clock: typeof fields = [
  ["millisecond", (dt) => dt.millisecond() as never, (date) => date.getUTCMilliseconds()],
  ["microsecond", (dt) => dt.microsecond() as never, (date) => 1e3 * date.getUTCMilliseconds()],
  ["nanosecond", (dt) => dt.nanosecond() as never, (date) => 1e6 * date.getUTCMilliseconds()],
  ["hour", (dt) => dt.hour() as never, (date) => date.getUTCHours()],
  ["minute", (dt) => dt.minute() as never, (date) => date.getUTCMinutes()],
  ["second", (dt) => dt.second() as never, (date) => date.getUTCSeconds()],
];

/** That of the ISO week. */
function thursday(date: Date): Date {
  return new Date(startOf(date, "day") + (4 - (date.getUTCDay() || 7)) * 864e5);
}

function lastOfMonth(date: Date): Date {
  const last = new Date(startOf(date, "month"));
  last.setUTCMonth(last.getUTCMonth() + 1, 0);
  return last;
}

/** `months` later, the day clamped to the month's last. */
function monthsLater(date: Date, months: number): number {
  const first = new Date(startOf(date, "month"));
  first.setUTCMonth(first.getUTCMonth() + months);
  const day = Math.min(date.getUTCDate(), lastOfMonth(first).getUTCDate());
  return first.getTime() + (day - 1) * 864e5 + (date.getTime() - startOf(date, "day"));
}

function startOf(date: Date, unit: "day" | "month" | "quarter" | "year"): number {
  const start = new Date(date);
  start.setUTCHours(0, 0, 0, 0);
  if (unit !== "day") start.setUTCDate(1);
  if (unit === "quarter") start.setUTCMonth(start.getUTCMonth() - (start.getUTCMonth() % 3));
  if (unit === "year") start.setUTCMonth(0);
  return start.getTime();
}

describe.each(["ms", "us"] as const)("timestamp[%s]", (unit) => {
  const frame = testFrame({ t: [`timestamp[${unit}]`, dates] });
  it.each([...fields, ...clock])("%s", (_, field, expected) => {
    expect(valuesOf(frame, field(col("t").dt as never))).toEqual(dates.map(expected));
  });

  const truncated: [string, (date: Date) => number][] = [
    ["1d", (date) => startOf(date, "day")],
    ["1h", (date) => Math.floor(date.getTime() / 36e5) * 36e5],
    ["15m", (date) => Math.floor(date.getTime() / 9e5) * 9e5],
    ["1w", (date) => startOf(date, "day") - ((date.getUTCDay() + 6) % 7) * 864e5],
    ["1mo", (date) => startOf(date, "month")],
    ["1q", (date) => startOf(date, "quarter")],
    ["1y", (date) => startOf(date, "year")],
  ];
  const moved: [string, (date: Date) => number][] = [
    ["1mo", (date) => monthsLater(date, 1)],
    ["-1q", (date) => monthsLater(date, -3)],
    ["-4y", (date) => monthsLater(date, -48)],
    ["1y2mo", (date) => monthsLater(date, 14)],
    ["-1mo1d", (date) => monthsLater(date, -1) - 864e5],
    ["2w", (date) => date.getTime() + 2 * 6048e5],
    ["1d12h30m", (date) => date.getTime() + 36.5 * 36e5],
    ["-90s500ms", (date) => date.getTime() - 90_500],
  ];
  it.each(moved)("offsetBy %s", (by, expected) => {
    const actual = valuesOf(frame, col("t").dt.offsetBy(by).dt.epoch("ms"));
    expect(actual.map(Number)).toEqual(dates.map(expected));
  });

  it.each(truncated)("truncate to %s", (every, expected) => {
    const actual = valuesOf(frame, col("t").dt.truncate(every));
    expect(actual.map(Number)).toEqual(dates.map(expected));
  });
});

describe("date", () => {
  const whole = dates.map((date) => new Date(startOf(date, "day")));
  const frame = testFrame({ d: ["date", whole] });
  it.each(fields)("%s", (_, field, expected) => {
    expect(valuesOf(frame, field(col("d").dt as never))).toEqual(whole.map(expected));
  });
  it("epoch in seconds", () => {
    expect(valuesOf(frame, col("d").dt.epoch())).toEqual(
      whole.map((date) => BigInt(date.getTime()) / 1000n),
    );
  });
});

describe("the edges of int32 days", () => {
  const days = [-(2 ** 31), -(2 ** 31) + 1, -719468, -719469, 0, 2 ** 31 - 719468, 2 ** 31 - 1];
  const frame = testFrame({ d: ["date", days] });
  it("isoWeek and isoYear", () => {
    // Python's rule over the same days, moved by whole cycles of 400 years into Date's range.
    const cycles = days.map((day) => Math.floor(day / 146_097));
    const near = days.map(
      (day, row) => new Date((day - (cycles[row] as number) * 146_097) * 864e5),
    );
    const weeks = near.map(
      (date) =>
        Math.floor((thursday(date).getTime() - startOf(thursday(date), "year")) / 6048e5) + 1,
    );
    expect(valuesOf(frame, col("d").dt.isoWeek())).toEqual(weeks);
    expect(valuesOf(frame, col("d").dt.isoYear())).toEqual(
      near.map((date, row) => thursday(date).getUTCFullYear() + 400 * (cycles[row] as number)),
    );
  });
  it("ends of months and offsets fail beyond the last day", () => {
    expect(() => valuesOf(frame, col("d").dt.monthEnd())).toThrow(failureAt(6, "overflows"));
    expect(() => valuesOf(frame, col("d").dt.monthStart())).toThrow(failureAt(0, "overflows"));
    expect(() => valuesOf(frame, col("d").dt.offsetBy("-1d"))).toThrow(failureAt(0, "overflows"));
    expect(() => valuesOf(frame, col("d").dt.offsetBy("1y"))).toThrow(failureAt(6, "overflows"));
  });
  it.each(["year", "month", "day"] as const)("%s", (part) => {
    const values = valuesOf(frame, col("d").dt[part]());
    expect(values).toEqual(days.map((day) => civilFromDays(day)[part]));
  });
  it("weeks start on Mondays, or fail before the first day", () => {
    expect(() => valuesOf(frame, col("d").dt.truncate("1w"))).toThrow(failureAt(0, "overflows"));
    expect(() => valuesOf(frame, col("d").dt.truncate("1mo"))).toThrow(failureAt(0, "overflows"));
  });
  it("civilFromDays and daysFromCivil are inverse", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (day) => {
        expect(daysFromCivil(civilFromDays(day))).toBe(day);
      }),
    );
  });
});

describe("the edges of int64 instants", () => {
  const edges = [-(2n ** 63n), 2n ** 63n - 1n];
  it("truncate fails where the start is before time", () => {
    const frame = testFrame({ t: ["timestamp[us]", edges] });
    expect(() => valuesOf(frame, col("t").dt.truncate("1h"))).toThrow(failureAt(0, "overflows"));
    expect(() => valuesOf(frame, col("t").dt.truncate("1y"))).toThrow(failureAt(0, "overflows"));
  });
  it("offsetBy fails at the ends, and not next to them", () => {
    const frame = testFrame({ t: ["timestamp[us]", edges] });
    expect(() => valuesOf(frame, col("t").dt.offsetBy("-1mo"))).toThrow(failureAt(0, "overflows"));
    expect(() => valuesOf(frame, col("t").dt.offsetBy("1d"))).toThrow(failureAt(1, "overflows"));
    expect(valuesOf(frame, col("t").dt.offsetBy("0mo").cast("int64"))).toEqual(edges);
    const inner = testFrame({ t: ["timestamp[us]", [edges[0]! + 86_400_000_000n]] });
    expect(valuesOf(inner, col("t").dt.offsetBy("-1d").cast("int64"))).toEqual([edges[0]]);
  });
  it("a year beyond int32 fails", () => {
    const frame = testFrame({ t: ["timestamp[s]", [0n, ...edges]] });
    expect(() => valuesOf(frame, col("t").dt.year())).toThrow(failureAt(1, "dt.year(t) overflows"));
    expect(valuesOf(frame, col("t").dt.weekday())).toHaveLength(3);
  });
  it("epoch in a finer unit fails", () => {
    const frame = testFrame({ t: ["timestamp[us]", edges] });
    expect(() => valuesOf(frame, col("t").dt.epoch("ns"))).toThrow(failureAt(0, "overflows"));
  });
});

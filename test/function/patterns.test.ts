// Patterns of strftime and strptime against Date and Intl, and reading what was written.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  expandPattern,
  formatPattern,
  parsePattern,
  patternFault,
} from "../../src/column/index.ts";
import { dtypeName } from "../../src/dtype/index.ts";
import { type AnyExpr, col } from "../../src/expr/index.ts";
import { dtypeOf, failureAt, testFrame, valuesOf } from "./evaluate.ts";

const T = Date.UTC(2024, 1, 9, 15, 4, 5, 67);
const frame = testFrame({
  t: ["timestamp[ms]", [new Date(T), new Date("1969-12-31T23:59:59.999Z")]],
  z: ["timestamp[us, America/New_York]", [new Date(T), new Date("2024-07-01T03:30:00Z")]],
  d: ["date", ["2024-12-30", "0044-03-15"]],
});

describe("dt.format", () => {
  it.each([
    ["t", "%Y-%m-%d %H:%M:%S.%f", ["2024-02-09 15:04:05.067", "1969-12-31 23:59:59.999"]],
    ["t", "%F|%T", ["2024-02-09|15:04:05", "1969-12-31|23:59:59"]],
    [
      "t",
      "%A %a %B %b %e, %y",
      ["Friday Fri February Feb  9, 24", "Wednesday Wed December Dec 31, 69"],
    ],
    ["t", "%I:%M %p", ["03:04 PM", "11:59 PM"]],
    ["t", "%j %u %w %G-W%V", ["040 5 5 2024-W06", "365 3 3 1970-W01"]],
    ["t", "%s %z 100%%z", ["1707491045 +0000 100%z", "-1 +0000 100%z"]],
    ["t", "no field", ["no field", "no field"]],
    ["z", "%Y-%m-%dT%H:%M:%S%z", ["2024-02-09T10:04:05-0500", "2024-06-30T23:30:00-0400"]],
    ["d", "%d.%m.%Y week %V of %G", ["30.12.2024 week 01 of 2025", "15.03.0044 week 11 of 0044"]],
  ])("%s as %j", (column, pattern, expected) => {
    expect(valuesOf(frame, col(column).dt.format(pattern))).toEqual(expected);
  });

  it("agrees with Intl on names", () => {
    const intl = new Intl.DateTimeFormat("en-US", {
      timeZone: "UTC",
      weekday: "long",
      month: "long",
    });
    fc.assert(
      fc.property(fc.integer({ min: -8.64e15, max: 8.64e15 }), (ms) => {
        const parts = intl.formatToParts(ms);
        const part = (type: string) => parts.find((found) => found.type === type)?.value;
        expect(formatPattern(BigInt(ms), "ms", "%A %B")).toBe(
          `${part("weekday")} ${part("month")}`,
        );
      }),
    );
  });
});

describe("str.toTimestamp and str.toDate", () => {
  const read = (text: string, pattern: string) => parsePattern(text, "ms", expandPattern(pattern));
  it.each([
    ["09.02.2024 15:04", "%d.%m.%Y %H:%M", Date.UTC(2024, 1, 9, 15, 4)],
    ["9.2.2024", "%d.%m.%Y", Date.UTC(2024, 1, 9)],
    ["Feb 9 2024 3:04 pm", "%b %d %Y %I:%M %p", Date.UTC(2024, 1, 9, 15, 4)],
    ["12:00 AM 2024-01-01", "%I:%M %p %F", Date.UTC(2024, 0, 1)],
    ["friday, FEBRUARY  9, 69", "%A, %B %e, %y", Date.UTC(1969, 1, 9)],
    ["68-060", "%y-%j", Date.UTC(2068, 1, 29)],
    ["2024-02-09T15:04:05.067+05:45", "%FT%T.%f%z", Date.UTC(2024, 1, 9, 9, 19, 5, 67)],
    ["2024-02-09T15:04:05.5Z", "%FT%T.%f%z", Date.UTC(2024, 1, 9, 15, 4, 5, 500)],
    ["-1.250", "%s.%f", -750],
    ["20201231", "%Y%m%d", Date.UTC(2020, 11, 31)],
    ["20200102", "%Y%m%d", Date.UTC(2020, 0, 2)],
    ["2020123", "%Y%j", Date.UTC(2020, 4, 2)],
    ["20201231235959", "%Y%m%d%H%M%S", Date.UTC(2020, 11, 31, 23, 59, 59)],
    ["+01234520201", "%Y%j%H", Date.UTC(12345, 0, 202, 1)],
    ["[2024] (01|02) 100%", "[%Y] (%m|%d) 100%%", Date.UTC(2024, 0, 2)],
  ])("%j by %j", (text, pattern, expected) => {
    expect(read(text, pattern)).toBe(BigInt(expected));
  });
  it.each([
    ["2023-02-29", "%F"],
    ["2024-13-01", "%F"],
    ["2024-01-01 ", "%F"],
    ["24-01-01", "%F"],
    ["2024-366", "%Y-%j "],
    ["2023-366", "%Y-%j"],
    ["13:00 PM 2024-01-01", "%I:%M %p %F"],
    ["2024-01-01 24:00", "%F %H:%M"],
    ["2024-01-01 00:00:60", "%F %T"],
    ["2024-01-01 0.0001", "%F %S.%f"],
    ["Fev 1 2024", "%b %d %Y"],
    ["2024-01-01 +24", "%F %z"],
    ["9223372036854775807", "%s"],
    ["12345-01-01", "%F"],
    ["202012311", "%Y%m%d"],
  ])("%j is none by %j", (text, pattern) => expect(read(text, pattern)).toBeNull());

  it.each([
    "%Y-%y-%m-%d",
    "%F %b",
    "%F %j",
    "%F %f%f",
    "%F %H %I %p",
    "%s %H",
    "%Y%Y%m%d",
    "%F %A %a",
  ])("%j says something twice: refused", (pattern) =>
    expect(patternFault(expandPattern(pattern), "read", false)).toMatch(/contradict/),
  );

  it("reads what it writes", () => {
    const patterns = ["%F %T.%f", "%d %B %Y, %I:%M:%S.%f %p", "%Y-%j %H%M%S%f", "%Y%m%d%H%M%S%f"];
    const ms = fc.integer({ min: -6e13, max: 2.5e14 });
    fc.assert(
      fc.property(ms, fc.constantFrom(...patterns.map(expandPattern)), (value, pattern) => {
        const text = formatPattern(BigInt(value), "ms", pattern);
        expect(parsePattern(text, "ms", pattern), text).toBe(BigInt(value));
      }),
    );
  });

  const texts = testFrame({
    s: ["string", ["31.12.2023 23:30", "1.7.2024 2:30", null]],
    bad: ["string", ["2024-01-01", "x", "2024-01-03"]],
  });
  it("takes a unit and a zone", () => {
    const expr = col("s").str.toTimestamp("%d.%m.%Y %H:%M", {
      unit: "s",
      timezone: "Europe/Zurich",
    });
    expect(dtypeName(dtypeOf(texts, expr))).toBe("timestamp[s, Europe/Zurich]");
    expect(valuesOf(texts, expr)).toEqual([
      new Date("2023-12-31T22:30:00Z"),
      new Date("2024-07-01T00:30:00Z"),
      null,
    ]);
  });
  it("names the first bad row and the pattern, or gives null", () => {
    expect(() => valuesOf(texts, col("bad").str.toDate("%Y-%m-%d"))).toThrow(
      failureAt(1, 'str.toDate(bad, pattern="%Y-%m-%d"'),
    );
    expect(valuesOf(texts, col("bad").str.toDate(null, { strict: false }))).toEqual([
      new Date("2024-01-01"),
      null,
      new Date("2024-01-03"),
    ]);
  });
  it.each([
    [col("s").str.toDate("%d %H"), /a date has no clock/],
    [col("s").str.toTimestamp("%H:%M"), /says no year, month and day/],
    [col("s").str.toTimestamp("%F %I"), /without the other/],
    [col("s").str.toTimestamp("%F %Z"), /has %Z, which is not read/],
    [col("s").str.toTimestamp("%F %V"), /has %V, which is not read/],
    [col("s").str.toTimestamp("%F %"), /ends with a single %/],
    [col("s").str.toTimestamp("%F", { timezone: "Nowhere" }), /is no time zone/],
    [col("s").str.toTimestamp("%F", { unit: "h" as never }), /is no unit/],
  ] as [AnyExpr, RegExp][])("refuses a pattern that cannot be (%#)", (expr, message) => {
    expect(() => dtypeOf(texts, expr)).toThrow(message);
  });
  it("refuses to write what is not there", () => {
    expect(() => dtypeOf(frame, col("t").dt.format("%Q"))).toThrow(/has %Q, which is not written/);
    expect(() => dtypeOf(frame, col("d").dt.format("%H"))).toThrow(/a date has no clock/);
  });
});

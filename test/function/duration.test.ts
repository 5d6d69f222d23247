// Durations: their text, and their arithmetic with instants and numbers against BigInt.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatDurationText,
  parseDurationText,
  parseSpanText,
  UNITS_PER_SECOND,
} from "../../src/column/index.ts";
import { dtypeName, type TimeUnit } from "../../src/dtype/index.ts";
import { type AnyExpr, col, duration, lit } from "../../src/expr/index.ts";
import { dtypeOf, failureAt, testFrame, valuesOf } from "./evaluate.ts";

const UNITS: readonly TimeUnit[] = ["s", "ms", "us", "ns"];
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

describe("text", () => {
  it.each([
    [0n, "s", "PT0S"],
    [90n, "s", "PT1M30S"],
    [-86_400n, "s", "-P1D"],
    [1n, "ms", "PT0.001S"],
    [-1n, "ns", "-PT0.000000001S"],
    [93_784_500_000n, "us", "P1DT2H3M4.500000S"],
    [-(2n ** 63n), "ns", "-P106751DT23H47M16.854775808S"],
    [2n ** 63n - 1n, "s", "P106751991167300DT15H30M7S"],
  ] as const)("%s %s is %s", (units, unit, text) => {
    expect(formatDurationText(units, unit)).toBe(text);
    expect(parseDurationText(text, unit)).toBe(units);
  });

  it("reads back what it writes, in every unit", () => {
    fc.assert(
      fc.property(int64, fc.constantFrom(...UNITS), (units, unit) => {
        expect(parseDurationText(formatDurationText(units, unit), unit)).toBe(units);
      }),
    );
  });

  it.each([
    "",
    "P",
    "PT",
    "P1DT",
    "1h",
    "P1Y",
    "P1M",
    "PT1H30",
    "P-1D",
    "PT1.5H",
    "PT.5S",
    "P1D1W",
    "PT1S1M",
    "PT1,5S",
    " PT1S",
  ])("%j is none", (text) => expect(parseDurationText(text, "ns")).toBeNull());
  it("refuses digits below the unit, and what does not fit", () => {
    expect(parseDurationText("PT0.5S", "s")).toBeNull();
    expect(parseDurationText("PT0.500S", "ms")).toBe(500n);
    expect(parseDurationText("P106752D", "ns")).toBeNull();
  });
  it.each([
    ["90s", 90_000n],
    ["1h30m", 5_400_000n],
    ["-1d12h", -129_600_000n],
    ["2w", 1_209_600_000n],
    ["5ms", 5n],
    ["P1W", 604_800_000n],
  ] as const)("the short form %s", (text, ms) => expect(parseSpanText(text, "ms")).toBe(ms));
});

describe("literals", () => {
  it("have the coarsest unit that holds them", () => {
    const frame = testFrame({ a: ["int64", [1]] });
    const dtype = (span: Parameters<typeof duration>[0]) =>
      dtypeName(dtypeOf(frame, duration(span)));
    expect(dtype({ days: 1, hours: 2 })).toBe("duration[s]");
    expect(dtype({ seconds: 0.1 })).toBe("duration[ms]");
    expect(dtype({ nanoseconds: 1n })).toBe("duration[ns]");
    expect(dtype("PT0.000001S")).toBe("duration[us]");
  });
  it.each([
    ["1mo"],
    ["soon"],
    [{ days: Number.NaN }],
    [{ fortnights: 1 } as object],
    [{ nanoseconds: 0.5 }],
    [{ weeks: 2 ** 50 }],
  ])("%j is refused", (span) => expect(() => duration(span)).toThrow(/is no duration/));
});

const ms = (text: string) => BigInt(Date.parse(text));
const T = ["2024-02-29T12:00:00Z", "1969-12-31T23:59:59Z", "2000-01-01T00:00:00Z"].map(ms);
const D = [19_000n, -1n, 0n];
const S = [1_500n, -1n, 86_400_000n];

describe("arithmetic", () => {
  const frame = testFrame({
    t: ["timestamp[ms]", T],
    n: ["timestamp[ns, Europe/Zurich]", T.map((value) => value * 1_000_000n)],
    d: ["date", D],
    s: ["duration[ms]", S],
    u: ["duration[us]", S],
    i: ["int32", [3, -2, 0]],
    f: ["float64", [0.5, -1.5, 0]],
  });
  const cases: [string, AnyExpr, string, readonly (bigint | number | null)[]][] = [
    ["instant - instant", col("t").sub(lit(new Date(0))), "duration[ms]", T],
    ["instants of several units and zones", col("t").sub(col("n")), "duration[ns]", [0n, 0n, 0n]],
    ["date - date", col("d").sub("1970-01-02"), "duration[s]", D.map((d) => (d - 1n) * 86_400n)],
    [
      "date - instant",
      col("d").sub(col("t")),
      "duration[ms]",
      D.map((d, k) => d * 86_400_000n - T[k]!),
    ],
    [
      "instant + duration",
      col("t").add(col("u")),
      "timestamp[us]",
      T.map((t, k) => t * 1000n + S[k]!),
    ],
    [
      "duration + instant keeps the zone",
      col("s").add(col("n")),
      "timestamp[ns, Europe/Zurich]",
      T.map((t, k) => (t + S[k]!) * 1_000_000n),
    ],
    ["instant - text", col("t").sub("1h30m"), "timestamp[ms]", T.map((t) => t - 5_400_000n)],
    ["text + instant", lit("PT0.5S").add(col("t")), "timestamp[ms]", T.map((t) => t + 500n)],
    [
      "date + duration",
      col("d").add(duration({ hours: 1 })),
      "timestamp[s]",
      D.map((d) => d * 86_400n + 3600n),
    ],
    ["durations", col("s").sub(col("u")), "duration[us]", S.map((s) => s * 999n)],
    ["duration * integer", col("s").mul(col("i")), "duration[ms]", [4_500n, 2n, 0n]],
    ["number * duration", lit(2.5).mul(col("s")), "duration[ms]", [3_750n, -3n, 216_000_000n]],
    ["duration * float", col("s").mul(col("f")), "duration[ms]", [750n, 2n, 0n]],
    ["duration / integer", col("s").div(col("i")), "duration[ms]", [500n, 1n, null]],
    ["duration / float", col("s").div(col("f")), "duration[ms]", [3_000n, 1n, null]],
    ["duration / duration", col("s").div("1s"), "float64", [1.5, -0.001, 86_400]],
    ["duration / 0", col("s").div(duration("0s")), "float64", [null, null, null]],
    ["duration // duration", col("s").floorDiv("1s"), "int64", [1n, -1n, 86_400n]],
    ["duration // integer", col("s").floorDiv(2), "duration[ms]", [750n, -1n, 43_200_000n]],
    ["duration % duration", col("s").mod("1s"), "duration[ms]", [500n, 999n, 0n]],
    ["duration rem duration", col("s").rem("1s"), "duration[ms]", [500n, -1n, 0n]],
    ["neg", col("s").neg(), "duration[ms]", S.map((s) => -s)],
    ["abs", col("s").abs(), "duration[ms]", S.map((s) => (s < 0n ? -s : s))],
    ["totalSeconds", col("s").dt.totalSeconds(), "float64", [1.5, -0.001, 86_400]],
    ["totalDays", col("u").dt.totalDays(), "float64", S.map((s) => Number(s) / 86_400_000_000)],
    ["totalMilliseconds", col("u").dt.totalMilliseconds(), "int64", [1n, 0n, 86_400n]],
    ["totalNanoseconds", col("u").dt.totalNanoseconds(), "int64", S.map((s) => s * 1000n)],
    [
      "cast to a coarser unit rounds down",
      col("s").cast("duration[s]"),
      "duration[s]",
      [1n, -1n, 86_400n],
    ],
    ["cast to int64 and back", col("s").cast("int64").cast("duration[ms]"), "duration[ms]", S],
    [
      "cast to text and back",
      col("s").cast("string").cast("duration[ns]"),
      "duration[ns]",
      S.map((s) => s * 1_000_000n),
    ],
  ];
  it.each(cases)("%s", (_, expr, dtype, expected) => {
    expect(dtypeName(dtypeOf(frame, expr))).toBe(dtype);
    const values = valuesOf(frame, expr.cast(dtype === "float64" ? "float64" : "int64"));
    expect(values).toEqual(expected);
  });

  it("compares across units", () => {
    expect(valuesOf(frame, col("s").gt(col("u")))).toEqual([true, false, true]);
    expect(valuesOf(frame, col("s").eq("1500ms"))).toEqual([true, false, false]);
    expect(valuesOf(frame, col("s").isIn(["PT1.5S", "1d"]))).toEqual([true, false, true]);
  });

  it.each([
    col("t").add(col("t")),
    col("s").mul(col("s")),
    col("t").mul(2),
    col("s").add(1),
    lit(1).div(col("s")),
    lit(1).sub(col("s")),
    col("s").sub(col("t")),
    col("s").floorDiv(col("f")),
    col("s").mod(2),
    col("d").neg(),
    col("s").sqrt(),
    col("t").dt.totalDays(),
  ] as AnyExpr[])("refuses what has no meaning (%#)", (expr) => {
    expect(() => dtypeOf(frame, expr)).toThrow(/takes/);
  });
});

describe("overflow is an error", () => {
  const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n];
  const frame = testFrame({
    s: ["duration[s]", [0n, most]],
    m: ["duration[ns]", [0n, least]],
    t: ["timestamp[s]", [0n, most]],
    d: ["date", [0, 2 ** 31 - 1]],
  });
  it.each([
    col("s").add(duration("1s")),
    col("s").sub(col("m")),
    col("m").neg(),
    col("m").abs(),
    col("s").mul(2),
    col("s").mul(1.5),
    col("m").div(-1),
    col("m").floorDiv(-1),
    col("m").floorDiv(duration("-1ns")),
    col("t").sub(lit("1970-01-01T00:00:00.001")),
    col("d").add(duration("1us")),
    col("s").dt.totalMilliseconds(),
  ] as AnyExpr[])("%#", (expr) => {
    expect(() => valuesOf(frame, expr)).toThrow(failureAt(1, "overflows"));
  });
  it("not where a date fits", () => {
    expect(valuesOf(frame, col("d").add(duration("1ms")).cast("int64"))).toEqual([
      1n,
      (2n ** 31n - 1n) * 86_400_000n + 1n,
    ]);
  });
});

describe("exact scaling", () => {
  it("divides by integers as BigInt rounds", () => {
    fc.assert(
      fc.property(int64, int64, (a, b) => {
        fc.pre(b !== 0n && !(a === -(2n ** 63n) && b === -1n));
        const magnitude = (v: bigint) => (v < 0n ? -v : v);
        const rounded = (2n * magnitude(a) + magnitude(b)) / (2n * magnitude(b));
        const frame = testFrame({ a: ["duration[ns]", [a]], b: ["int64", [b]] });
        const [value] = valuesOf(frame, col("a").div(col("b")).cast("int64"));
        expect(value).toBe(a < 0n === b < 0n ? rounded : -rounded);
      }),
      { numRuns: 300 },
    );
  });
  it("units meet in the finer one", () => {
    for (const unit of UNITS) {
      for (const other of UNITS) {
        const frame = testFrame({
          a: [`duration[${unit}]`, [7n]],
          b: [`duration[${other}]`, [3n]],
        });
        const nanoseconds = (u: TimeUnit) => 1_000_000_000n / UNITS_PER_SECOND[u];
        const expected = 7n * nanoseconds(unit) - 3n * nanoseconds(other);
        expect(valuesOf(frame, col("a").sub(col("b")).dt.totalNanoseconds())).toEqual([expected]);
      }
    }
  });
});

describe("truncate", () => {
  const lengths: [string, bigint][] = [
    ["1m", 60n],
    ["90s", 90n],
    ["1d", 86_400n],
    ["2w", 1_209_600n],
  ];
  it.each(lengths)("to %s, down, from zero", (every, seconds) => {
    fc.assert(
      fc.property(fc.array(int64, { minLength: 1 }), fc.constantFrom(...UNITS), (units, unit) => {
        const step = seconds * UNITS_PER_SECOND[unit];
        const down = units.map((value) => value - (((value % step) + step) % step));
        const inside = units.filter((_, index) => (down[index] as bigint) >= -(2n ** 63n));
        const frame = testFrame({ d: [`duration[${unit}]`, inside] });
        const start = (col("d") as AnyExpr).dt.truncate(every).cast("int64");
        expect(valuesOf(frame, start)).toEqual(down.filter((value) => value >= -(2n ** 63n)));
      }),
    );
  });

  it("refuses months, and fails where the start is below all durations", () => {
    const frame = testFrame({ d: ["duration[s]", [-(2n ** 63n)]] });
    expect(() => valuesOf(frame, col("d").dt.truncate("1mo"))).toThrow(/months and years/);
    expect(() => valuesOf(frame, col("d").dt.truncate("1m"))).toThrow(failureAt(0, "overflows"));
  });
});

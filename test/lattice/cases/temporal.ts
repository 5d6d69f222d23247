// Durations, instants of every unit, and calendar functions.
import { columnFromValues } from "../../../src/column/index.ts";
import {
  BOOL,
  DATE,
  type DType,
  dtypeName,
  duration,
  FLOAT64,
  INT64,
  STRING,
  type TimeUnit,
  timestamp,
} from "../../../src/dtype/index.ts";
import { type AnyExpr, col, lit, duration as span } from "../../../src/expr/index.ts";
import type { LatticeCase } from "../lattice.ts";
import { Random } from "../random.ts";
import { expressionCase } from "./evaluate.ts";

const UNITS: readonly TimeUnit[] = ["s", "ms", "us", "ns"];
const [a, b, c] = ["a", "b", "c"].map((name): AnyExpr => col(name)) as [AnyExpr, AnyExpr, AnyExpr];

/** All of them on tame values, which do not fail, and each alone on extreme ones. */
function tameAndExtreme(
  name: string,
  dtypes: readonly DType[],
  outputs: readonly AnyExpr[],
): LatticeCase[] {
  const extreme = outputs.map((output, index) =>
    expressionCase(`${name} ${index} of extreme values`, { dtypes, outputs: [output], rows: 100 }),
  );
  return [expressionCase(name, { dtypes, outputs, shape: { tame: true } }), ...extreme];
}

const totals = [
  "totalDays",
  "totalHours",
  "totalMinutes",
  "totalSeconds",
  "totalMilliseconds",
  "totalMicroseconds",
  "totalNanoseconds",
] as const;

const durations = [
  ...tameAndExtreme(
    "instants and durations",
    [timestamp("ms"), duration("us"), DATE],
    [a.add(b), a.sub(b), b.add(a), a.sub(c), c.sub(a), c.sub(c), c.add(b), a.sub("1h30m")],
  ),
  ...tameAndExtreme(
    "durations",
    [duration("ms"), duration("us")],
    [a.add(b), a.sub(b), a.div(b), a.floorDiv(b), a.mod(b), a.rem(b), a.neg(), a.abs(), a.gt(b)],
  ),
  ...tameAndExtreme(
    "durations and numbers",
    [duration("ns"), INT64, FLOAT64],
    [a.mul(b), a.mul(c), a.div(b), a.div(c), a.floorDiv(b), lit(3).mul(a), a.add(span("PT1S"))],
  ),
  ...tameAndExtreme(
    "totals",
    [duration("us")],
    totals.map((name) => a.dt[name]() as AnyExpr),
  ),
];

const zones = UNITS.flatMap((unit) =>
  tameAndExtreme(
    `timestamp[${unit}] of two zones`,
    [timestamp(unit, "Europe/Zurich"), timestamp("ms", "America/New_York"), BOOL],
    [a.eq(b), a.lt(b), a.sub(b)],
  ),
);

const calendarOf = (t: AnyExpr): AnyExpr[] => [
  t.dt.year(),
  t.dt.quarter(),
  t.dt.isoYear(),
  t.dt.isoWeek(),
  t.dt.daysInMonth(),
  t.dt.isLeapYear(),
  t.dt.date(),
  t.dt.monthStart(),
  t.dt.monthEnd(),
];
const clockOf = (t: AnyExpr): AnyExpr[] => [
  t.dt.hour(),
  t.dt.minute(),
  t.dt.second(),
  t.dt.millisecond(),
  t.dt.nanosecond(),
];
const steps = ["1mo", "-13mo", "1y2w", "-3d", "1d12h"];
const MS = timestamp("ms");
/** Instants of 1740 to 2200: before the first transitions and after the last. */
const centuries = (dtype: DType, rows: number) => {
  const perSecond =
    dtype.kind === "timestamp" ? { s: 1, ms: 1e3, us: 1e6, ns: 1e9 }[dtype.unit] : 1;
  const random = new Random(97);
  const draw = () => BigInt(random.below(14_516_582_400) - 7_258_291_200) * BigInt(perSecond);
  const values = Array.from({ length: rows }, () => (random.chance(0.1) ? null : draw() + 1n));
  return { rowCount: rows, columns: [columnFromValues(values, dtype)] };
};

/** The expressions over instants of a few centuries. */
function inZone(name: string, dtype: DType, outputs: readonly AnyExpr[]): LatticeCase {
  const { operation } = expressionCase(name, { dtypes: [dtype], outputs, rows: 1 });
  return {
    name: `evaluate ${name} of ${dtypeName(dtype)}`,
    operation,
    inputs: [centuries(dtype, 700)],
  };
}

const calendar = [
  expressionCase("calendar of dates", {
    dtypes: [DATE],
    outputs: calendarOf(a),
    shape: { tame: true },
  }),
  expressionCase("calendar of extreme dates", {
    dtypes: [DATE],
    outputs: [a.dt.isoYear(), a.dt.isoWeek(), a.dt.daysInMonth(), a.dt.dayOfYear()],
  }),
  expressionCase("month ends of extreme dates", { dtypes: [DATE], outputs: [a.dt.monthEnd()] }),
  expressionCase("shifted dates", {
    dtypes: [DATE],
    outputs: [a.dt.offsetBy("1mo"), a.dt.offsetBy("-1y3d")],
    shape: { tame: true },
  }),
  ...UNITS.flatMap((unit) => [
    inZone(
      "calendar",
      timestamp(unit),
      unit === "us" ? calendarOf(a) : [a.dt.isoWeek(), a.dt.date()],
    ),
    inZone("clock", timestamp(unit), clockOf(a)),
    expressionCase(`shifted extreme timestamp[${unit}]`, {
      dtypes: [timestamp(unit)],
      outputs: [a.dt.offsetBy("1mo")],
    }),
  ]),
  inZone(
    "shifts",
    MS,
    steps.map((by) => a.dt.offsetBy(by)),
  ),
];

const zone = (unit: TimeUnit, name: string) => timestamp(unit, name);
const clocks = [
  inZone("clock", zone("s", "America/New_York"), [a.dt.year(), ...clockOf(a)]),
  inZone("clock", zone("ns", "Australia/Lord_Howe"), [a.dt.day(), a.dt.weekday(), ...clockOf(a)]),
  inZone("clock", zone("us", "Africa/Casablanca"), [a.dt.date(), ...clockOf(a)]),
  inZone("clock", zone("ms", "+05:45"), [a.dt.isoWeek(), ...clockOf(a)]),
  inZone("starts", zone("us", "Europe/Zurich"), [a.dt.truncate("1d"), a.dt.truncate("1mo")]),
  inZone("starts", zone("ms", "America/Sao_Paulo"), [a.dt.truncate("1w"), a.dt.truncate("6h")]),
  inZone("shifts", zone("ms", "Europe/Dublin"), [a.dt.offsetBy("1mo"), a.dt.offsetBy("-2d3h")]),
  inZone("local time", MS, [
    a.dt.replaceTimezone("America/New_York", { ambiguous: "latest", nonExistent: "shift" }),
    a.dt.replaceTimezone("Asia/Gaza", { ambiguous: "null", nonExistent: "null" }),
    a.dt.toTimezone("Asia/Tokyo").dt.hour(),
  ]),
  inZone("local time back", zone("ms", "Pacific/Apia"), [a.dt.replaceTimezone(null)]),
  expressionCase("hours of extreme instants in a zone", {
    dtypes: [zone("ns", "Europe/Zurich"), zone("s", "Europe/Zurich")],
    outputs: [a.dt.hour(), a.dt.dayOfYear(), b.dt.minute()],
  }),
  expressionCase("days of extreme instants in a zone", {
    dtypes: [zone("ns", "Europe/Zurich")],
    outputs: [a.dt.truncate("1d")],
  }),
  // Every second of an hour that is skipped, and of one that there is twice.
  ...[1_711_846_800_000n, 1_729_990_800_000n].map((start, index): LatticeCase => {
    const { operation } = expressionCase("", {
      dtypes: [MS],
      outputs: [a.dt.replaceTimezone("Europe/Zurich")],
      rows: 1,
    });
    const values = Array.from({ length: 900 }, (_, row) => start + BigInt(row) * 4_000n);
    const column = columnFromValues(values, MS);
    const inputs = [{ rowCount: values.length, columns: [column] }];
    return { name: `evaluate local time that has no single instant, ${index}`, operation, inputs };
  }),
];

const EVERY_FIELD = "%Y %m %d %H %M %S %f %y %e %j %I %p %B %b %A %a %s %G %V %u %w %%";
const DATE_FIELDS = "%Y %m %d %y %e %j %B %b %A %a %G %V %u %w é%%";
const dateTexts: LatticeCase = (() => {
  const patterns = ["%d.%m.%Y", "%b %d, %Y", "%Y-%j"];
  const { operation } = expressionCase("", {
    dtypes: [STRING],
    outputs: [
      ...patterns.map((pattern) => a.str.toDate(pattern, { strict: false })),
      a.str.toTimestamp("%d.%m.%Y", {
        strict: false,
        timezone: "America/Sao_Paulo",
        unit: "s",
        nonExistent: "shift",
      }),
    ],
    rows: 1,
  });
  const values = [
    "1.11.2009",
    "31.2.2009",
    "15.10.2017",
    "Feb 29, 2024",
    "feb 30, 2024",
    "2023-365",
    "",
    null,
  ];
  return {
    name: "evaluate dates of texts by patterns",
    operation,
    inputs: [{ rowCount: values.length, columns: [columnFromValues(values, STRING)] }],
  };
})();
const texts = [
  dateTexts,
  expressionCase("dates by patterns", { dtypes: [DATE], outputs: [a.dt.format(DATE_FIELDS)] }),
  ...UNITS.map((unit) =>
    expressionCase(`timestamp[${unit}] by patterns`, {
      dtypes: [timestamp(unit)],
      outputs: [a.dt.format(EVERY_FIELD), a.dt.format("%T")],
    }),
  ),
  inZone("texts", zone("ms", "America/St_Johns"), [a.dt.format("%F %T%z"), a.dt.format("%z")]),
  expressionCase("a text that is no date", { dtypes: [STRING], outputs: [a.str.toDate("%F")] }),
];

export const temporalCases: readonly LatticeCase[] = [
  ...durations,
  ...zones,
  ...calendar,
  ...clocks,
  ...texts,
];

// Durations, instants of every unit, and calendar functions.
import {
  BOOL,
  DATE,
  type DType,
  duration,
  FLOAT64,
  INT64,
  type TimeUnit,
  timestamp,
} from "../../../src/dtype/index.ts";
import { type AnyExpr, col, lit, duration as span } from "../../../src/expr/index.ts";
import type { LatticeCase } from "../lattice.ts";
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

export const temporalCases: readonly LatticeCase[] = [...durations, ...zones];

// Quotients of 64-bit integers and of durations on every executor: rounded once. A value is right where no neighbouring
// double is nearer to the exact quotient, which rationals of bigints decide; they share no code with the engine.
import { describe, expect, test } from "vitest";
import { at } from "../../src/base/index.ts";
import { columnFromValues, columnToValues } from "../../src/column/index.ts";
import {
  type DType,
  dtypeName,
  duration,
  INT64,
  integerLimits,
  Schema,
  UINT64,
} from "../../src/dtype/index.ts";
import { type AnyExpr, col, lit } from "../../src/expr/index.ts";
import { bindExpression, lowerProgram } from "../../src/function/index.ts";
import { isNearest } from "../aggregate/rational.ts";
import { executorsUnderTest } from "./executors.ts";
import { outcomeOn } from "./lattice.ts";
import { Random } from "./random.ts";

type Pair = readonly [a: bigint, b: bigint];

function pairsOf(dtype: DType): Pair[] {
  const { min, max } = integerLimits(dtype.kind === "duration" ? INT64 : dtype);
  const random = new Random(64);
  const word = () => (BigInt(random.bits()) << 32n) | BigInt(random.bits());
  const wide = () => min + (word() % (max - min + 1n));
  const edges = [0n, 1n, 3n, 10n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, max - 1n, max, min];
  const signed = min < 0n ? edges.flatMap((edge) => [edge, -edge]) : edges;
  const known = signed.filter((value) => value >= min && value <= max);
  const pairs = known.flatMap((a) => known.map((b): Pair => [a, b]));
  for (let draw = 0; draw < 500; draw++) pairs.push([wide(), wide()]);
  // Next to the middle between two doubles, and on it: what a second rounding gets wrong.
  for (let draw = 0; draw < 300; draw++) {
    const divisor = 1n + (word() >> BigInt(54 + random.below(10)));
    const tie = (2n ** 53n + 2n * (word() >> 12n) + 1n) * divisor;
    const sign = min < 0n && random.chance(0.5) ? -1n : 1n;
    for (const a of [tie - 1n, tie, tie + 1n]) if (a <= max) pairs.push([sign * a, divisor]);
  }
  for (let draw = 0; draw < 200; draw++) pairs.push([wide(), BigInt(1 + random.below(1000))]);
  return pairs;
}

interface DivisionCase {
  readonly name: string;
  readonly dtype: DType;
  readonly pairs: readonly Pair[];
  /** Each beside the divisor that it divides by; null: the second column. */
  readonly outputs: readonly (readonly [expr: AnyExpr, by: bigint | null])[];
}

const [a, b]: readonly [AnyExpr, AnyExpr] = [col("a"), col("b")];
const micros = duration("us");

const cases: readonly DivisionCase[] = [
  ...[INT64, UINT64].map((dtype) => ({
    name: dtypeName(dtype),
    dtype,
    pairs: pairsOf(dtype),
    outputs: [
      [a.div(b), null],
      [a.div(lit(7)), 7n],
    ] as const,
  })),
  {
    name: dtypeName(micros),
    dtype: micros,
    pairs: pairsOf(micros),
    outputs: [
      [a.div(b), null],
      [a.dt.totalSeconds(), 1_000_000n],
      [a.dt.totalMinutes(), 60_000_000n],
      [a.dt.totalHours(), 3_600_000_000n],
      [a.dt.totalDays(), 86_400_000_000n],
    ],
  },
];

const executors = await executorsUnderTest();

function isRight(value: number | null, [a, b]: Pair): boolean {
  if (b === 0n) return value === null;
  if (a === 0n) return Object.is(value, b < 0n ? -0 : 0);
  const exact = b < 0n ? { numerator: -a, denominator: -b } : { numerator: a, denominator: b };
  return value !== null && isNearest(value, exact);
}

describe.each(executors)("$name", (executor) => {
  test.each(cases)("quotients of $name", async ({ dtype, pairs, outputs }) => {
    const schema = new Schema(["a", "b"].map((name) => ({ name, dtype })));
    const bound = outputs.map(([expr]) => bindExpression(expr.node, schema, "test"));
    const program = lowerProgram([dtype, dtype], bound, null);
    const columns = [0, 1].map((side) =>
      columnFromValues(
        pairs.map((pair) => pair[side] as bigint),
        dtype,
      ),
    );
    const batch = { rowCount: pairs.length, columns };
    const outcome = await outcomeOn(executor, { kind: "evaluate", program }, [batch]);
    if (outcome.kind === "error") throw new Error(outcome.message);
    for (const [index, [, by]] of outputs.entries()) {
      const values = columnToValues(at(outcome.batch.columns, index)) as (number | null)[];
      const wrong = pairs.flatMap(([a, b], row) => {
        const value = at(values, row);
        return isRight(value, [a, by ?? b]) ? [] : `output ${index}: ${a} / ${by ?? b} = ${value}`;
      });
      expect(wrong).toEqual([]);
      expect(values).toHaveLength(pairs.length);
    }
  });
});

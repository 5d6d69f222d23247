// Decimals as floats, on every executor: rounded once. A value is right where no neighbouring float is nearer to the exact
// quotient, which rationals of bigints decide; they share no code with the engine.
import { describe, expect, test } from "vitest";
import { type Batch, columnFromValues, columnToValues } from "../../src/column/index.ts";
import { type DType, decimal, dtypeName, FLOAT32, FLOAT64, Schema } from "../../src/dtype/index.ts";
import { type AnyExpr, col } from "../../src/expr/index.ts";
import { bindExpression, lowerProgram } from "../../src/function/index.ts";
import type { Operation } from "../../src/physical/index.ts";
import { type FloatWidth, isNearest } from "../aggregate/rational.ts";
import { executorsUnderTest } from "./executors.ts";
import { outcomeOn } from "./lattice.ts";
import { Random } from "./random.ts";

const MOST = 10n ** 38n - 1n;

/**
 * Unscaled values whose quotient by `divisor` is next to the middle between two floats of `bits` bits, and on it where an
 * integer is: what a second rounding gets wrong.
 */
function nextToTies(random: Random, divisor: bigint, bits: number): bigint[] {
  const shift = BigInt(random.below(100) - 60);
  const significand = (1n << BigInt(bits)) | BigInt(random.bits()) | 1n;
  const tie = shift >= 0n ? (significand << shift) * divisor : (significand * divisor) >> -shift;
  return [tie - 1n, tie, tie + 1n].filter((value) => value <= MOST);
}

function unscaledValues(divisor: bigint): bigint[] {
  const random = new Random(Number(divisor % 1000003n));
  const values = [0n, 1n, 3n, divisor - 1n, divisor, divisor + 1n, MOST, MOST - 1n];
  for (const bits of [24, 53]) {
    for (let power = bits - 1; power <= 126; power += 17) values.push((1n << BigInt(power)) + 1n);
    for (let draw = 0; draw < 60; draw++) values.push(...nextToTies(random, divisor, bits));
  }
  for (let draw = 0; draw < 60; draw++) {
    const wide = [0, 1, 2, 3].reduce((all) => (all << 32n) | BigInt(random.bits()), 0n);
    values.push(wide % 10n ** BigInt(1 + random.below(38)));
  }
  return values
    .filter((value) => value <= MOST)
    .flatMap((value) => (value === 0n ? [value] : [value, -value]));
}

const text = (value: bigint, scale: number): string => {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  const sign = value < 0n ? "-" : "";
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
};

interface FloatCase {
  readonly name: string;
  readonly operation: Operation;
  readonly inputs: readonly Batch[];
  /** By output and row; null: no value. */
  readonly exact: readonly (readonly ({ numerator: bigint; denominator: bigint } | null)[])[];
  readonly widths: readonly FloatWidth[];
}

function operationOf(types: readonly DType[], exprs: readonly AnyExpr[]): Operation {
  const fields = types.map((dtype, index) => ({
    name: "abcdefgh"[index] ?? "",
    dtype,
  }));
  const schema = new Schema(fields);
  const bound = exprs.map((expr) => bindExpression(expr.node, schema, "test"));
  const dtypes = fields.map(({ dtype }) => dtype);
  return { kind: "evaluate", program: lowerProgram(dtypes, bound, null) };
}

function castCase(scale: number): FloatCase {
  const dtype = decimal(38, scale);
  const divisor = 10n ** BigInt(scale);
  const values = unscaledValues(divisor);
  const exact = values.map((numerator) => ({ numerator, denominator: divisor }));
  const a: AnyExpr = col("a");
  return {
    name: `casts of ${dtypeName(dtype)}`,
    operation: operationOf([dtype], [a.cast("float64"), a.cast("float32")]),
    inputs: [batchOf([values.map((value) => text(value, scale))], [dtype])],
    exact: [exact, exact],
    widths: [64, 32],
  };
}

function batchOf(columns: readonly (readonly string[])[], dtypes: readonly DType[]): Batch {
  return {
    rowCount: columns[0]?.length ?? 0,
    columns: columns.map((values, index) => columnFromValues(values, dtypes[index])),
  };
}

function divisionCase(): FloatCase {
  const random = new Random(38);
  const divisors = [
    1n,
    3n,
    10n ** 19n,
    2n ** 64n - 1n,
    2n ** 64n + 1n,
    10n ** 27n + 7n,
    MOST,
    7n ** 44n,
  ];
  const pairs = divisors.flatMap((divisor) => [
    ...nextToTies(random, divisor, 53).map((a) => [a, divisor] as const),
    ...unscaledValues(divisor)
      .slice(-60)
      .map((a) => [a, -divisor] as const),
    [divisor, 0n] as const,
  ]);
  const dtype = decimal(38, 4);
  const columns = [0, 1].map((side) => pairs.map((pair) => text(pair[side] as bigint, 4)));
  return {
    name: `quotients of ${dtypeName(dtype)}`,
    operation: operationOf([dtype, dtype], [col("a").div(col("b"))]),
    inputs: [batchOf(columns, [dtype, dtype])],
    exact: [
      pairs.map(([a, b]) => {
        if (b === 0n) return null;
        return b < 0n ? { numerator: -a, denominator: -b } : { numerator: a, denominator: b };
      }),
    ],
    widths: [64],
  };
}

const cases = [0, 2, 19, 23, 38].map(castCase).concat(divisionCase());
const executors = await executorsUnderTest();

describe.each(executors)("$name", (executor) => {
  test.each(cases)("$name are rounded once", async ({ operation, inputs, exact, widths }) => {
    const outcome = await outcomeOn(executor, operation, inputs);
    if (outcome.kind === "error") throw new Error(outcome.message);
    for (const [index, width] of widths.entries()) {
      const column = outcome.batch.columns[index];
      expect(column?.dtype).toBe(width === 32 ? FLOAT32 : FLOAT64);
      const values = columnToValues(column as NonNullable<typeof column>) as (number | null)[];
      const isRight = (value: number | null, row: number) => {
        const expected = exact[index]?.[row] ?? null;
        return expected === null
          ? value === null
          : value !== null && isNearest(value, expected, 1, width);
      };
      const wrong = values.filter((value, row) => !isRight(value, row));
      expect(wrong).toEqual([]);
      expect(
        values.some((value) => Object.is(value, -0)),
        "zero is +0",
      ).toBe(false);
    }
  });
});

// Floats as decimals, on every executor: rounded once, halves away from zero, and null where the digits do not suffice. What is
// right, rationals of bigints decide, which share no code with the engine.
import { describe, expect, test } from "vitest";
import { at } from "../../src/base/index.ts";
import { columnFromValues, columnToValues } from "../../src/column/index.ts";
import {
  type DecimalType,
  decimal,
  dtypeName,
  FLOAT32,
  FLOAT64,
  Schema,
} from "../../src/dtype/index.ts";
import { type AnyExpr, col } from "../../src/expr/index.ts";
import { bindExpression, lowerProgram } from "../../src/function/index.ts";
import type { Operation } from "../../src/physical/index.ts";
import { rational } from "../aggregate/rational.ts";
import { executorsUnderTest } from "./executors.ts";
import { outcomeOn } from "./lattice.ts";
import { Random } from "./random.ts";

const FIELDS = [FLOAT64, FLOAT32].map((dtype, index) => ({ name: "xy"[index] ?? "", dtype }));

const bits = new BigInt64Array(1);
const double = new Float64Array(bits.buffer);

/** The value, and those beside it. */
function around(value: number): number[] {
  return [-1n, 0n, 1n].map((step) => {
    double[0] = value;
    bits[0] = (bits[0] as bigint) + step;
    return double[0];
  });
}

function magnitudes({ precision, scale }: DecimalType): number[] {
  const random = new Random(100 * precision + scale);
  const unit = () => 1 + random.bits() / 2 ** 32 + random.bits() / 2 ** 64;
  const limit = Number(`1e${precision - scale}`);
  const half = Number(`0.5e-${scale}`);
  const draw = (value: () => number, count: number) => Array.from({ length: count }, value);
  return [
    0,
    Number.MIN_VALUE,
    2 ** -1022,
    2 ** 53 + 2,
    2 ** 63,
    2 ** 64,
    2 ** 127,
    Number.MAX_VALUE,
    Number.POSITIVE_INFINITY,
    ...around(half),
    ...around(limit),
    ...around(limit - half),
    // An odd multiple of 2^-(scale + 1) times 10^scale ends in a half.
    ...draw(() => (2 * random.below(2 ** 30) + 1) * 2 ** -(scale + 1), 40).flatMap(around),
    // Next to a half that no double is.
    ...draw(() => Number(`${random.below(1e7)}5e-${scale + 1}`), 60).flatMap(around),
    ...draw(() => unit() * 2 ** (random.below(280) - 150), 120),
    ...draw(() => unit() * limit * half ** (random.below(100) / 100), 80),
  ];
}

/** |value| * 10^scale to the nearest integer, halves away from zero, as text; null where it has too many digits. */
function expectedOf(value: number, { precision, scale }: DecimalType): string | null {
  if (!Number.isFinite(value)) return null;
  const { numerator, denominator } = rational(Math.abs(value));
  const doubled = (2n * numerator * 10n ** BigInt(scale)) / denominator;
  const unscaled = (doubled + 1n) / 2n;
  if (unscaled >= 10n ** BigInt(precision)) return null;
  const digits = String(unscaled).padStart(scale + 1, "0");
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return value < 0 && unscaled > 0n ? `-${text}` : text;
}

function castsTo(dtype: DecimalType): Operation {
  const exprs = FIELDS.map(({ name }): AnyExpr => col(name).cast(dtype, { strict: false }));
  const bound = exprs.map((expr) => bindExpression(expr.node, new Schema(FIELDS), "test"));
  const program = lowerProgram(
    FIELDS.map((field) => field.dtype),
    bound,
    null,
  );
  return { kind: "evaluate", program };
}

const cases = [
  decimal(38, 0),
  decimal(38, 2),
  decimal(38, 19),
  decimal(38, 38),
  decimal(18, 4),
  decimal(6, 2),
  decimal(1, 0),
].map((dtype) => {
  const positive = magnitudes(dtype);
  const doubles = [...positive, ...positive.map((value) => -value), Number.NaN];
  const columns = [doubles, doubles.map(Math.fround)];
  const batch = {
    rowCount: doubles.length,
    columns: columns.map((values, index) => columnFromValues(values, at(FIELDS, index).dtype)),
  };
  const expected = columns.map((values) => values.map((value) => expectedOf(value, dtype)));
  return { name: dtypeName(dtype), dtype, operation: castsTo(dtype), batch, columns, expected };
});

const executors = await executorsUnderTest();

describe.each(executors)("$name", (executor) => {
  test.each(cases)("floats as $name", async ({ dtype, operation, batch, columns, expected }) => {
    expect(executor.supports(operation, [[FLOAT64, FLOAT32]]).ok).toBe(true);
    const outcome = await outcomeOn(executor, operation, [batch]);
    if (outcome.kind === "error") throw new Error(outcome.message);
    for (const [index, column] of outcome.batch.columns.entries()) {
      expect(column.dtype).toEqual(dtype);
      const wrong = columnToValues(column).flatMap((found, row) => {
        const right = at(at(expected, index), row);
        return found === right ? [] : [{ of: at(at(columns, index), row), found, right }];
      });
      expect(wrong).toEqual([]);
    }
  });
});

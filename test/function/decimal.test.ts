// What functions of decimals mean: tables by hand, and random values against rationals of bigints.
import { describe, expect, it } from "vitest";
import { type CellValue, formatDecimalText, parseDecimalText } from "../../src/column/index.ts";
import { type DecimalType, decimal, dtypeName, INT64, toDType } from "../../src/dtype/index.ts";
import { type AnyExpr, coalesce, col, lit, max, min, when } from "../../src/expr/index.ts";
import { exprText } from "../../src/function/index.ts";
import { Random, randomValue } from "../lattice/random.ts";
import { dtypeOf, type TestFrame, testFrame, valuesOf } from "./evaluate.ts";

const [a, b, n, x, s] = ["a", "b", "n", "x", "s"].map((name): AnyExpr => col(name)) as [
  AnyExpr,
  AnyExpr,
  AnyExpr,
  AnyExpr,
  AnyExpr,
];

const frame = testFrame({
  a: ["decimal(5, 2)", ["1.50", "-2.55", "999.99", "0.00", null]],
  b: ["decimal(6, 3)", ["0.250", "2.000", "-0.001", "0.000", "1.000"]],
  n: ["int16", [3, -3, 100, 0, 1]],
  x: ["float64", [0.1, 2.675, 1e10, -0.5, NaN]],
  s: ["string", ["1.5", "-12.345", "1e2", "x", "0.100"]],
});

type Case = [expr: AnyExpr, dtype: string, values: unknown[]];
const arithmetic: Case[] = [
  [a.add(b), "decimal(7, 3)", ["1.750", "-0.550", "999.989", "0.000", null]],
  [a.sub(b), "decimal(7, 3)", ["1.250", "-4.550", "999.991", "0.000", null]],
  [a.mul(b), "decimal(11, 5)", ["0.37500", "-5.10000", "-0.99999", "0.00000", null]],
  [a.div(b), "float64", [6, -1.275, -999990, null, null]],
  [a.floorDiv(b), "decimal(6, 0)", ["6", "-2", "-999990", null, null]],
  [a.mod(b), "decimal(6, 3)", ["0.000", "1.450", "0.000", null, null]],
  [a.rem(b), "decimal(6, 3)", ["0.000", "-0.550", "0.000", null, null]],
  [a.neg(), "decimal(5, 2)", ["-1.50", "2.55", "-999.99", "0.00", null]],
  [a.abs(), "decimal(5, 2)", ["1.50", "2.55", "999.99", "0.00", null]],
  [a.add(1), "decimal(6, 2)", ["2.50", "-1.55", "1000.99", "1.00", null]],
  [a.mul(0.5), "decimal(6, 3)", ["0.750", "-1.275", "499.995", "0.000", null]],
  [a.add(n), "decimal(8, 2)", ["4.50", "-5.55", "1099.99", "0.00", null]],
  [n.mul(a), "decimal(10, 2)", ["4.50", "7.65", "99999.00", "0.00", null]],
  [a.mul(x), "float64", [1.5 * 0.1, -2.55 * 2.675, 999.99 * 1e10, -0, null]],
  [a.round(), "decimal(4, 0)", ["2", "-3", "1000", "0", null]],
  [a.round(1), "decimal(5, 1)", ["1.5", "-2.6", "1000.0", "0.0", null]],
  [a.round(2), "decimal(5, 2)", ["1.50", "-2.55", "999.99", "0.00", null]],
  [a.round(-2), "decimal(4, 0)", ["0", "0", "1000", "0", null]],
  [a.round(-5), "decimal(6, 0)", ["0", "0", "0", "0", null]],
  [a.floor(), "decimal(4, 0)", ["1", "-3", "999", "0", null]],
  [a.ceil(), "decimal(4, 0)", ["2", "-2", "1000", "0", null]],
  [a.trunc(), "decimal(3, 0)", ["1", "-2", "999", "0", null]],
  [a.abs().sqrt(), "float64", [Math.sqrt(1.5), Math.sqrt(2.55), Math.sqrt(999.99), 0, null]],
  [a.isNan(), "bool", [false, false, false, false, null]],
];
const comparison: Case[] = [
  [a.gt(b), "bool", [true, false, true, false, null]],
  [a.eq("1.5"), "bool", [true, false, false, false, null]],
  [a.eq(1.5), "bool", [true, false, false, false, null]],
  [a.lt(0.001), "bool", [false, true, false, true, null]],
  [a.ge(n), "bool", [false, true, true, true, null]],
  [a.lt(x), "bool", [false, true, true, false, null]],
  [a.between(-3, 1.5), "bool", [true, true, false, true, null]],
  [a.isIn([1.5, 0, "-2.55"]), "bool", [true, true, false, true, null]],
  [a.isIn([1.555]), "bool", [false, false, false, false, null]],
];
const choice: Case[] = [
  [coalesce(a, b), "decimal(6, 3)", ["1.500", "-2.550", "999.990", "0.000", "1.000"]],
  [a.fillNull(0.125), "decimal(6, 3)", ["1.500", "-2.550", "999.990", "0.000", "0.125"]],
  [min(a, b), "decimal(6, 3)", ["0.250", "-2.550", "-0.001", "0.000", "1.000"]],
  [max(a, n), "decimal(7, 2)", ["3.00", "-2.55", "999.99", "0.00", "1.00"]],
  [when(a.gt(0)).then(a).otherwise(7), "decimal(5, 2)", ["1.50", "7.00", "999.99", "7.00", "7.00"]],
];
const casts: Case[] = [
  [a.cast("decimal(4, 1)"), "decimal(4, 1)", "CAST_ERROR" as unknown as unknown[]],
  [a.cast("decimal(4, 1)", { strict: false }), "decimal(4, 1)", ["1.5", "-2.6", null, "0.0", null]],
  [a.cast("decimal(5, 1)"), "decimal(5, 1)", ["1.5", "-2.6", "1000.0", "0.0", null]],
  [a.cast("int8", { strict: false }), "int8", [1, -2, null, 0, null]],
  [a.cast("int64"), "int64", [1n, -2n, 999n, 0n, null]],
  [a.cast("float64"), "float64", [1.5, -2.55, 999.99, 0, null]],
  [a.cast("float32"), "float32", [1.5, Math.fround(-2.55), Math.fround(999.99), 0, null]],
  [a.cast("bool"), "bool", [true, true, true, false, null]],
  [a.cast("string"), "string", ["1.50", "-2.55", "999.99", "0.00", null]],
  [
    n.cast("decimal(4, 2)", { strict: false }),
    "decimal(4, 2)",
    ["3.00", "-3.00", null, "0.00", "1.00"],
  ],
  [
    x.cast("decimal(6, 2)", { strict: false }),
    "decimal(6, 2)",
    ["0.10", "2.67", null, "-0.50", null],
  ],
  [
    s.cast("decimal(6, 2)", { strict: false }),
    "decimal(6, 2)",
    ["1.50", null, "100.00", null, "0.10"],
  ],
];

describe.each([
  ["arithmetic", arithmetic],
  ["comparison", comparison],
  ["choice", choice],
  ["casts", casts],
] as const)("%s of decimals", (_, cases) => {
  it.each(
    cases.map(([expr, dtype, values]) => ({ text: exprText(expr.node), expr, dtype, values })),
  )("$text", ({ expr, dtype, values }) => {
    expect(dtypeName(dtypeOf(frame, expr))).toBe(dtype);
    if (typeof values === "string") {
      expect(() => valuesOf(frame, expr)).toThrow(
        expect.objectContaining({ code: values, row: 2 }),
      );
    } else expect(valuesOf(frame, expr)).toEqual(values);
  });
});

describe("overflow", () => {
  const most = "9".repeat(38);
  const wide = testFrame({
    a: ["decimal(38, 0)", ["1", most, `-${most}`, null]],
    b: ["decimal(38, 10)", ["1", "2", "3", "4"]],
  });
  it.each([
    ["a sum of 39 digits", a.add(1), 1],
    ["a difference of 39 digits", a.sub(1), 2],
    ["a product of 39 digits", a.mul(10), 1],
    ["a product beyond 128 bits", a.mul(a), 1],
    ["digits that scaling up pushes out", a.add(b), 1],
    ["rounding up to one digit too many", a.round(-22), 1],
  ])("%s", (_, expr, row) => {
    expect(() => valuesOf(wide, expr)).toThrow(
      expect.objectContaining({ code: "INTEGER_OVERFLOW", row }),
    );
  });
  it("is none behind a predicate or a branch that leaves the row out", () => {
    expect(valuesOf(wide, a.add(1), a.eq(1))).toEqual(["2"]);
    expect(valuesOf(wide, when(a.eq(1)).then(a.mul(10)).otherwise(a))).toEqual([
      "10",
      most,
      `-${most}`,
      null,
    ]);
  });
  it("is refused when the plan is made where the scale alone is too large", () => {
    const fine = testFrame({ a: ["decimal(38, 20)", []] });
    expect(() => dtypeOf(fine, a.mul(a))).toThrow(/at most 38 digits after the point/);
    expect(() => dtypeOf(wide, a.eq(b))).toThrow(
      expect.objectContaining({ code: "TYPE_MISMATCH" }),
    );
  });
});

describe("literals", () => {
  it.each([
    [lit(0.1, "decimal(3, 2)"), ["0.10"]],
    [lit("0.10", "decimal(3, 2)"), ["0.10"]],
    [lit(10n ** 30n, "decimal(38, 2)"), [`1${"0".repeat(30)}.00`]],
  ])("%#", (expr, values) => {
    const one = testFrame({ a: ["decimal(5, 2)", ["1"]] });
    expect(valuesOf(one, expr)).toEqual(values);
  });
  it("refuse digits that the dtype does not hold", () => {
    expect(() => dtypeOf(frame, lit(0.125, "decimal(3, 2)"))).toThrow(
      expect.objectContaining({ code: "CAST_ERROR" }),
    );
  });
});

// ---- random values against rationals

interface Rational {
  readonly top: bigint;
  readonly bottom: bigint;
}
const rational = (text: string): Rational => {
  const [whole = "", fraction = ""] = text.split(".");
  return { top: BigInt(whole + fraction), bottom: 10n ** BigInt(fraction.length) };
};
const halfAway = ({ top, bottom }: Rational): bigint => {
  const doubled = 2n * (top < 0n ? -top : top) + bottom;
  const magnitude = doubled / (2n * bottom);
  return top < 0n ? -magnitude : magnitude;
};
/** The rational as text of the scale; null if it has more digits than the dtype. */
const textOf = ({ top, bottom }: Rational, { precision, scale }: DecimalType): string | null => {
  const unscaled = halfAway({ top: top * 10n ** BigInt(scale), bottom });
  const digits = String(unscaled < 0n ? -unscaled : unscaled).length;
  return digits > precision ? null : formatDecimalText(unscaled, scale);
};

const PAIRS: readonly (readonly [DecimalType, DecimalType])[] = [
  [decimal(5, 2), decimal(6, 3)],
  [decimal(18, 4), decimal(9, 0)],
  [decimal(38, 10), decimal(20, 5)],
  [decimal(38, 0), decimal(38, 0)],
  [decimal(10, 10), decimal(38, 20)],
];

function randomTexts(dtype: DecimalType, seed: number): string[] {
  const random = new Random(seed);
  return Array.from({ length: 120 }, (_, row) => String(randomValue(random, dtype, row % 3 === 0)));
}

function rowValue(one: TestFrame, expr: AnyExpr): unknown {
  try {
    return valuesOf(one, expr)[0];
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

describe.each(PAIRS)("random %o and %o", (left, right) => {
  const lefts = randomTexts(left, 5);
  const rights = randomTexts(right, 6);
  const frameOf = (row: number) =>
    testFrame({
      a: [left, [lefts[row] as CellValue]],
      b: [right, [rights[row] as CellValue]],
    });
  const check = (expr: AnyExpr, of: (p: Rational, q: Rational) => Rational, error: string) => {
    const dtype = dtypeOf(frameOf(0), expr) as DecimalType;
    for (const row of lefts.keys()) {
      const exact = of(rational(lefts[row] as string), rational(rights[row] as string));
      const expected = textOf(exact, dtype);
      const actual = rowValue(frameOf(row), expr);
      // Where scaling an operand up overflows, a sum that would fit again is an error all the same.
      if (actual === error && dtype.precision === 38 && expected !== null) {
        const limit = 2n ** 127n;
        const scaled = [lefts[row], rights[row]].map((text) =>
          halfAway({
            ...rational(text as string),
            top: rational(text as string).top * 10n ** BigInt(dtype.scale),
          }),
        );
        expect(scaled.some((value) => value >= limit || value < -limit)).toBe(true);
        continue;
      }
      expect(actual, `${lefts[row]} and ${rights[row]}`).toBe(expected ?? error);
    }
  };
  const common = (p: Rational, q: Rational, top: (x: bigint, y: bigint) => bigint): Rational => ({
    top: top(p.top * q.bottom, q.top * p.bottom),
    bottom: p.bottom * q.bottom,
  });

  it("adds", () => check(a.add(b), (p, q) => common(p, q, (u, v) => u + v), "INTEGER_OVERFLOW"));
  it("subtracts", () =>
    check(a.sub(b), (p, q) => common(p, q, (u, v) => u - v), "INTEGER_OVERFLOW"));
  it("multiplies", () =>
    check(
      a.mul(b),
      (p, q) => ({ top: p.top * q.top, bottom: p.bottom * q.bottom }),
      "INTEGER_OVERFLOW",
    ));
  it("rounds and casts", () => {
    check(a.cast("decimal(7, 1)"), (p) => p, "CAST_ERROR");
    check(a.cast(right), (p) => p, "CAST_ERROR");
  });
  it("casts to int64 toward zero", () => {
    for (const row of lefts.keys()) {
      const { top, bottom } = rational(lefts[row] as string);
      const whole = top / bottom;
      const expected = whole === BigInt.asIntN(64, whole) ? whole : "CAST_ERROR";
      expect(rowValue(frameOf(row), a.cast(INT64))).toBe(expected);
    }
  });
  it("is what its text says", () => {
    for (const text of lefts) {
      const unscaled = parseDecimalText(text, left) as bigint;
      expect(formatDecimalText(unscaled, left.scale)).toBe(text);
      expect(BigInt(text.replace(".", ""))).toBe(unscaled);
    }
  });
});

describe("decimal text", () => {
  it.each([
    ["1.5", "decimal(3, 2)", 150n],
    ["+1.50000", "decimal(3, 2)", 150n],
    [".5", "decimal(3, 2)", 50n],
    ["5.", "decimal(3, 2)", 500n],
    ["-0", "decimal(3, 2)", 0n],
    ["1e-2", "decimal(3, 2)", 1n],
    ["12e-1", "decimal(3, 2)", 120n],
    ["0.0009e4", "decimal(3, 2)", 900n],
    ["000001", "decimal(1, 0)", 1n],
    ["1.005", "decimal(3, 2)", null],
    ["10", "decimal(3, 2)", null],
    ["1e2", "decimal(3, 2)", null],
    ["1e999999999", "decimal(3, 2)", null],
    ["0e999999999", "decimal(3, 2)", 0n],
    ["1e-999999999", "decimal(3, 2)", null],
    ["", "decimal(3, 2)", null],
    [".", "decimal(3, 2)", null],
    ["e1", "decimal(3, 2)", null],
    ["1 ", "decimal(3, 2)", null],
    ["nan", "decimal(3, 2)", null],
    ["9".repeat(38), "decimal(38, 0)", 10n ** 38n - 1n],
    ["9".repeat(39), "decimal(38, 0)", null],
  ] as const)("%s as %s", (text, dtype, expected) => {
    expect(parseDecimalText(text, toDType(dtype) as DecimalType)).toBe(expected);
  });
});

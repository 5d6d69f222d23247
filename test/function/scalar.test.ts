// What scalar functions compute, on the reference executor.
import { describe, expect, it } from "vitest";
import { type AnyExpr, coalesce, col, lit, max, min, when } from "../../src/expr/index.ts";
import { exprText } from "../../src/function/index.ts";
import { failureAt, type TestFrame, testFrame, valuesOf } from "./evaluate.ts";

/** A column whose dtype TypeScript does not know. */
const any = (name: string): AnyExpr => col(name);

type Case = [AnyExpr, unknown[]];
function table(title: string, frame: TestFrame, cases: Case[]): void {
  describe(title, () => {
    it.each(cases.map(([expr, expected]) => ({ text: exprText(expr.node), expr, expected })))(
      "$text",
      ({ expr, expected }) => expect(valuesOf(frame, expr)).toEqual(expected),
    );
  });
}

const integers = testFrame({
  a: ["int64", [7, -7, 7, -7, 5, null]],
  b: ["int64", [2, 2, -2, -2, 0, 1]],
});
const big = (...values: (number | null)[]) =>
  values.map((value) => (value === null ? null : BigInt(value)));
table("integers", integers, [
  [col("a").add(col("b")), big(9, -5, 5, -9, 5, null)],
  [col("a").sub(col("b")), big(5, -9, 9, -5, 5, null)],
  [col("a").mul(col("b")), big(14, -14, -14, 14, 0, null)],
  [col("a").div(col("b")), [3.5, -3.5, -3.5, 3.5, null, null]],
  [col("a").floorDiv(col("b")), big(3, -4, -4, 3, null, null)],
  [col("a").mod(col("b")), big(1, 1, -1, -1, null, null)],
  [col("a").rem(col("b")), big(1, -1, 1, -1, null, null)],
  [col("a").neg(), big(-7, 7, -7, 7, -5, null)],
  [col("a").abs(), big(7, 7, 7, 7, 5, null)],
  [col("a").round(1), big(7, -7, 7, -7, 5, null)],
  [col("a").between(-7, 6), [false, true, false, true, true, null]],
  [col("a").isIn([7, 5, null, 0.5]), [true, false, true, false, true, null]],
  [col("a").isIn([]), [false, false, false, false, false, null]],
  [col("a").isNan(), [false, false, false, false, false, null]],
  [col("a").isNull(), [false, false, false, false, false, true]],
  [col("a").isNotNull(), [true, true, true, true, true, false]],
  [col("a").fillNull(0), big(7, -7, 7, -7, 5, 0)],
  [coalesce(any("a"), any("b")), big(7, -7, 7, -7, 5, 1)],
  [min(any("a"), any("b")), big(2, -7, -2, -7, 0, 1)],
  [max(any("a"), any("b"), lit(3)), big(7, 3, 7, 3, 5, 3)],
  [when(col("b").gt(0)).then(col("a")).when(col("b").lt(0)).then(0), big(7, -7, 0, 0, null, null)],
  [when(col("a").gt(0)).then(lit(1)).otherwise(2), big(1, 2, 1, 2, 1, 2)],
]);

const floats = testFrame({
  x: ["float64", [5.5, -5.5, 0, -0, NaN, Infinity, null, 2.5, -0.5]],
  y: ["float64", [2, 2, -3, 3, 1, 2, 1, 0, 0.3]],
});
table("floats", floats, [
  [col("x").mod(col("y")), [1.5, 0.5, -0, 0, NaN, NaN, null, NaN, (-0.5 % 0.3) + 0.3]],
  [col("x").rem(col("y")), [1.5, -1.5, 0, -0, NaN, NaN, null, NaN, -0.5 % 0.3]],
  [col("x").floorDiv(col("y")), [2, -3, -0, -0, NaN, NaN, null, Infinity, -2]],
  [col("x").div(0), [Infinity, -Infinity, NaN, NaN, NaN, Infinity, null, Infinity, -Infinity]],
  [col("x").round(), [6, -6, 0, -0, NaN, Infinity, null, 3, -1]],
  [col("x").floor(), [5, -6, 0, -0, NaN, Infinity, null, 2, -1]],
  [col("x").ceil(), [6, -5, 0, -0, NaN, Infinity, null, 3, -0]],
  [col("x").trunc(), [5, -5, 0, -0, NaN, Infinity, null, 2, -0]],
  [col("x").eq(NaN), [false, false, false, false, true, false, null, false, false]],
  [col("x").gt(1e308), [false, false, false, false, true, true, null, false, false]],
  [col("x").eq(0), [false, false, true, true, false, false, null, false, false]],
  [col("x").isIn([0, NaN]), [false, false, true, true, true, false, null, false, false]],
  [col("x").isFinite(), [true, true, true, true, false, false, null, true, true]],
  [col("x").isNan(), [false, false, false, false, true, false, null, false, false]],
  [min(any("x"), any("y")), [2, -5.5, -3, -0, 1, 2, 1, 0, -0.5]],
  [max(any("x"), any("y")), [5.5, 2, 0, 3, NaN, Infinity, 1, 2.5, 0.3]],
]);

table("mathematics", floats, [
  [col("x").sign(), [1, -1, 0, -0, NaN, 1, null, 1, -1]],
  [col("x").pow(0), [1, 1, 1, 1, 1, 1, null, 1, 1]],
  [col("x").pow(2), [30.25, 30.25, 0, 0, NaN, Infinity, null, 6.25, 0.25]],
  [col("x").pow(-1), [2 / 11, -2 / 11, Infinity, -Infinity, NaN, 0, null, 0.4, -2]],
  [
    col("x").sin(),
    [
      -0.7055403255703919,
      0.7055403255703919,
      0,
      -0,
      NaN,
      NaN,
      null,
      0.5984721441039565,
      -0.479425538604203,
    ],
  ],
  [
    col("x").log(),
    [1.7047480922384253, NaN, -Infinity, -Infinity, NaN, Infinity, null, 0.9162907318741551, NaN],
  ],
  [
    col("x").atan2(-0).mul(2),
    [Math.PI, -Math.PI, 2 * Math.PI, -2 * Math.PI, NaN, Math.PI, null, Math.PI, -Math.PI],
  ],
  [
    col("x").hypot(Infinity),
    [Infinity, Infinity, Infinity, Infinity, Infinity, Infinity, null, Infinity, Infinity],
  ],
]);
table("mathematics of integers", integers, [
  [col("a").sign(), big(1, -1, 1, -1, 1, null)],
  [col("a").pow(col("b")), [49, 49, 1 / 49, 1 / 49, 1, null]],
  [col("a").pow(2).sqrt(), [7, 7, 7, 7, 5, null]],
  [col("b").exp2(), [4, 4, 0.25, 0.25, 1, 2]],
]);

table(
  "round to decimals",
  testFrame({ x: ["float64", [1.005, 2.675, -1.25, 1e300, 123456, 4503599627370497]] }),
  [
    [col("x").round(1), [1, 2.7, -1.3, 1e300, 123456, 4503599627370497]],
    [col("x").round(2), [1, 2.68, -1.25, 1e300, 123456, 4503599627370497]],
    [col("x").round(-2), [0, 0, -0, 1e300, 123500, 4503599627370500]],
  ],
);

const bools = testFrame({
  p: ["bool", [true, true, true, false, false, false, null, null, null]],
  q: ["bool", [true, false, null, true, false, null, true, false, null]],
});
table("three-valued logic", bools, [
  [col("p").and(col("q")), [true, false, null, false, false, false, null, false, null]],
  [col("p").or(col("q")), [true, true, true, true, false, null, true, null, null]],
  [col("p").not(), [false, false, false, true, true, true, null, null, null]],
  [col("p").eq(col("q")), [true, false, null, false, true, null, null, null, null]],
  [col("p").lt(col("q")), [false, false, null, true, false, null, null, null, null]],
  [col("p").isIn([true]), [true, true, true, false, false, false, null, null, null]],
]);

const texts = testFrame({ s: ["string", ["abc", "", null, "a%c", "x\u{10000}y", "x\uffffy"]] });
table("texts", texts, [
  [col("s").str.contains("b"), [true, false, null, false, false, false]],
  [col("s").str.contains(""), [true, true, null, true, true, true]],
  [col("s").str.startsWith("a"), [true, false, null, true, false, false]],
  [col("s").str.endsWith("y"), [false, false, null, false, true, true]],
  [col("s").str.like("a_c"), [true, false, null, true, false, false]],
  [col("s").str.like("a\\%c"), [false, false, null, true, false, false]],
  [col("s").str.like("x_y"), [false, false, null, false, true, true]],
  [col("s").str.like("%"), [true, true, null, true, true, true]],
  [col("s").lt("x\u{10000}"), [true, true, null, true, false, true]],
  [col("s").isIn(["", "abc", "zz"]), [true, true, null, false, false, false]],
]);

const words = testFrame({
  s: ["string", ["Straße", "  ÁB\u00a0", "ΟΔΟΣ", "", null, "😀é1,b,", "\u0130I"]],
  t: ["string", ["x", "", null, "-", "y", "z", "\0"]],
});
table("functions of texts", words, [
  [col("s").str.upper(), ["STRASSE", "  ÁB\u00a0", "ΟΔΟΣ", "", null, "😀É1,B,", "\u0130I"]],
  [col("s").str.lower(), ["straße", "  áb\u00a0", "οδος", "", null, "😀é1,b,", "i\u0307i"]],
  [col("s").str.trim(), ["Straße", "ÁB", "ΟΔΟΣ", "", null, "😀é1,b,", "\u0130I"]],
  [col("s").str.trimStart().str.byteLength(), big(7, 5, 8, 0, null, 10, 3)],
  [col("s").str.trimEnd().str.length(), big(6, 4, 4, 0, null, 6, 2)],
  [col("s").str.length(), big(6, 5, 4, 0, null, 6, 2)],
  [col("s").str.reverse(), ["eßartS", "\u00a0BÁ  ", "ΣΟΔΟ", "", null, ",b,1é😀", "I\u0130"]],
  [col("s").str.slice(1, 2), ["tr", " Á", "ΔΟ", "", null, "é1", "I"]],
  [col("s").str.slice(-2), ["ße", "B\u00a0", "ΟΣ", "", null, "b,", "\u0130I"]],
  [col("s").str.slice(-5, 3), ["tra", "  Á", "ΟΔΟ", "", null, "é1,", "\u0130I"]],
  [col("s").str.split(",", 1), [null, null, null, null, null, "b", null]],
  [col("s").str.split(",", -1), ["Straße", "  ÁB\u00a0", "ΟΔΟΣ", "", null, "", "\u0130I"]],
  [
    col("s").str.replace(",", "$&"),
    ["Straße", "  ÁB\u00a0", "ΟΔΟΣ", "", null, "😀é1$&b$&", "\u0130I"],
  ],
  [
    col("s").str.replace(",", ";", { all: false }).str.slice(3),
    ["aße", "B\u00a0", "Σ", "", null, ";b,", ""],
  ],
  [
    col("s")
      .str.replace(/(\w)(?<last>.)/, "<$2$1$<last>$$>")
      .str.slice(0, 6),
    ["<tSt$>", "  Á<\u00a0B", "ΟΔΟΣ", "", null, "😀é<,1,", "\u0130I"],
  ],
  [
    col("s").str.replace(/x*/, "-").str.slice(0, 3),
    ["-S-", "- -", "-Ο-", "-", null, "-😀-", "-\u0130-"],
  ],
  [col("s").str.matches(/^\p{Lu}\p{L}+$/u), [true, false, true, false, null, false, true]],
  [col("s").str.matches(/STRASSE|ÁB/i), [false, true, false, false, null, false, false]],
  [
    col("s").str.padStart(5, "ab"),
    ["Straße", "  ÁB\u00a0", "aΟΔΟΣ", "ababa", null, "😀é1,b,", "aba\u0130I"],
  ],
  [
    col("s").str.padEnd(7),
    ["Straße ", "  ÁB\u00a0  ", "ΟΔΟΣ   ", "       ", null, "😀é1,b, ", "\u0130I     "],
  ],
  [col("t").str.repeat(3), ["xxx", "", null, "---", "yyy", "zzz", "\0\0\0"]],
  [col("t").str.repeat(0), ["", "", null, "", "", "", ""]],
  [col("t").str.concat(), ["x", "", null, "-", "y", "z", "\0"]],
  [lit("<").str.concat(col("t"), ">"), ["<x>", "<>", null, "<->", "<y>", "<z>", "<\0>"]],
  [
    col("t").str.concat("=", col("s"), "", "."),
    ["x=Straße.", "=  ÁB\u00a0.", null, "-=.", null, "z=😀é1,b,.", "\0=\u0130I."],
  ],
  [lit("a").str.concat("b").str.upper(), Array(7).fill("AB")],
  [lit("a,b").str.split(",", 2).isNull(), Array(7).fill(true)],
]);
const numerals = testFrame({
  s: ["string", ["12", "-ff", "+7", "", "1_0", "zz", null, "9223372036854775808"]],
});
table("numbers in texts", numerals, [
  [col("s").str.toInteger({ strict: false }), big(12, null, 7, null, null, null, null, null)],
  [
    col("s").str.toInteger({ base: 16, strict: false }),
    big(18, -255, 7, null, null, null, null, null),
  ],
  [
    col("s").str.toInteger({ base: 36, strict: false }),
    big(38, -555, 7, null, null, 1295, null, null),
  ],
  [col("s").str.toFloat({ strict: false }), [12, null, 7, null, null, null, null, 2 ** 63]],
]);

const casts = testFrame({
  f: ["float64", [1.9, -1.9, 2 ** 31, NaN, null]],
  i: ["int64", [0, 127, -129, 2n ** 53n + 1n, null]],
  s: ["string", ["12", "1.5", "x", "-0", null]],
  b: ["bool", [true, false, true, false, null]],
  d: ["date", ["1970-01-02", "0001-01-01", "9999-12-31", "1969-12-31", null]],
  t: [
    "timestamp[us]",
    ["1969-12-31T23:59:59.999999", "2024-02-29T12:00", "1970-01-01", "9999-01-01", null],
  ],
});
const lenient = { strict: false } as const;
table("casts", casts, [
  [col("f").cast("int32", lenient), [1, -1, null, null, null]],
  [col("f").cast("int64", lenient), [1n, -1n, 2n ** 31n, null, null]],
  [col("f").cast("bool"), [true, true, true, true, null]],
  [col("i").cast("int8", lenient), [0, 127, null, null, null]],
  [col("i").cast("float64"), [0, 127, -129, 2 ** 53, null]],
  [col("i").cast("bool"), [false, true, true, true, null]],
  [col("i").cast("string"), ["0", "127", "-129", "9007199254740993", null]],
  [col("s").cast("int64", lenient), [12n, null, null, 0n, null]],
  [col("s").cast("float64", lenient), [12, 1.5, null, -0, null]],
  [col("b").cast("int32"), [1, 0, 1, 0, null]],
  [col("b").cast("string"), ["true", "false", "true", "false", null]],
  [col("d").cast("int32"), [1, -719162, 2932896, -1, null]],
  [col("d").cast("string"), ["1970-01-02", "0001-01-01", "9999-12-31", "1969-12-31", null]],
  [
    col("d").cast("timestamp[s]").cast("int64"),
    [86400n, -62135596800n, 253402214400n, -86400n, null],
  ],
  [
    col("t").cast("date"),
    [new Date("1969-12-31"), new Date("2024-02-29"), new Date(0), new Date("9999-01-01"), null],
  ],
  [col("t").cast("timestamp[s]").cast("int64"), [-1n, 1709208000n, 0n, 253370764800n, null]],
  [col("t").cast("timestamp[ns]", lenient).isNull(), [false, false, false, true, true]],
  [
    col("t").cast("string"),
    [
      "1969-12-31T23:59:59.999999",
      "2024-02-29T12:00:00",
      "1970-01-01T00:00:00",
      "9999-01-01T00:00:00",
      null,
    ],
  ],
  [col("f").cast("string"), ["1.9", "-1.9", "2147483648.0", "NaN", null]],
]);

describe("failures name expression and row", () => {
  const frame = testFrame({
    i: ["int32", [1, 2 ** 31 - 1, -(2 ** 31), 0]],
    n: ["int8", [1, 127, -128, 100]],
    u: ["uint8", [1, 0, 255, 16]],
    f: ["float64", [1, 2, Number.NaN, 1e10]],
    s: ["string", ["1", "2", "x", ""]],
  });
  const cases: [AnyExpr, string, number, string][] = [
    [col("i").add(1), "IntegerOverflowError", 1, "(i + 1) overflows"],
    [col("i").neg(), "IntegerOverflowError", 2, "-i overflows"],
    [col("i").floorDiv(-1), "IntegerOverflowError", 2, "(i // -1) overflows"],
    [col("i").mul(col("i")), "IntegerOverflowError", 1, "(i * i) overflows"],
    [col("n").add(col("n")), "IntegerOverflowError", 1, "(n + n) overflows"],
    [col("n").abs(), "IntegerOverflowError", 2, "abs(n) overflows"],
    [col("u").sub(1), "IntegerOverflowError", 1, "(u - 1) overflows"],
    [col("u").mul(col("u")), "IntegerOverflowError", 2, "(u * u) overflows"],
    [col("f").cast("int32"), "CastError", 2, "cast(f as int32) fails"],
    [
      col("f").cast("int32", lenient).add(col("s").cast("int32")),
      "CastError",
      2,
      "cast(s as int32) fails",
    ],
    [col("s").cast("int32"), "CastError", 2, "cast(s as int32) fails"],
  ];
  it.each(cases)("%#: %s", (expr, name, row, text) => {
    expect(() => valuesOf(frame, expr)).toThrow(
      expect.objectContaining({ name, row, message: expect.stringContaining(text) }),
    );
  });

  const asked: [string, AnyExpr, unknown[]][] = [
    ["a branch of when", when(col("i").eq(1)).then(col("i").add(1)).otherwise(0), [2, 0, 0, 0]],
    ["the otherwise", when(col("i").ne(1)).then(0).otherwise(col("i").mul(2)), [2, 0, 0, 0]],
    [
      "the right side of and",
      col("i").eq(1).and(col("i").add(1).gt(0)),
      [true, false, false, false],
    ],
    ["the right side of or", col("i").ne(1).or(col("i").add(1).gt(5)), [false, true, true, true]],
    [
      "a later argument of coalesce",
      coalesce(any("i"), any("s").cast("int32")),
      [1, 2 ** 31 - 1, -(2 ** 31), 0],
    ],
  ];
  it.each(asked)("%s fails only in rows that ask for it", (_, expr, expected) => {
    expect(valuesOf(frame, expr)).toEqual(expected);
  });
  it("rows that the predicate drops fail in no output", () => {
    expect(valuesOf(frame, col("i").add(1), col("i").le(1))).toEqual([2, -(2 ** 31) + 1, 1]);
  });
  it("a conjunct is asked for only in rows that pass those before it", () => {
    const predicate = col("s").ne("x").and(col("s").ne("")).and(col("s").cast("int32").gt(1));
    expect(valuesOf(frame, col("s"), predicate)).toEqual(["2"]);
  });
  it("the predicate itself fails in every row", () => {
    expect(() => valuesOf(frame, col("s"), col("s").cast("int32").gt(5))).toThrow(
      failureAt(2, "fails"),
    );
  });
});

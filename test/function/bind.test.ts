// What dtypes expressions have, and what is refused at the call that is wrong.
import { describe, expect, it } from "vitest";
import { commonDType, dtypeName, toDType } from "../../src/dtype/index.ts";
import { type AnyExpr, coalesce, col, count, lit, max, min, when } from "../../src/expr/index.ts";
import { exprText, outputName } from "../../src/function/index.ts";
import { dtypeOf, testFrame } from "./evaluate.ts";

const frame = testFrame({
  i8: ["int8", []],
  i32: ["int32", []],
  i64: ["int64", []],
  u64: ["uint64", []],
  f32: ["float32", []],
  f64: ["float64", []],
  b: ["bool", []],
  s: ["string", []],
  d: ["date", []],
  ts: ["timestamp[us]", []],
  "two words": ["int64", []],
});

describe("commonDType", () => {
  const cases: [string, string, string | null][] = [
    ["int8", "int32", "int32"],
    ["int8", "uint8", "int16"],
    ["uint32", "int8", "int64"],
    ["uint8", "uint64", "uint64"],
    ["int64", "uint64", null],
    ["int16", "float32", "float32"],
    ["int32", "float32", "float64"],
    ["int64", "float64", "float64"],
    ["float32", "float64", "float64"],
    ["date", "timestamp[ns]", "timestamp[ns]"],
    ["timestamp[s]", "timestamp[ms]", "timestamp[ms]"],
    ["timestamp[us, UTC]", "timestamp[us]", "timestamp[us]"],
    ["bool", "int8", null],
    ["string", "date", null],
  ];
  it.each(cases)("of %s and %s is %s", (a, b, expected) => {
    for (const [x, y] of [
      [a, b],
      [b, a],
    ] as const) {
      const common = commonDType(toDType(x as never), toDType(y as never));
      expect(common && dtypeName(common)).toBe(expected);
    }
  });
});

describe("dtypes", () => {
  const cases: [AnyExpr, string][] = [
    [col("i32").add(1), "int32"],
    [col("i32").add(2 ** 40), "int64"],
    [col("i8").add(200), "int64"],
    [col("i32").add(0.5), "float64"],
    [col("i32").add(col("i64")), "int64"],
    [col("i32").div(2), "float64"],
    [col("f32").div(2), "float32"],
    [col("i32").pow(2), "float64"],
    [col("f32").pow(2), "float32"],
    [col("f32").pow(col("f64")), "float64"],
    [col("i8").exp(), "float64"],
    [col("f32").sin(), "float32"],
    [col("f32").atan2(col("i32")), "float64"],
    [col("i8").sign(), "int8"],
    [col("u64").sign(), "uint64"],
    [col("f32").mul(0.1), "float64"],
    [col("f32").mul(0.5), "float32"],
    [col("u64").gt(5), "bool"],
    [col("u64").gt(-1), "bool"],
    [col("u64").eq(col("i64")), "bool"],
    [col("i8").bitXor(col("i32")), "int32"],
    [col("i8").shiftLeft(col("i64")), "int8"],
    [col("u64").bitNot(), "uint64"],
    [col("i64").floorDiv(col("i8")), "int64"],
    [lit(1).add(2n), "int64"],
    [lit(2 ** 60), "float64"],
    [lit(2n ** 63n), "uint64"],
    [lit("x"), "string"],
    [lit(new Date(0)), "timestamp[us]"],
    [lit(5, "int8"), "int8"],
    [lit(null), "bool"],
    [lit(null, "date"), "date"],
    [lit(null).cast("int32"), "int32"],
    [col("d").lt("2024-01-01"), "bool"],
    [col("d").lt("2024-01-01T10:00"), "bool"],
    [col("d").eq(col("ts")), "bool"],
    [coalesce(col("i32"), 0), "int32"],
    [col("s").fillNull(null), "string"],
    [when(col("b")).then(1).otherwise(col("f64")), "float64"],
    [when(col("b")).then(null).otherwise(col("i8")), "int8"],
    [when(col("b")).then("x"), "string"],
    [min(col("i8"), col("i32"), 3), "int32"],
    [max(col("d"), col("ts")), "timestamp[us]"],
    [col("f32").sqrt(), "float32"],
    [col("i32").sqrt(), "float64"],
    [col("i32").round(), "int32"],
    [col("ts").dt.year(), "int32"],
    [col("d").dt.truncate("1mo"), "date"],
    [col("ts").dt.epoch("ms"), "int64"],
    [col("s").cast("timestamp[ms]"), "timestamp[ms]"],
    [col("i32").sum(), "int64"],
    [col("u64").sum(), "uint64"],
    [col("f32").sum(), "float32"],
    [col("b").sum(), "int64"],
    [col("i32").mean(), "float64"],
    [col("s").min(), "string"],
    [col("ts").max(), "timestamp[us]"],
    [col("s").nUnique(), "int64"],
    [count(), "int64"],
    [col("i64").max().sub(col("i32").min()), "int64"],
    [col("i64").median(), "float64"],
  ];
  it.each(cases.map(([expr, dtype]) => ({ text: exprText(expr.node), expr, dtype })))(
    "$text is $dtype",
    ({ expr, dtype }) => expect(dtypeName(dtypeOf(frame, expr))).toBe(dtype),
  );
});

describe("refusals", () => {
  const cases: [AnyExpr, string, RegExp][] = [
    [col("i46"), "ColumnNotFoundError", /no column is named "i46"[\s\S]*Did you mean "i/],
    [col("s").add(1), "TypeMismatchError", /\(s \+ 1\): add takes numbers, not string and int64/],
    [col("b").add(true), "TypeMismatchError", /add takes numbers, not bool and bool/],
    [col("i64").add(col("u64")), "TypeMismatchError", /not int64 and uint64[\s\S]*Cast one side/],
    [col("u64").add(-1), "TypeMismatchError", /not uint64 and int64/],
    [col("f64").bitAnd(1), "TypeMismatchError", /bitAnd takes integers, not float64 and int64/],
    [col("i64").shiftLeft(1.5), "TypeMismatchError", /shiftLeft takes integers, not float64/],
    [col("i64").bitOr(col("u64")), "TypeMismatchError", /not int64 and uint64[\s\S]*Cast one side/],
    [col("u64").neg(), "TypeMismatchError", /neg takes signed numbers, not uint64/],
    [col("s").eq(5), "TypeMismatchError", /eq takes values of one kind, not string and int64/],
    [col("d").lt("tomorrow"), "TypeMismatchError", /not date and string/],
    [col("i32").and(true), "TypeMismatchError", /and takes bools/],
    [col("s").isIn(["a", 1]), "TypeMismatchError", /not string and int64/],
    [col("b").isNan(), "TypeMismatchError", /isNan takes a number/],
    [col("i32").str.contains("1"), "TypeMismatchError", /takes a string, not int32/],
    [col("s").dt.year(), "TypeMismatchError", /takes a date or timestamp, not string[\s\S]*cast/],
    [col("d").dt.hour(), "TypeMismatchError", /takes a timestamp, not date/],
    [col("ts").dt.truncate("1 day"), "InvalidArgumentError", /"1 day" is no interval/],
    [col("ts").dt.truncate("0h"), "InvalidArgumentError", /is no interval/],
    [
      col("d").dt.truncate("1h"),
      "TypeMismatchError",
      /takes a timestamp for intervals within a day/,
    ],
    [col("f64").cast("date"), "TypeMismatchError", /a float64 cannot be cast to date/],
    [col("b").cast("timestamp"), "TypeMismatchError", /a bool cannot be cast to timestamp/],
    [lit(300, "int8"), "CastError", /lit\(300\) is no int8/],
    [lit("x", "int8"), "TypeMismatchError", /lit\("x"\) is no int8/],
    [when(col("i32")).then(1), "TypeMismatchError", /a condition is a bool, and i32 is int32/],
    [when(col("b")).then(1).otherwise("x"), "TypeMismatchError", /dtypes that do not meet/],
    [col("f64").round(99), "InvalidArgumentError", /whole number of decimals/],
    [col("s").sum(), "TypeMismatchError", /sum\(s\) takes numbers, not string/],
    [col("d").mean(), "TypeMismatchError", /mean\(d\) takes numbers, not date/],
    [col("i32").any(), "TypeMismatchError", /any\(i32\) takes a bool/],
    [col("f64").quantile(1.5), "InvalidArgumentError", /q is a number from 0 to 1/],
    [col("f64").var({ ddof: -1 }), "InvalidArgumentError", /ddof is a whole number/],
    [col("s").pow(2), "TypeMismatchError", /pow takes numbers, not string and/],
    [col("b").exp(), "TypeMismatchError", /exp takes numbers, not bool/],
    [col("d").sin(), "TypeMismatchError", /sin takes numbers, not date/],
  ];
  it.each(
    cases.map(([expr, name, message]) => ({ text: exprText(expr.node), expr, name, message })),
  )("$text: $name", ({ expr, name, message }) => {
    let error: unknown;
    try {
      dtypeOf(frame, expr);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      name,
      operator: "test",
      message: expect.stringMatching(message),
    });
  });
});

describe("text and names", () => {
  const cases: [AnyExpr, string, string][] = [
    [col("a").add(1).mul(col("b")), "((a + 1) * b)", "a"],
    [col("two words").neg().not(), 'not -col("two words")', "two words"],
    [col("a").cast("int8", { strict: false }), "tryCast(a as int8)", "a"],
    [
      when(col("a").gt(0)).then("x").otherwise(null),
      '(when (a > 0) then "x" otherwise null)',
      "literal",
    ],
    [col("a").sum().as("total"), "sum(a)", "total"],
    [count(), "count()", "count"],
    [
      col("s").isIn(["a", "b", "c", "d", "e", "f"]),
      'isIn(s, values=["a", "b", "c", "d", "e", 1 more])',
      "s",
    ],
    [col("t").lt(new Date(0)), "(t < 1970-01-01T00:00:00.000Z)", "t"],
    [lit(-0), "-0", "literal"],
    [col("s").eq("x".repeat(100)), `(s == "${"x".repeat(57)}...")`, "s"],
  ];
  it.each(cases)("%#", (expr, text, name) => {
    expect(exprText(expr.node)).toBe(text);
    expect(outputName(expr.node)).toBe(name);
  });
});

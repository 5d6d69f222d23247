// Expression nodes: frozen, checked where they are built, equal by structure; and the walks over them.

import { describe, expect, test } from "vitest";
import {
  childrenOf,
  coalesce,
  col,
  columnsOf,
  containsAggregate,
  count,
  type Expr,
  type ExprNode,
  exprKey,
  exprSize,
  lit,
  literalNode,
  max,
  min,
  rewriteExpr,
  substituteColumns,
  when,
  withChildren,
} from "../../src/expr/index.ts";

const EVERY_METHOD: readonly [string, Expr][] = [
  ...(["add", "sub", "mul", "div", "floorDiv", "mod", "rem"] as const).map(
    (name) => [name, col("a")[name](2)] as [string, Expr],
  ),
  ...(["pow", "atan2", "hypot"] as const).map(
    (name) => [name, col("a")[name](2)] as [string, Expr],
  ),
  ...(
    ["exp2", "expm1", "log2", "log1p", "asin", "acos", "atan", "sinh", "cosh", "tanh"] as const
  ).map((name) => [name, col("a")[name]()] as [string, Expr]),
  ...(["cbrt", "degrees", "radians", "sign"] as const).map(
    (name) => [name, col("a")[name]()] as [string, Expr],
  ),
  ...(["eq", "ne", "lt", "le", "gt", "ge", "and", "or", "fillNull"] as const).map(
    (name) => [name, col("a")[name](col("b"))] as [string, Expr],
  ),
  ...(
    ["neg", "abs", "not", "isNull", "isNotNull", "isNan", "isFinite", "floor", "ceil"] as const
  ).map((name) => [name, col("a")[name]()] as [string, Expr]),
  ...(["trunc", "sqrt", "exp", "log", "log10", "sin", "cos", "tan"] as const).map(
    (name) => [name, col("a")[name]()] as [string, Expr],
  ),
  ["between", col("a").between(1, col("b"))],
  ["isIn", col("a").isIn([1, 2, null])],
  ["coalesce", col("a").coalesce(col("b"), 0)],
  ["round", col("a").round(2)],
  ...(["length", "upper", "lower", "trim", "toInteger", "toTimestamp"] as const).map(
    (name) => [`str.${name}`, col("a").str[name]()] as [string, Expr],
  ),
  ...(["contains", "startsWith", "endsWith", "like"] as const).map(
    (name) => [`str.${name}`, col("a").str[name]("x")] as [string, Expr],
  ),
  ["str.matches", col("a").str.matches(/x/i)],
  ["str.replace", col("a").str.replace("x", "y")],
  ["str.slice", col("a").str.slice(-2)],
  ["str.split", col("a").str.split("-", 1)],
  ...(
    ["year", "month", "day", "hour", "minute", "second", "weekday", "dayOfYear", "epoch"] as const
  ).map((name) => [`dt.${name}`, col("a").dt[name]()] as [string, Expr]),
  ["dt.truncate", col("a").dt.truncate("1d")],
  ["dt.toTimezone", col("a").dt.toTimezone("Europe/Zurich")],
  ["dt.format", col("a").dt.format("%Y")],
];

describe("nodes", () => {
  test.each(EVERY_METHOD)("%s names itself and reads its column", (name, expr) => {
    expect(expr.node).toMatchObject({ kind: "call", function: name });
    expect(columnsOf(expr.node).has("a")).toBe(true);
    everyNode(expr.node, (node) => expect(Object.isFrozen(node)).toBe(true));
  });

  test.each(
    (["sum", "mean", "min", "max", "count", "nUnique", "first", "last", "any", "all"] as const)
      .map((name) => [name, col("a")[name]()] as [string, Expr])
      .concat([
        ["var", col("a").var({ ddof: 0 })],
        ["std", col("a").std()],
        ["median", col("a").median()],
        ["quantile", col("a").quantile(0.9)],
        ["mode", col("a").mode()],
        ["skew", col("a").skew()],
        ["kurtosis", col("a").kurtosis({ bias: true })],
        ["corr", col("a").corr(col("b"))],
        ["cov", col("a").cov(col("b"))],
        ["argMin", col("a").argMin()],
        ["argMax", col("a").argMax()],
      ]),
  )("%s is an aggregate", (name, expr) => {
    expect(expr.node).toMatchObject({ kind: "aggregate", function: name });
    expect(containsAggregate(expr.add(1).node)).toBe(true);
  });

  test("count() counts rows; min, max and coalesce take several", () => {
    expect(count().node).toMatchObject({ kind: "aggregate", function: "count", args: [] });
    expect(min(col("a"), 1).node).toMatchObject({ kind: "call", function: "min" });
    expect(max(col("a"), 1).node).toMatchObject({ kind: "call", function: "max" });
    expect(coalesce(col("a"), col("b")).node).toMatchObject({ function: "coalesce" });
  });

  test("when", () => {
    const open = when(col("a").gt(1)).then(1);
    expect(open.node).toMatchObject({ kind: "when", otherwise: null });
    const closed = open.when(col("a").lt(0)).then(2).otherwise("x");
    expect(closed.node).toMatchObject({ branches: { length: 2 }, otherwise: { value: "x" } });
  });

  test.each([
    ["undefined", () => col("a").add(undefined as never), /undefined/],
    ["an object", () => lit({} as never), /object/],
    ["a function", () => lit((() => 1) as never), /function/],
    ["an array", () => col("a").eq([1] as never), /array/],
    ["an invalid Date", () => lit(new Date(Number.NaN)), /Date/],
    ["a number as a name", () => col(1 as never), /name/],
    ["a text for isIn", () => col("a").isIn("abc"), /list/],
    ["a text for matches", () => col("a").str.matches("a" as never), /regular expression/],
    ["a number for contains", () => col("a").str.contains(1 as never), /string/],
    ["an unknown dtype", () => col("a").cast("int7" as never), /int7/],
  ])("%s is refused when the expression is built", (_, build, message) => {
    expect(build).toThrow(message);
  });
});

describe("walks", () => {
  const sample = when(col("a").gt(1)).then(col("b").cast("int8")).otherwise(lit(1)).as("x").node;

  test("children and withChildren are inverse", () => {
    everyNode(sample, (node) => {
      expect(withChildren(node, childrenOf(node))).toBe(node);
      const copy = withChildren(
        node,
        childrenOf(node).map((child) => ({ ...child })),
      );
      expect(exprKey(copy)).toBe(exprKey(node));
    });
    expect(exprSize(sample)).toBe(8);
  });

  test("a rewrite that changes nothing gives the same object", () => {
    expect(rewriteExpr(sample, (node) => node)).toBe(sample);
    expect(substituteColumns(sample, new Map([["z", lit(1).node]]))).toBe(sample);
  });

  test("substitution goes everywhere, once", () => {
    const swapped = substituteColumns(
      col("a").add(col("b")).node,
      new Map([
        ["a", col("b").node],
        ["b", col("a").node],
      ]),
    );
    expect(exprKey(swapped)).toBe(exprKey(col("b").add(col("a")).node));
  });

  test.each([
    [lit(0), lit(-0)],
    [lit(1), lit(1n)],
    [lit("1"), lit(1)],
    [lit(null), lit(Number.NaN)],
    [lit(1), lit(1, "int8")],
    [col("a"), lit("a")],
    [col("a").isIn([1, 2]), col("a").isIn([1, 3])],
    [col("a").str.matches(/x/), col("a").str.matches(/x/i)],
    [col("a").cast("int8"), col("a").cast("int8", { strict: false })],
    [col("a").max(), max(col("a"))],
    [col("a b"), col("a").as("b")],
  ] as [Expr, Expr][])("keys tell %# apart", (left, right) => {
    expect(exprKey(left.node)).not.toBe(exprKey(right.node));
  });

  test("keys of equal expressions are equal", () => {
    const build = () => col("a").add(1).mul(col("b")).round(2).node;
    expect(exprKey(build())).toBe(exprKey(build()));
  });
});

function everyNode(node: ExprNode, check: (node: ExprNode) => void): void {
  check(node);
  for (const child of childrenOf(node)) everyNode(child, check);
}

test("literals keep what JSON would lose", () => {
  expect(literalNode(-0).value).toBe(-0);
  expect(literalNode(2n ** 63n - 1n).value).toBe(2n ** 63n - 1n);
});

test("half of a surrogate pair is no literal, and no option", () => {
  for (const text of ["\ud800", "a\udc00b"]) {
    expect(() => lit(text)).toThrow(/half of a surrogate pair/);
    expect(() => col("s").eq(text)).toThrow(/half of a surrogate pair/);
    expect(() => col("s").isIn(["a", text])).toThrow(/half of a surrogate pair/);
    const { str } = col("s");
    for (const call of [
      () => str.contains(text),
      () => str.startsWith(text),
      () => str.endsWith(text),
      () => str.like(text),
      () => str.replace(text, ""),
      () => str.replace(/a/, text),
      () => str.split(text, 0),
      () => str.padStart(5, text),
      () => str.concat(text),
    ]) {
      expect(call).toThrow(/str.*half of a surrogate pair/);
    }
  }
  expect(() => lit("\u{1f600}")).not.toThrow();
});

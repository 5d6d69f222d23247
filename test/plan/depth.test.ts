// Expressions and plans of any depth either run or are refused, by the call that goes beyond what walks have room for.

import gpuDataFrame, {
  col,
  type DataFrame,
  type Expr,
  lit,
  NotSupportedError,
  TypeMismatchError,
  when,
} from "gpudataframe";
import { afterAll, expect, test } from "vitest";

const DEPTH = 500;
const TIMEOUT_MS = 120_000;

const session = await gpuDataFrame.session({ engine: "cpu" });
afterAll(() => session.close());
const frame = session.fromColumns({
  a: Float64Array.of(0, 1, 2, 3),
  b: Int32Array.of(3, 2, 1, 0),
  c: [true, false, true, false],
}) as never as DataFrame;

/** One call deeper than what it gets. */
const EXPRESSIONS: readonly [string, (inner: Expr, index: number) => Expr][] = [
  ["add", (inner) => inner.add(1) as Expr],
  ["add on the right", (inner) => lit(1).add(inner) as Expr],
  ["cast", (inner, index) => inner.cast(index % 2 === 0 ? "float64" : "float32")],
  ["when", (inner, index) => when(col("c")).then(index).otherwise(inner)],
  ["coalesce", (inner) => inner.fillNull(7)],
];
test.each(EXPRESSIONS)(
  "%s",
  async (_, deeper) => {
    let expr: Expr = col("a");
    // The name is the last one.
    for (let depth = 1; depth < DEPTH; depth++) expr = deeper(expr, depth);
    const query = frame.select(expr.as("x"));
    expect(query.explain()).not.toBe("");
    expect((await query.compute()).numRows).toBe(4);
    expect((await frame.sort(expr).compute()).numRows).toBe(4);
    expect(() => deeper(deeper(expr, 1), 2)).toThrow(NotSupportedError);
  },
  TIMEOUT_MS,
);

/** Its tree has 2^240 leaves, and it is 480 calls deep. */
const doubled = (seed: Expr) => {
  let expr = seed;
  for (let step = 0; step < (DEPTH - 20) / 2; step++) expr = expr.add(expr.mul(0)) as Expr;
  return expr;
};
test("an expression that holds itself twice, again and again", async () => {
  const [one, equal, other] = [doubled(col("a")), doubled(col("a")), doubled(col("b"))];
  const query = frame
    .withColumns({ x: one })
    .filter(one.le(2).and(equal.ge(1)))
    .groupBy(one.as("key"))
    .agg({ y: equal.sum(), same: one.sum(), z: other.sum(), n: one.count() })
    .sort("key");
  expect(query.explain().length).toBeLessThan(500_000);
  expect((await query.compute()).toRows()).toEqual([
    { key: 1, y: 1, same: 1, z: 2, n: 1 },
    { key: 2, y: 2, same: 2, z: 1, n: 1 },
  ]);
  const sorted = await frame.sort(other).select("a", one.as("x")).compute();
  expect(sorted.toRows().map((row) => row.x)).toEqual([3, 2, 1, 0]);
  const joined = await frame.join(frame, { leftOn: one, rightOn: equal }).select("a").compute();
  expect(joined.numRows).toBe(4);
  expect(() => frame.select(one.add("text"))).toThrow(TypeMismatchError);
});

const isOneOf = (count: number, join: (any: Expr<"bool">, next: Expr<"bool">) => Expr<"bool">) => {
  let any: Expr<"bool"> = col("a").eq(0);
  for (let value = 1; value <= count; value++) any = join(any, col("a").eq(value));
  return any;
};

test.each<[string, (any: Expr<"bool">, next: Expr<"bool">) => Expr<"bool">]>([
  ["or", (any, next) => any.or(next)],
  ["or on the right", (any, next) => next.or(any)],
  ["or of negations", (any, next) => any.or(next.not().not())],
])(
  "a chain of %s",
  async (_, join) => {
    const predicate = isOneOf(DEPTH - 3, join);
    expect((await frame.filter(predicate).compute()).numRows).toBe(4);
    expect(() => isOneOf(4000, join)).toThrow(/isIn/);
  },
  TIMEOUT_MS,
);

const none = await frame.filter(col("a").gt(9)).persist();

const OPERATORS: readonly [string, (input: DataFrame, index: number) => DataFrame][] = [
  ["withColumns over itself", (input) => input.withColumns({ a: col("a").add(1) }) as never],
  ["withColumns", (input, i) => input.withColumns({ [`c${i % 9}`]: col("a").add(i) }) as never],
  ["filter", (input, index) => input.filter(col("a").ne(index + 9))],
  ["filter that may fail", (input) => input.filter(col("b").add(1).gt(0))],
  ["sort", (input, index) => input.sort(index % 2 === 0 ? "a" : "b")],
  ["limit", (input, index) => input.limit(1000 - index)],
  ["distinct", (input) => input.distinct()],
  ["concat", (input) => input.concat(none)],
  [
    "aggregates",
    (input) => input.groupBy("a").agg({ b: col("b").max(), c: col("c").any() }) as never,
  ],
];
test.each(OPERATORS)(
  "%s above each other",
  async (_, above) => {
    const chain = (operators: number) => {
      let query = frame;
      for (let index = 0; index < operators; index++) query = above(query, index);
      return query;
    };
    const query = chain(DEPTH - 1);
    expect(query.explain()).not.toBe("");
    expect((await query.compute()).numRows).toBe(4);
    expect(() => chain(3000)).toThrow(/persist/);
  },
  TIMEOUT_MS,
);

test("what is persisted in between is a source", async () => {
  let query = frame.sort("a");
  for (let round = 0; round < 3; round++) {
    for (let index = 0; index < 300; index++) query = query.filter(col("a").ne(index + 9));
    query = await query.persist();
  }
  expect(await query.count()).toBe(4);
});

test("many filters are merged and hold together", async () => {
  let query = frame;
  for (let index = 0; index < DEPTH - 1; index++) query = query.filter(col("a").ne(index + 1));
  expect((await query.compute()).toRows()).toEqual([{ a: 0, b: 3, c: true }]);
});

// Errors of data name the operator and the expression as it was written, never a column that planning made, on every
// engine in the same words.

import {
  CastError,
  col,
  type DataFrame,
  type DataFrameError,
  type Expr,
  IntegerOverflowError,
  when,
} from "gpudataframe";
import { expect, test } from "vitest";
import { onEachEngine } from "./each_engine.ts";

const LARGE = 2n ** 62n;

interface Case {
  readonly query: (frame: DataFrame) => DataFrame;
  readonly error: typeof IntegerOverflowError | typeof CastError;
  readonly summary: string;
}

const overflow = (query: Case["query"], summary: string): Case => ({
  query,
  error: IntegerOverflowError,
  summary,
});
const cast = (query: Case["query"], summary: string): Case => ({
  query,
  error: CastError,
  summary,
});
const agg = (value: Expr) => (frame: DataFrame) =>
  frame.agg({ x: value } as never) as unknown as DataFrame;
const [a, b, f] = [col("a"), col("b"), col("f")];

const CASES: Readonly<Record<string, Case>> = {
  "sum of aggregates": overflow(
    agg(a.sum().add(b.sum())),
    "agg: (sum(a) + sum(b)) overflows at row 0",
  ),
  "aggregates and literals": overflow(
    agg(a.max().mul(3).sub(1)),
    "agg: (max(a) * 3) overflows at row 0",
  ),
  "of groups, below a filter": overflow(
    (frame) =>
      frame
        .filter(a.gt(0))
        .groupBy("k" as never)
        .agg({ n: a.count(), x: a.max().add(b.max()) } as never) as unknown as DataFrame,
    "agg: (max(a) + max(b)) overflows at row 0",
  ),
  "a branch": overflow(
    agg(when(a.max().gt(0)).then(a.max().mul(9)).otherwise(0)),
    "agg: (max(a) * 9) overflows at row 0",
  ),
  "over an aggregate of an aggregate": overflow(
    (frame) =>
      agg(col("m").sum().add(col("m").max()))(
        frame.groupBy("k" as never).agg({ m: a.max() } as never) as unknown as DataFrame,
      ),
    "agg: (sum(m) + max(m)) overflows at row 0",
  ),
  "a cast of an aggregate": cast(
    agg(f.max().cast("int32")),
    "agg: cast(max(f) as int32) fails at row 0",
  ),
  "a cast of an expression over aggregates": cast(
    agg(f.max().mul(2).cast("int32").as("named")),
    "agg: cast((max(f) * 2) as int32) fails at row 0",
  ),
  "an argument": overflow(agg(a.mul(9).max()), "agg: (a * 9) overflows at row 0"),
  "a sort key": overflow(
    (frame) => frame.sort([{ by: a.mul(9) }] as never),
    "sort: (a * 9) overflows at row 0",
  ),
  "a part that two columns share": overflow(
    (frame) => frame.select(a.mul(9).as("u"), a.mul(9).add(1).as("v")) as unknown as DataFrame,
    "select: (a * 9) overflows at row 0",
  ),
  "a key of a join": overflow(
    (frame) =>
      frame.join(frame, { leftOn: a.mul(9), rightOn: "b" } as never) as unknown as DataFrame,
    "join: (a * 9) overflows at row 0",
  ),
  "a column that a join renamed": overflow(
    (frame) =>
      (frame.join(frame, { on: "k", suffix: "_other" } as never) as unknown as DataFrame).select(
        col("a_other").mul(9),
      ) as unknown as DataFrame,
    "select: (a_other * 9) overflows at row 0",
  ),
  "the order of topK": overflow(
    (frame) => frame.groupBy("k" as never).topK(1, a.mul(9) as never) as unknown as DataFrame,
    "groupBy: (a * 9) overflows at row 0",
  ),
};

onEachEngine((session) => {
  test.each(Object.entries(CASES))("%s", async (_, { query, error, summary }) => {
    const frame = session().fromColumns(
      { a: [LARGE, 5n], b: [LARGE, 5n], f: [1e30, 2], k: ["x", "y"] },
      { schema: { a: "int64", b: "int64" } },
    ) as unknown as DataFrame;
    const raised = await query(frame)
      .compute()
      .then(
        () => null,
        (thrown: unknown) => thrown,
      );
    expect(raised).toBeInstanceOf(error);
    expect((raised as DataFrameError).summary).toBe(summary);
    expect(raised).toMatchObject({ row: 0 });
  });

  test("explain() of describe() names statistics and columns", () => {
    const text = session()
      .fromColumns({ a: [1], "b c": [2] })
      .describe()
      .explain();
    expect(text).toContain('"mean b c" = mean(col("b c"))');
    expect(text).not.toMatch(/"\d+:\d+"/);
  });
});

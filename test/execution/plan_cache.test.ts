// Queries that are asked again: what counts as the same, what is kept, and that no query gets another one's answer.

import gpuDataFrame, { col, count, lit, type Session, when } from "gpudataframe";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PlanCache } from "../../src/execution/plan_cache.ts";
import { isFixedPlan, isSamePlan, type LogicalPlan, onlyScan } from "../../src/plan/index.ts";

const COLUMNS = {
  key: ["a", "b", null, "a", "c", "b", "a"],
  x: [1, 2, -0, Number.NaN, 5, null, 7],
  n: Int32Array.of(3, 1, 4, 1, 5, 9, 2),
  at: [0, 1, 2, 3, 4, 5, 6].map((day) => new Date(Date.UTC(2020, 0, 1 + day))),
};

let session: Session;
beforeEach(async () => {
  session = await gpuDataFrame.session({ engine: "cpu" });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await session.close();
});

const frame = () => session.fromColumns(COLUMNS);
type Frame = ReturnType<typeof frame>;
type Question = (df: Frame) => { readonly plan: LogicalPlan; compute(): Promise<unknown> };

/** Each differs from the one before it in one detail, and is nearly the same text. */
const QUESTIONS: Record<string, Question> = {
  "sum by key": (df) => df.groupBy("key").agg({ s: col("n").sum() }),
  "under another name": (df) => df.groupBy("key").agg({ t: col("n").sum() }),
  "of another column": (df) => df.groupBy("key").agg({ s: col("x").sum() }),
  "another aggregate": (df) => df.groupBy("key").agg({ s: col("n").max() }),
  "sorted by key": (df) => df.groupBy(["key"], { sort: true }).agg({ s: col("n").sum() }),
  "without null keys": (df) => df.groupBy(["key"], { dropNulls: true }).agg({ s: col("n").sum() }),
  "two aggregates": (df) => df.groupBy("key").agg({ s: col("n").sum(), c: count() }),
  "two, the other way around": (df) => df.groupBy("key").agg({ c: count(), s: col("n").sum() }),
  "a range": (df) => df.groupBy("key").agg({ r: col("n").max().sub(col("n").min()) }),
  "quantile 0.5": (df) => df.groupBy("key").agg({ q: col("x").quantile(0.5) }),
  "quantile 0.25": (df) => df.groupBy("key").agg({ q: col("x").quantile(0.25) }),
  "1 / x above 0": (df) => df.filter(lit(1).div(col("x")).gt(0)),
  "1 / x above -0.5": (df) => df.filter(lit(1).div(col("x")).gt(-0.5)),
  "x + 0": (df) => df.select(lit(1).div(col("x").add(0)).as("y")),
  "x + -0": (df) => df.select(lit(1).div(col("x").add(-0)).as("y")),
  "n = 1": (df) => df.filter(col("n").eq(1)),
  "n = 1n": (df) => df.filter(col("n").eq(1n)),
  "1 as int64": (df) => df.select(lit(1, "int64").as("one")),
  "1 as float64": (df) => df.select(lit(1, "float64").as("one")),
  "n in [1, 2]": (df) => df.filter(col("n").isIn([1, 2])),
  "n in [1, 2, 3]": (df) => df.filter(col("n").isIn([1, 2, 3])),
  "2 rows": (df) => df.sort("n").limit(2),
  "3 rows": (df) => df.sort("n").limit(3),
  "3 rows from the other end": (df) => df.sort("n", { descending: true }).limit(3),
  "rows 1 to 3": (df) => df.slice(1, 3),
  "rows 2 to 3": (df) => df.slice(2, 3),
  "distinct keys": (df) => df.select("key").distinct(),
  "when above 2": (df) => df.select(when(col("n").gt(2)).then(1).otherwise(null).as("w")),
  "when above 3": (df) => df.select(when(col("n").gt(3)).then(1).otherwise(null).as("w")),
  "cast to int64": (df) => df.select(col("n").cast("int64")),
  "cast to float64": (df) => df.select(col("n").cast("float64")),
};

describe("the same plan", () => {
  it("is one that was built the same way over the same table", () => {
    const df = frame();
    for (const [name, question] of Object.entries(QUESTIONS)) {
      expect(isSamePlan(question(df).plan, question(df).plan), name).toBe(true);
      expect(isSamePlan(question(df).plan, question(frame()).plan), name).toBe(false);
    }
  });

  it("is no other one", () => {
    const df = frame();
    const all = Object.entries(QUESTIONS);
    for (const [name, question] of all) {
      const same = all.filter(([, other]) => isSamePlan(question(df).plan, other(df).plan));
      expect(same.map(([other]) => other)).toEqual([name]);
    }
  });
});

describe("what is kept", () => {
  it("is what nobody can change", () => {
    const df = frame();
    for (const [name, question] of Object.entries(QUESTIONS)) {
      expect(isFixedPlan(question(df).plan, 256), name).toBe(true);
    }
    expect(isFixedPlan(df.filter(col("at").gt(new Date(0))).plan, 256)).toBe(false);
    expect(isFixedPlan(df.filter(col("key").str.matches(/a/)).plan, 256)).toBe(false);
    expect(isFixedPlan(df.filter(col("n").gt(1)).plan, 3)).toBe(false);
  });

  it("has one scan", () => {
    const df = frame();
    expect(onlyScan(df.filter(col("n").gt(1)).limit(2).plan)).toBe(df.plan);
    expect(onlyScan(df.join(df, { on: "n" }).plan)).toBe(null);
  });

  /** Whether the second of two runs found what the first kept. */
  async function isKept(question: () => { compute(): Promise<unknown> }): Promise<boolean> {
    const find = vi.spyOn(PlanCache.prototype, "find");
    await question().compute();
    await question().compute();
    const [first, second] = find.mock.results.map(({ value }) => value);
    find.mockRestore();
    expect(first).toBe(null);
    return second !== null;
  }

  it("is a plan over a table in memory or a persisted one", async () => {
    const df = frame();
    expect(await isKept(() => df.groupBy("key").agg({ s: col("n").sum() }))).toBe(true);
    const persisted = await df.persist();
    expect(await isKept(() => persisted.groupBy("key").agg({ s: col("n").sum() }))).toBe(true);
  });

  it("is no plan that computes strings, nor one of two tables, nor a large one", async () => {
    const df = frame();
    expect(await isKept(() => df.filter(col("key").eq("a")))).toBe(false);
    expect(await isKept(() => df.select(col("key").str.upper()))).toBe(false);
    expect(await isKept(() => df.join(df, { on: "n" }))).toBe(false);
    const sums = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [`s${i}`, col("n").add(i).sum()]),
    );
    expect(await isKept(() => df.groupBy("key").agg(sums))).toBe(false);
  });

  it("is the latest of a table", async () => {
    const df = frame();
    const find = vi.spyOn(PlanCache.prototype, "find");
    const ask = async (than: number) => {
      await df.filter(col("n").gt(than)).compute();
      return find.mock.results.at(-1)?.value !== null;
    };
    for (let than = 0; than < 17; than++) expect(await ask(than)).toBe(false);
    expect(await ask(16)).toBe(true);
    expect(await ask(1)).toBe(true);
    expect(await ask(0)).toBe(false);
  });
});

describe("answers", () => {
  const rowsOf = async (question: ReturnType<Question>) => {
    const table = (await question.compute()) as { toRows(): unknown[] };
    return table.toRows();
  };

  it.each(["reference", "cpu"] as const)("%s: are those of a first run", async (engine) => {
    await session.close();
    session = await gpuDataFrame.session({ engine });
    const df = frame();
    const all = Object.entries(QUESTIONS);
    for (const round of [0, 1, 2]) {
      for (const [name, question] of round === 1 ? all.toReversed() : all) {
        const first = await rowsOf(question(frame()));
        expect(await rowsOf(question(df)), `${name}, round ${round}`).toEqual(first);
      }
    }
  });

  it("follow a Date that is set, and a list that is filled, between two runs", async () => {
    const df = frame();
    const since = new Date(Date.UTC(2020, 0, 6));
    const list = [1];
    const later = () => df.filter(col("at").ge(since));
    const among = () => df.filter(col("n").isIn(list));
    expect((await later().compute()).numRows).toBe(2);
    expect((await among().compute()).numRows).toBe(2);
    since.setUTCDate(2);
    list.push(9);
    expect((await later().compute()).numRows).toBe(6);
    expect((await among().compute()).numRows).toBe(3);
  });

  it("of a table that is gone are errors, whether the plan was known or not", async () => {
    const persisted = await frame().persist();
    const known = () => persisted.groupBy("key").agg({ s: col("n").sum() });
    await known().compute();
    await persisted.unpersist();
    const told = (question: { compute(): Promise<unknown> }) =>
      question.compute().catch((error: unknown) => String(error));
    const fresh = await told(persisted.groupBy("key").agg({ other: col("n").sum() }));
    expect(fresh).toMatch(/persist/);
    expect(await told(known())).toBe(fresh);
  });

  it("may be asked for all at once", async () => {
    const df = frame();
    const all = Object.values(QUESTIONS);
    const asked = Array.from({ length: 4 }, () => all.map((question) => rowsOf(question(df))));
    const [first, ...others] = await Promise.all(asked.map((rows) => Promise.all(rows)));
    for (const other of others) expect(other).toEqual(first);
  });
});

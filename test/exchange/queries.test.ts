// Operators over more rows than one task may hold give what they give over one partition, bit for bit: skewed keys, nulls,
// NaN, strings. A small budget of host memory makes every table too large.

import gpuDataFrame, {
  col,
  count,
  type DataFrameError,
  IntegerOverflowError,
  type Session,
} from "gpudataframe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Batch, batchDifference } from "../../src/column/index.ts";

/** A task is planned with a sixteenth of it: 4 KiB, about a hundred rows. */
const HOST_MEMORY = 65_536;
const ROWS = 500;
/** A third of a table; what a task was meant to have, as much again by estimates, and dictionaries. */
const MOST_BYTES = 12_288;

type Skew = "half" | "zipf" | "equal" | "distinct" | "nulls";

const NUMBERS: Record<Skew, (row: number) => number | null> = {
  half: (row) => (row % 2 === 0 ? 5 : row),
  zipf: (row) => Math.floor(1 / (((row * 7919) % 1009) / 1009 + 0.004)),
  equal: () => 3,
  distinct: (row) => (row * 7919) % 10007,
  nulls: (row) =>
    row % 3 === 0 ? null : row % 40 === 1 ? Number.NaN : row % 50 === 7 ? -0 : row % 90,
};

function columnsOf(skew: Skew, rows = ROWS) {
  const keys = Array.from({ length: rows }, (_, row) => NUMBERS[skew](row));
  return {
    k: keys,
    s: keys.map((key, row) => (key === null || row % 11 === 0 ? null : `key ${key}`)),
    x: Float64Array.from({ length: rows }, (_, row) => Math.sin(row) * 10 ** (row % 12)),
    n: Int32Array.from({ length: rows }, (_, row) => (row * 31) % 257),
  };
}

/** What a query must have to be run both ways; frames of different schemas have no type in common. */
interface Computable {
  compute(): Promise<{ readonly batch: Batch }>;
  profile(): Promise<{
    readonly table: { readonly batch: Batch };
    readonly tasks: readonly { readonly operation: string; readonly bytesIn: number }[];
  }>;
}
type Make = (session: Session, skew: Skew) => Computable;
const table = (session: Session, skew: Skew) => session.fromColumns(columnsOf(skew));
/** Another order of rows, other dictionaries, and keys that the left side lacks. */
const other = (session: Session, skew: Skew) => {
  const { k, s, n } = columnsOf(skew, 300);
  const rows = { k: [...k].reverse(), s: [...s].reverse(), m: n };
  return session.fromColumns(rows).filter(col("m").ne(17));
};
const join =
  (how: "inner" | "left" | "right" | "full" | "semi" | "anti", nullEquals: boolean) =>
  (session: Session, skew: Skew) =>
    table(session, skew).join(other(session, skew), { on: ["k", "s"], how, nullEquals });

/** Rows so wide that a few of them are too many, all of one key: no hash can cut them. */
const wideJoin: Make = (session) => {
  const side = (rows: number) => {
    const names = Array.from({ length: 30 }, (_, column) => `c${column}`);
    const values = (_: string, column: number) =>
      Float64Array.from({ length: rows }, (_, row) => row * column);
    const columns = names.map((name, column) => [name, values(name, column)]);
    const key = Array.from({ length: rows }, (_, row) => (row % 13 === 0 ? null : 1));
    return session.fromColumns({ k: key, ...Object.fromEntries(columns) });
  };
  return side(16).join(side(14), { on: "k", how: "full" }).limit(40);
};

const orderStatistics = {
  median: col("x").median(),
  lower: col("n").quantile(0.3, { interpolation: "lower" }),
  higher: col("x").quantile(0.3, { interpolation: "higher" }),
  nearest: col("k").quantile(0.77, { interpolation: "nearest" }),
  midpoint: col("x").quantile(0.9, { interpolation: "midpoint" }),
  linear: col("k").quantile(0.123),
  least: col("x").quantile(0),
  sum: col("x").sum(),
  values: col("s").nUnique(),
  numbers: col("k").nUnique(),
  often: col("n").mode(),
  text: col("s").mode(),
  truth: col("b").mode(),
  key: col("k").mode(),
  at: col("x").argMin(),
  last: col("k").argMax(),
};
const ofAllRows: Make = (session, skew) =>
  table(session, skew)
    .withColumns({ b: col("n").gt(100) })
    .agg(orderStatistics);
const ofGiantGroups =
  (dropNulls: boolean): Make =>
  (session, skew) =>
    table(session, skew)
      .withColumns({ b: col("n").gt(100), g: col("k"), h: col("s") })
      .groupBy(["g", "h"], { dropNulls })
      .agg(orderStatistics);

const QUERIES: readonly {
  readonly name: string;
  readonly make: Make;
  readonly skews: readonly Skew[];
}[] = [
  { name: "sort by one key", make: (s, k) => table(s, k).sort("k"), skews: ["half", "equal"] },
  {
    name: "sort by three, mixed",
    make: (session, skew) =>
      table(session, skew).sort([
        { by: "s", descending: true, nulls: "first" },
        { by: "k" },
        { by: "x", descending: true },
      ]),
    skews: ["nulls"],
  },
  {
    name: "sort with a large limit",
    make: (session, skew) => table(session, skew).sort("x").limit(500),
    skews: ["distinct"],
  },
  {
    name: "groups with exact sums",
    make: (session, skew) =>
      table(session, skew)
        .groupBy("k", "s")
        .agg({
          c: count(),
          sum: col("x").sum(),
          mean: col("x").mean(),
          deviation: col("x").std(),
          first: col("s").first(),
          most: col("n").max(),
        }),
    skews: ["zipf", "distinct", "nulls"],
  },
  {
    name: "groups by key",
    make: (session, skew) =>
      table(session, skew)
        .groupBy(["k"], { sort: true })
        .agg({ sum: col("x").sum() }),
    skews: ["distinct"],
  },
  {
    name: "medians",
    make: (session, skew) =>
      table(session, skew)
        .groupBy("s")
        .agg({ median: col("x").median(), values: col("n").nUnique() }),
    skews: ["half", "nulls"],
  },
  { name: "order statistics", make: ofAllRows, skews: ["nulls", "equal"] },
  { name: "of giant groups", make: ofGiantGroups(false), skews: ["half"] },
  { name: "of giant groups but null ones", make: ofGiantGroups(true), skews: ["nulls"] },
  {
    name: "first rows of groups",
    make: (s, k) => table(s, k).groupBy("k").head(2),
    skews: ["zipf"],
  },
  {
    name: "distinct",
    make: (s, k) => table(s, k).distinct(["k", "n"]),
    skews: ["distinct", "nulls"],
  },
  {
    name: "a slice of a sort",
    make: (session, skew) => table(session, skew).sort("n").slice(101, 440),
    skews: ["half"],
  },
  { name: "inner join", make: join("inner", false), skews: ["distinct"] },
  { name: "left join", make: join("left", false), skews: ["nulls"] },
  { name: "right join", make: join("right", false), skews: ["nulls"] },
  { name: "full join", make: join("full", false), skews: ["distinct"] },
  {
    name: "full join of a few keys, whose parts have rows of one side",
    make: (session, skew) => {
      const few = other(session, skew)
        .filter(col("m").gt(200))
        .withColumns({ k: col("k").add(3) });
      return table(session, skew).join(few, { on: "k", how: "full" }).limit(600);
    },
    skews: ["equal", "zipf"],
  },
  {
    name: "full join with nothing",
    make: (session, skew) =>
      table(session, skew).join(other(session, skew).filter(col("m").lt(0)), {
        on: "k",
        how: "full",
      }),
    skews: ["equal", "distinct"],
  },
  { name: "semi join", make: join("semi", true), skews: ["zipf"] },
  { name: "full join of one key and wide rows", make: wideJoin, skews: ["equal"] },
  { name: "anti join", make: join("anti", true), skews: ["nulls"] },
  {
    name: "join, then groups, then sort",
    make: (session, skew) =>
      join("left", false)(session, skew)
        .groupBy("n")
        .agg({ rows: count(), sum: col("m").sum() })
        .sort([{ by: "sum" }, { by: "n" }]),
    skews: ["distinct"],
  },
];

const CASES = QUERIES.flatMap(({ name, make, skews }) =>
  skews.map((skew) => ({ name, make, skew })),
);
const PARTITIONS = [2, 7, 31];

let whole: Session;
const small = new Map<number, Session>();
beforeAll(async () => {
  whole = await gpuDataFrame.session({ engine: "cpu" });
  for (const partitions of PARTITIONS) {
    const options = { engine: "cpu", hostMemory: HOST_MEMORY, partitions } as const;
    small.set(partitions, await gpuDataFrame.session(options));
  }
});
afterAll(async () => {
  for (const session of [whole, ...small.values()]) await session?.close();
});

const errorOf = async (query: Promise<unknown>): Promise<DataFrameError> =>
  await query.then(
    () => expect.unreachable("the sum overflows"),
    (error: DataFrameError) => error,
  );

describe("in parts as in one", () => {
  test.each(
    CASES.map((entry, index) => ({ ...entry, partitions: PARTITIONS[index % 3] as number })),
  )("$name of $skew keys, $partitions partitions", async ({ make, skew, partitions }) => {
    const session = small.get(partitions) as Session;
    const expected = await make(whole, skew).compute();
    const { table: actual, tasks } = await make(session, skew).profile();
    expect(batchDifference(expected.batch, actual.batch)).toBe(null);
    // A slice of counted partitions and a broadcast need none; everything here does.
    expect(tasks.filter(({ operation }) => operation === "exchange").length).toBeGreaterThan(0);
    const aggregated = tasks.filter(({ operation }) => operation === "aggregate");
    expect(Math.max(0, ...aggregated.map(({ bytesIn }) => bytesIn))).toBeLessThan(MOST_BYTES);
  });

  // Tasks number the rows that were dealt to them. Whole aggregates know the input's rows, where they fit.
  test.each([
    { rows: 1000, calls: { v: "sum" }, row: 139 },
    { rows: 400, calls: { v: "sum", middle: col("v").median() }, row: 139 },
    { rows: 4000, calls: { v: "sum" }, row: undefined },
  ] as const)("an overflow among $rows rows is at row $row", async ({ rows, calls, row }) => {
    const overflowing = (session: Session) => {
      const k = Array.from({ length: rows }, (_, at) => (at % 150) + 1000 * (at >> 9));
      const v = k.map((key) => (key === 139 || key === 140 ? 2n ** 62n : 1n));
      return session.fromColumns({ k, v }).groupBy("k").agg(calls);
    };
    const expected = await errorOf(overflowing(whole).compute());
    expect(expected).toBeInstanceOf(IntegerOverflowError);
    expect(expected.row).toBe(139);
    const error = await errorOf(overflowing(small.get(7) as Session).compute());
    expect(error).toBeInstanceOf(IntegerOverflowError);
    expect(error.row).toBe(row);
    const { summary } = expected;
    expect(error.summary).toBe(row === undefined ? summary.replace(" at row 139", "") : summary);
  });

  test.each([0, 1, 2])("%i rows whose dictionary is more than a task holds", async (rows) => {
    const left: Make = (session) => {
      const texts = Array.from({ length: 4000 }, (_, row) => `text ${row}`);
      const all = session.fromColumns({ t: texts, n: texts.map((_, row) => row) });
      return all
        .filter(
          col("n")
            .mod(2000)
            .lt(1)
            .and(col("n").lt(rows * 2000)),
        )
        .sort("t");
    };
    const expected = await left(whole, "distinct").compute();
    expect(expected.batch.rowCount).toBe(rows);
    const actual = await left(small.get(7) as Session, "distinct").compute();
    expect(batchDifference(expected.batch, actual.batch)).toBe(null);
  });

  test("one partition has nothing to exchange", async () => {
    await using session = await gpuDataFrame.session({
      engine: "cpu",
      hostMemory: HOST_MEMORY,
      partitions: 1,
    });
    const { table: actual, tasks } = await table(session, "half").sort("k").profile();
    const expected = await table(whole, "half").sort("k").compute();
    expect(batchDifference(expected.batch, actual.batch)).toBe(null);
    expect(tasks.some(({ operation }) => operation === "exchange")).toBe(false);
  });

  test("explain() says that a sort goes in parts, and why", () => {
    const text = table(small.get(7) as Session, "half")
      .sort("k")
      .explain();
    expect(text).toMatch(/sort: exchange by ranges of 2 keys, sort each part/);
    expect(text).toMatch(/more than the 4 KiB that one task holds/);
  });
});

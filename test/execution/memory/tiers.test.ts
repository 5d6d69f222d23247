// Memory tiers through the public API: data of many times the budget gives the same bits, memory() tells where it is, and
// nothing stays behind.

import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { batchDifference } from "../../../src/column/index.ts";
import gpuDataFrame, {
  type AnyDataFrame,
  col,
  count,
  FileError,
  MemoryBudgetError,
  type MemoryUse,
  type Session,
} from "../../../src/index.ts";
import { temporaryFolder } from "../../temporary_folder.ts";

const root = temporaryFolder();

const MIB = 2 ** 20;
const ROWS = 150_000;
const BUDGET = MIB;

// What callers own does not count: every query first computes columns of its own.
const COLUMNS = {
  id: Float64Array.from({ length: ROWS }, (_, row) => (row * 7919) % ROWS),
  x: Float64Array.from({ length: ROWS }, (_, row) => Math.sin(row) * 2 ** (row % 40)),
  n: Int32Array.from({ length: ROWS }, (_, row) => (row * row) % 1009),
};

function source(session: Session) {
  return session.fromColumns(COLUMNS).withColumns({
    id: col("id").add(1),
    y: col("x").mul(3).add(col("n")),
    s: col("n").mod(97).cast("string"),
    odd: col("n").mod(2).eq(1),
  });
}

const tight = (name: string) =>
  gpuDataFrame.session({
    engine: "cpu",
    hostMemory: BUDGET,
    spillDirectory: join(root, name),
    partitions: 24,
  });

function tier(session: Session, name: MemoryUse["tier"]): MemoryUse {
  const found = session.memory().find((row) => row.tier === name);
  if (found === undefined) throw new Error(`there is no row of ${name}`);
  return found;
}

const filesIn = (name: string) => {
  const base = join(root, name);
  return existsSync(base) ? readdirSync(base, { recursive: true }) : [];
};

const QUERIES: readonly [string, (frame: AnyDataFrame) => AnyDataFrame][] = [
  ["rows as they are", (frame) => frame.filter(col("odd")).select("y")],
  [
    "sums of floats, which read their input twice",
    (frame) => frame.groupBy("s").agg({ y: col("y").sum(), m: col("x").mean(), n: count() }),
  ],
  [
    "a join with what was aggregated",
    (frame) =>
      frame
        .join(frame.groupBy("s").agg({ most: col("id").max() }), { on: "s" })
        .select("id", "most")
        .filter(col("id").mod(3).eq(0)),
  ],
  [
    "a median of all rows, which are more than a task holds",
    (frame) => frame.agg({ m: col("y").median() }),
  ],
  ["a sort", (frame) => frame.select("id", "s").sort("id", { descending: true }).limit(500)],
];

describe("queries over persisted data of many times the budget", () => {
  test("give the same bits", async () => {
    await using free = await gpuDataFrame.session({ engine: "cpu" });
    const expected = source(free);
    {
      await using session = await tight("bits");
      await using warm = await source(session).persist();
      const { used, budget } = tier(session, "host");
      expect(budget).toBe(BUDGET);
      expect(used).toBeLessThanOrEqual(0.8 * BUDGET);
      expect(tier(session, "host").spilled).toBeGreaterThan(2 * BUDGET);
      expect(tier(session, "disk").used).toBeGreaterThan(2 * BUDGET);
      for (const [name, query] of QUERIES) {
        const [a, b] = [await query(expected).compute(), await query(warm).compute()];
        expect(batchDifference(a.batch, b.batch), name).toBeNull();
      }
      expect(tier(session, "host").pinned).toBe(0);
      await warm.unpersist();
      expect(session.memory()).toMatchObject([
        { tier: "host", used: 0, pinned: 0, spilled: 0 },
        { tier: "disk", used: 0 },
      ]);
    }
    expect(filesIn("bits")).toEqual([]);
  });
});

test("columns of persisted data count as what they are, whatever else lies in memory with them", async () => {
  await using session = await tight("columns");
  await using warm = await source(session).persist();
  for (const column of ["odd", "n", "s", "odd", "y", "odd", "id", "odd"] as const) {
    // Some partitions come back as a whole, others are read alone.
    await warm
      .filter(col("id").mod(7).eq(0))
      .agg({ most: col(column).max() })
      .compute();
    expect((await warm.select("odd").compute()).numRows, column).toBe(ROWS);
  }
});

test.each(["needed", "always"] as const)(
  "a dictionary that partitions share counts once, also where they are on disk: spill %s",
  async (spill) => {
    const rows = Array.from({ length: 24_000 }, (_, row) => row);
    const texts = rows.map((row) => `a text of some length ${(row * 7919) % 4000}`);
    await using session = await gpuDataFrame.session({
      engine: "cpu",
      hostMemory: BUDGET,
      partitions: 24,
      spill,
      spillDirectory: join(root, `shared-${spill}`),
    });
    await using warm = await session
      .fromColumns({ texts, rows: Int32Array.from(rows) })
      .select(col("texts").str.upper().as("s"), col("rows").add(1).as("n"))
      .persist();
    // 24 copies of the dictionary would take three times the budget.
    for (const frame of [warm, warm.select("s")]) {
      expect((await frame.compute()).numRows).toBe(rows.length);
    }
  },
);

test("an altered spill file is an error that names it, and the session works on", async () => {
  await using session = await tight("altered");
  await using warm = await source(session).persist();
  const [directory = ""] = readdirSync(join(root, "altered"));
  const folder = join(root, "altered", directory);
  for (const name of readdirSync(folder)) writeFileSync(join(folder, name), "not what was there");
  const error = await warm
    .select("odd")
    .compute()
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(FileError);
  expect((error as FileError).path).toContain(folder);
  expect(
    await session
      .fromColumns({ a: [1, 2] })
      .agg({ a: col("a").sum() })
      .compute()
      .then((t) => t.toRows()),
  ).toEqual([{ a: 3 }]);
});

test("a result that cannot be held is an error that says what to change", async () => {
  await using session = await tight("large");
  await using warm = await source(session).persist();
  const error = await warm.compute().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(MemoryBudgetError);
  expect((error as MemoryBudgetError).message).toMatch(/result.* 1 MiB[\s\S]*stream\(\)/);
  expect(await warm.count()).toBe(ROWS);
});

test("where the disk takes nothing, what fits runs and what does not is an error with its cause", async () => {
  writeFileSync(join(root, "nothing"), "no directory");
  await using session = await tight("nothing");
  const error = await source(session)
    .persist()
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(MemoryBudgetError);
  expect((error as MemoryBudgetError).hint).toContain("spillDirectory");
  expect((error as MemoryBudgetError).cause).toBeInstanceOf(FileError);
  const small = session.fromColumns({ a: [1, 2] }).withColumns({ b: col("a").add(1) });
  expect((await small.compute()).column("b").toArray()).toEqual([2, 3]);
});

test("spill: always sends everything to disk that nobody reads", async () => {
  const options = { engine: "cpu", spill: "always", partitions: 3 } as const;
  await using session = await gpuDataFrame.session({
    ...options,
    spillDirectory: join(root, "always"),
  });
  await using warm = await source(session).limit(5000).persist();
  expect(tier(session, "host").used).toBe(0);
  expect(tier(session, "disk").used).toBeGreaterThan(0);
  await using free = await gpuDataFrame.session({ engine: "cpu" });
  const [a, b] = [await source(free).limit(5000).compute(), await warm.compute()];
  expect(batchDifference(a.batch, b.batch)).toBeNull();
});

test("what callers own is neither counted nor spilled", async () => {
  await using session = await tight("owned");
  await using warm = await session.fromColumns(COLUMNS).persist();
  const table = await warm.compute();
  expect(table.numRows).toBe(ROWS);
  expect(session.memory().map(({ used }) => used)).toEqual([0, 0]);
  expect(filesIn("owned")).toEqual([]);
});

test("`using` frees a persisted frame", async () => {
  await using session = await tight("using");
  {
    using warm = await source(session).persist();
    expect(await warm.count()).toBe(ROWS);
    expect(tier(session, "disk").used).toBeGreaterThan(0);
  }
  // `using` does not wait: files go in the background.
  const used = () => session.memory().map((row) => row.used);
  await expect.poll(used, { timeout: 200_000 }).toEqual([0, 0]);
});

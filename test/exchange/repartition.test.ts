// repartition() of many times what a task may hold: the same rows in the partitions that it gives without a budget, none of
// which is read as a whole, or more of them where one would be too large.

import gpuDataFrame, { col, count, type Session } from "gpudataframe";
import { describe, expect, test } from "vitest";
import { batchDifference, sliceBatch } from "../../src/column/index.ts";

const ROWS = 40_000;
/** Of which a task is planned with a sixteenth: 16 KiB, of 1.3 MB. */
const HOST_MEMORY = 2 ** 18;
const MOST_BYTES = 2 ** 16;

function source(session: Session) {
  const columns = {
    a: Float64Array.from({ length: ROWS }, (_, row) => Math.sin(row)),
    b: Int32Array.from({ length: ROWS }, (_, row) => (row * 7919) % 1009),
  };
  // What a caller owns is not counted; the number of rows that a partition keeps differs.
  return session
    .fromColumns(columns)
    .withColumns({ a: col("a").mul(2), s: col("b").mod(97).cast("string"), even: col("b").mod(2) })
    .filter(col("a").lt(1.5).or(col("b").gt(500)));
}

const small = () =>
  gpuDataFrame.session({ engine: "cpu", hostMemory: HOST_MEMORY, partitions: 120 });

async function partitionsOf(frame: ReturnType<typeof source>, partitions: number) {
  const parts = [];
  for await (const table of frame.repartition({ partitions }).stream()) parts.push(table.batch);
  return parts;
}

describe("repartition over the budget", () => {
  test.each([16, 300, 5000])("into %i partitions", async (partitions) => {
    await using whole = await gpuDataFrame.session({ engine: "cpu" });
    await using session = await small();
    const expected = await partitionsOf(source(whole), partitions);
    const actual = await partitionsOf(source(session), partitions);
    const counts = (parts: typeof actual) => parts.map(({ rowCount }) => rowCount);
    if (partitions >= 300) expect(counts(actual)).toEqual(counts(expected));
    const rows = await source(whole).compute();
    let first = 0;
    for (const part of actual) {
      const own = sliceBatch(rows.batch, first, part.rowCount);
      expect(batchDifference(own, part), `from row ${first}`).toBeNull();
      first += part.rowCount;
    }
    expect(first).toBe(rows.numRows);
  });

  test.each([1, 16, 300])("reads no more than a task may, %i partitions", async (partitions) => {
    await using session = await small();
    const { tasks } = await source(session)
      .repartition({ partitions })
      .agg({ a: col("a").sum() })
      .profile();
    expect(Math.max(...tasks.map(({ bytesIn }) => bytesIn))).toBeLessThan(MOST_BYTES);
  });

  test.each([1, 2])("what reads %i partitions gets all rows", async (partitions) => {
    await using whole = await gpuDataFrame.session({ engine: "cpu" });
    await using session = await small();
    const queries = (own: Session) => {
      const frame = source(own).repartition({ partitions });
      return [
        frame.groupBy("s").head(3),
        frame.groupBy("s").agg({ a: col("a").sum(), median: col("a").median() }),
        frame.agg({ a: col("a").sum(), n: count() }),
        frame.sort("a").limit(7),
        frame.distinct(["s"]),
        frame.sort("b").limit(2000),
        frame.repartition({ partitions: 1 }).groupBy("even").tail(2),
      ];
    };
    const expected = queries(whole);
    for (const [index, query] of queries(session).entries()) {
      const batch = (await expected[index]?.compute())?.batch;
      if (batch === undefined) throw new Error("both sessions have the same queries");
      expect(batchDifference(batch, (await query.compute()).batch), `${index}`).toBeNull();
    }
  });

  test("is said by explain()", async () => {
    await using session = await small();
    const text = source(session).repartition({ partitions: 9 }).explain();
    expect(text).toMatch(/repartition: each of 9 partitions from those that have its rows/);
  });
});

// Keys that repeat on both sides: a join that gives many times what its sides hold does so in runs, each of which is small.

import gpuDataFrame, { col, count, type Session } from "gpudataframe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Batch, batchDifference, sliceBatch } from "../../src/column/index.ts";

/** A task is planned with 16 KiB; each side is less, and the result 360 KiB. */
const HOST_MEMORY = 2 ** 18;
const MOST_BYTES = 2 ** 15;

let whole: Session;
let small: Session;
let reference: Session;
let deep: Session;
beforeAll(async () => {
  whole = await gpuDataFrame.session({ engine: "cpu" });
  small = await gpuDataFrame.session({ engine: "cpu", hostMemory: HOST_MEMORY, partitions: 1 });
  const options = { hostMemory: HOST_MEMORY, partitions: 1 };
  reference = await gpuDataFrame.session({ engine: "reference", ...options });
  deep = await gpuDataFrame.session({
    engine: "cpu",
    hostMemory: HOST_MEMORY / 4,
    partitions: 4,
  });
});
afterAll(async () => {
  for (const session of [whole, small, reference, deep]) await session?.close();
});

function joined(session: Session, how: "inner" | "left" | "right" | "full") {
  const rows = (length: number, key: (row: number) => number | null) => ({
    k: Array.from({ length }, (_, row) => key(row)),
    x: Float64Array.from({ length }, (_, row) => row / 3),
  });
  const left = session.fromColumns(rows(400, (row) => (row % 19 === 0 ? 1000 : row % 7)));
  const right = session.fromColumns(rows(300, (row) => (row % 17 === 0 ? null : row % 8)));
  return left.join(right.rename({ x: "y" }), { on: "k", how });
}

/** Of two joins that multiply rows. */
function chained(
  session: Session,
  how: "inner" | "full",
  [length, distinct, fewRows]: readonly [number, number, number],
) {
  const rows = (count: number, keys: number) => ({
    k: Int32Array.from({ length: count }, (_, row) => row % keys),
    x: Float64Array.from({ length: count }, (_, row) => row),
  });
  const left = session.fromColumns(rows(length, distinct));
  const right = session.fromColumns(rows(length, distinct)).rename({ x: "y" });
  const few = session.fromColumns(rows(fewRows, 5)).rename({ x: "z" });
  return left.join(right, { on: "k" }).join(few, { on: "k", how });
}

interface Rows {
  compute(): Promise<{ readonly batch: Batch }>;
  stream(): AsyncIterable<{ readonly batch: Batch }>;
}

async function expectStreamed(actual: Rows, wanted: Rows): Promise<void> {
  const expected = await wanted.compute();
  let row = 0;
  for await (const { batch } of actual.stream()) {
    const own = sliceBatch(expected.batch, row, batch.rowCount);
    expect(batchDifference(own, batch)).toBe(null);
    row += batch.rowCount;
  }
  expect(row).toBe(expected.batch.rowCount);
}

const WIDE = Array.from({ length: 30 }, (_, column) => column);

/** 24 rows that meet 20 each, of which a task holds 34: runs of two rows are too long. Every column is read. */
function wide(session: Session, how: "inner" | "full") {
  const side = (name: string, rows: number) => {
    const values = (column: number) =>
      Float64Array.from({ length: rows }, (_, row) => row * column);
    const columns = WIDE.map((column) => [`${name}${column}`, values(column)] as const);
    return session.fromColumns({ k: Array(rows).fill(1), ...Object.fromEntries(columns) });
  };
  const sums = WIDE.flatMap((column) =>
    ["l", "r"].map((name) => [`${name}${column}`, col(`${name}${column}`).sum()] as const),
  );
  return side("l", 24)
    .join(side("r", 20), { on: "k", how })
    .agg({ rows: count(), ...Object.fromEntries(sums) });
}

describe("a join of repeated keys", () => {
  test.each([
    { how: "inner", session: () => small },
    { how: "full", session: () => reference },
  ] as const)("$how, in runs of single rows and no more of them", async ({ how, session }) => {
    const expected = await wide(whole, how).compute();
    const { table, tasks } = await wide(session(), how).profile();
    expect(batchDifference(expected.batch, table.batch)).toBe(null);
    const joins = tasks.filter(({ operation, rowsOut }) => operation === "join" && rowsOut > 0);
    expect(joins.map(({ rowsOut }) => rowsOut)).toEqual(Array(24).fill(20));
    expect(tasks.filter(({ operation }) => operation === "split")).toHaveLength(24);
  });

  // What the first join gives is dealt out, sorted, and comes in more partitions than can be told before.
  test("inner, of what another one gave in parts", async () => {
    const query = (of: Session) => chained(of, "inner", [400, 40, 40]);
    await expectStreamed(query(deep), query(whole));
  });

  // All of the left side has to be there for it.
  test("full, of more than one task holds", async () => {
    const query = (of: Session) => chained(of, "full", [160, 8, 10]);
    await expectStreamed(query(deep), query(whole));
  });

  test.each(["left", "full"] as const)("%s, streamed", async (how) => {
    await expectStreamed(joined(small, how), joined(whole, how));
  });

  test.each([
    { how: "inner", session: () => small },
    { how: "right", session: () => reference },
  ] as const)("$how, aggregated", async ({ how, session }) => {
    const groups = (of: Session) =>
      joined(of, how)
        .groupBy("k")
        .agg({ rows: count(), sum: col("y").sum(), mean: col("x").mean() });
    const expected = await groups(whole).compute();
    const { table, tasks } = await groups(session()).profile();
    expect(batchDifference(expected.batch, table.batch)).toBe(null);
    const joins = tasks.filter(({ operation }) => operation === "join");
    expect(joins.length).toBeGreaterThan(10);
    expect(Math.max(...joins.map(({ bytesOut }) => bytesOut))).toBeLessThan(MOST_BYTES);
  });
});

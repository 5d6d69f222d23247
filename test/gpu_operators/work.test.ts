// What the main operators cost a GPU, in figures that hold on any: bytes of device memory moved a row, dispatches, round
// trips, as profile() gives them. Upper bounds, so that a regression shows; the table of kernels/README.md is made of them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import gpuDataFrame, {
  col,
  count,
  type DataFrame,
  type RunOptions,
  type Session,
  type TaskReport,
} from "gpudataframe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../temporary_folder.ts";

const ROWS = 100_000;
const directory = temporaryFolder();
const file = join(directory, "rows.csv");

/** A permutation of 0 .. ROWS - 1: the multiplier shares no factor with it. */
const permuted = (row: number) => (row * 76_543) % ROWS;

function csv(): string {
  const lines = Array.from({ length: ROWS }, (_, row) => {
    const spread = permuted(row);
    const price = ((spread * 37) % 9973) / 100;
    return `g${spread % 50},${spread % 20_000},${spread},${(spread * 7919) % 99_991},${price}`;
  });
  return `few,many,unique,amount,price\n${lines.join("\n")}\n`;
}

interface Bounds {
  readonly bytesPerRow: number;
  readonly dispatches: number;
  readonly roundTrips: number;
}

interface Profiled {
  profile(options: RunOptions): Promise<{ readonly tasks: readonly TaskReport[] }>;
}

interface Question {
  readonly name: string;
  /** The operations whose tasks are counted. */
  readonly operations: readonly string[];
  readonly query: (rows: DataFrame) => Profiled;
  readonly most: Bounds;
}

const QUESTIONS: readonly Question[] = [
  {
    name: "filter, half of the rows, two columns",
    operations: ["evaluate"],
    query: (rows) => rows.select("amount", "price").filter(col("amount").lt(50_000)),
    most: { bytesPerRow: 38, dispatches: 4, roundTrips: 1 },
  },
  {
    name: "filter, half of the rows, and its sum",
    operations: ["evaluate", "aggregate"],
    query: (rows) => rows.filter(col("amount").lt(50_000)).agg({ total: col("amount").sum() }),
    most: { bytesPerRow: 18, dispatches: 7, roundTrips: 0 },
  },
  {
    name: "filter, half of the rows, and sums of them by 50 groups",
    operations: ["evaluate", "aggregate"],
    query: (rows) =>
      rows
        .filter(col("unique").lt(50_000))
        .groupBy("few")
        .agg({ total: col("amount").sum() }),
    most: { bytesPerRow: 23, dispatches: 9, roundTrips: 1 },
  },
  {
    name: "group-by, 50 groups, sum",
    operations: ["aggregate"],
    query: (rows) => rows.groupBy("few").agg({ total: col("amount").sum() }),
    most: { bytesPerRow: 15, dispatches: 8, roundTrips: 1 },
  },
  {
    name: "group-by, 50 groups, two sums, a maximum and a count",
    operations: ["aggregate"],
    query: (rows) =>
      rows.groupBy("few").agg({
        total: col("amount").sum(),
        mean: col("price").mean(),
        most: col("amount").max(),
        n: count(),
      }),
    most: { bytesPerRow: 34, dispatches: 15, roundTrips: 1 },
  },
  {
    name: "group-by, 20,000 groups, sum",
    operations: ["aggregate"],
    query: (rows) => rows.groupBy("many").agg({ total: col("amount").sum() }),
    most: { bytesPerRow: 76, dispatches: 8, roundTrips: 1 },
  },
  {
    name: "group-by, 50 groups whose keys have no bounds, sum",
    operations: ["aggregate"],
    query: (rows) =>
      rows
        .withColumns({ key: col("unique").mod(50) })
        .groupBy("key")
        .agg({ total: col("amount").sum() }),
    most: { bytesPerRow: 48, dispatches: 10, roundTrips: 1 },
  },
  {
    name: "group-by, 9,973 groups whose keys have no bounds, sum",
    operations: ["aggregate"],
    query: (rows) => rows.groupBy("price").agg({ total: col("amount").sum() }),
    most: { bytesPerRow: 138, dispatches: 13, roundTrips: 2 },
  },
  {
    name: "join, unique dense keys",
    operations: ["join"],
    query: (rows) =>
      rows.select("unique", "price").join(rows.select("unique", "amount"), { on: "unique" }),
    most: { bytesPerRow: 82, dispatches: 7, roundTrips: 1 },
  },
  {
    name: "semi join, unique dense keys",
    operations: ["join"],
    query: (rows) =>
      rows.select("unique", "price").join(rows.select("unique"), { on: "unique", how: "semi" }),
    most: { bytesPerRow: 50, dispatches: 5, roundTrips: 1 },
  },
  {
    name: "sort by an integer, one more column",
    operations: ["sort"],
    query: (rows) => rows.select("amount", "price").sort("amount"),
    most: { bytesPerRow: 115, dispatches: 19, roundTrips: 1 },
  },
  {
    name: "first 10 by an integer, one more column",
    operations: ["sort"],
    query: (rows) => rows.select("amount", "price").sort("amount").limit(10),
    most: { bytesPerRow: 26, dispatches: 17, roundTrips: 2 },
  },
];

const gpus = (await gpuDataFrame.devices()).filter(({ kind }) => kind === "gpu");

// The figures are the same on every adapter: one of them is enough.
describe.each(gpus.slice(-1))("$name", ({ id }) => {
  let session: Session;
  let rows: DataFrame;
  beforeAll(async () => {
    writeFileSync(file, csv());
    session = await gpuDataFrame.session({ engine: "gpu", devices: [id] });
    rows = await (await session.readCsv(file)).persist();
  });
  afterAll(async () => {
    await session.close();
  });

  test.each(QUESTIONS)("$name", async ({ operations, query, most }) => {
    const { tasks } = await query(rows).profile({ strict: true });
    const own = tasks.filter((task) => operations.includes(task.operation));
    const sum = (figure: (work: NonNullable<(typeof own)[0]["work"]>) => number) =>
      own.reduce((total, { work }) => total + (work ? figure(work) : Number.NaN), 0);
    const figures = {
      bytesPerRow: sum((work) => work.bytesMoved) / ROWS,
      dispatches: sum((work) => work.dispatches),
      roundTrips: sum((work) => work.roundTrips),
    };
    const ideal = sum((work) => work.bytesIdeal) / ROWS;
    if (process.env.GDF_PRINT_WORK) console.log(operations, figures, { ideal });
    expect(own.length).toBeGreaterThan(0);
    for (const { work } of own) {
      const kernels = work?.kernels ?? [];
      expect(kernels.reduce((total, kernel) => total + kernel.dispatches, 0)).toBe(
        work?.dispatches,
      );
      for (const { path, wgsl } of kernels) {
        expect(path).toMatch(/^\w+(\/\w+)+$/);
        expect(wgsl).toMatch(/@compute[^{]*\bfn main\(/);
      }
    }
    // Nothing beats the ideal: a figure below it counts too little.
    expect(figures.bytesPerRow).toBeGreaterThanOrEqual(ideal);
    for (const figure of ["bytesPerRow", "dispatches", "roundTrips"] as const) {
      expect(figures[figure], figure).toBeLessThanOrEqual(most[figure]);
    }
  });
});

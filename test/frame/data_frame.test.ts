// Every method of DataFrame, through the public API, on the reference executor.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { callNode, Expr } from "../../src/expr/index.ts";
import {
  AbortError,
  CastError,
  ColumnNotFoundError,
  col,
  count,
  IntegerOverflowError,
  InvalidArgumentError,
  lit,
  NotSupportedError,
  Session,
  TypeMismatchError,
  when,
} from "../../src/index.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { referenceSession } from "./session.ts";

const session = referenceSession();
const flights = () =>
  session().fromColumns({
    origin: ["SFO", "JFK", "SFO", null, "OAK"],
    delay: [20, 5, null, 40, -3],
    distance: Float64Array.of(100, 200.5, 300, 400, 0),
  });

describe("columns", () => {
  test("schema, columns and dtypes", () => {
    const frame = flights();
    expect(frame.columns).toEqual(["origin", "delay", "distance"]);
    expect([...frame.dtypes].map(([name, dtype]) => `${name} ${dtype.kind}`)).toEqual([
      "origin string",
      "delay int64",
      "distance float64",
    ]);
    expect(inspect(frame)).toBe(
      'DataFrame { "origin": string, "delay": int64, "distance": float64 } (lazy: compute(), head() or show() gives rows)',
    );
  });

  test("select takes names, expressions and a callback", async () => {
    const frame = flights().select("origin", col("delay").mul(2).as("twice"));
    expect((await frame.head(1)).toRows()).toEqual([{ origin: "SFO", twice: 40 }]);
    const built = flights().select((c) => ({ a: c.delay.add(1), b: lit("x") }));
    expect((await built.head(1)).toRows()).toEqual([{ a: 21, b: "x" }]);
  });

  test("withColumns replaces in place and appends", async () => {
    const frame = flights().withColumns((c) => ({ delay: c.delay.neg(), late: c.delay.gt(10) }));
    expect(frame.columns).toEqual(["origin", "delay", "distance", "late"]);
    expect((await frame.head(2)).toColumns()).toMatchObject({
      delay: [-20, -5],
      late: [true, false],
    });
  });

  test("drop, rename, cast", async () => {
    expect(flights().drop("delay", "origin").columns).toEqual(["distance"]);
    expect(flights().rename({ origin: "delay", delay: "origin" }).columns).toEqual([
      "delay",
      "origin",
      "distance",
    ]);
    const cast = flights().cast({ delay: "float64" });
    expect(cast.schema.dtypeOf("delay").kind).toBe("float64");
    await expect(flights().cast({ distance: "int8" }).compute()).rejects.toThrow(CastError);
    const lenient = await flights().cast({ distance: "int8" }, { strict: false }).compute();
    expect(lenient.column("distance").toArray()).toEqual([100, null, null, null, 0]);
  });

  test.each([
    ["an unknown name", () => flights().select("dely" as "delay"), ColumnNotFoundError, /"delay"/],
    ["a name twice", () => flights().select("delay", "delay"), InvalidArgumentError, /two columns/],
    ["an aggregate", () => flights().select(col("delay").max()), InvalidArgumentError, /agg/],
    ["a number as a filter", () => flights().filter(col("delay")), TypeMismatchError, /bool/],
    [
      "a number beside text",
      () => flights().filter(col("origin").gt(1)),
      TypeMismatchError,
      /origin/,
    ],
    ["undefined", () => col("delay").gt(undefined as never), InvalidArgumentError, /undefined/],
    ["an invalid Date", () => lit(new Date(Number.NaN)), InvalidArgumentError, /Date/],
    [
      "rename to a taken name",
      () => flights().rename({ delay: "origin" }),
      InvalidArgumentError,
      /"origin"/,
    ],
    ["a negative limit", () => flights().limit(-1), InvalidArgumentError, /limit|length/],
    ["no sort keys", () => flights().sort([]), InvalidArgumentError, /key/],
    [
      "a bad direction",
      () => flights().sort("delay", { nulls: "middle" as "last" }),
      InvalidArgumentError,
      /middle/,
    ],
    ["nothing to aggregate", () => flights().agg({}), InvalidArgumentError, /at least one/],
    [
      "a column beside aggregates",
      () => flights().agg({ x: col("delay").add(col("delay").max()) }),
      InvalidArgumentError,
      /outside/,
    ],
    [
      "an aggregate in an aggregate",
      () => flights().agg({ x: col("delay").max().sum() }),
      InvalidArgumentError,
      /inside/,
    ],
    [
      "concat of other columns",
      () => flights().concat(flights().drop("delay") as never),
      ColumnNotFoundError,
      /delay/,
    ],
    [
      "concat of other dtypes",
      () => flights().concat(flights().cast({ delay: "int32" }) as never),
      TypeMismatchError,
      /int32/,
    ],
    [
      "describe without numbers",
      () => flights().select("origin").describe(),
      InvalidArgumentError,
      /numeric/,
    ],
  ])("%s is refused when the method is called", (_, build, kind, message) => {
    expect(build).toThrow(kind);
    expect(build).toThrow(message);
  });
});

describe("rows", () => {
  test("filter keeps true rows in order", async () => {
    const table = await flights()
      .filter((c) => c.delay.gt(0))
      .compute();
    expect(table.column("delay").toArray()).toEqual([20, 5, 40]);
    const both = col("delay")
      .gt(0)
      .and(col("origin").isIn(["SFO", "JFK"]));
    expect(await flights().filter(both).count()).toBe(2);
  });

  test("sort: direction, nulls, several keys", async () => {
    const by = async (frame: ReturnType<typeof flights>) =>
      (await frame.compute()).column("delay").toArray();
    expect(await by(flights().sort("delay"))).toEqual([-3, 5, 20, 40, null]);
    expect(await by(flights().sort("delay", { descending: true }))).toEqual([40, 20, 5, -3, null]);
    expect(await by(flights().sort("delay", { nulls: "first" }))).toEqual([null, -3, 5, 20, 40]);
    const several = flights().sort([
      { by: "origin", descending: true },
      { by: col("distance").neg() },
    ]);
    expect(await by(several)).toEqual([null, 20, -3, 5, 40]);
    expect(await by(flights().sort(["origin", "delay"], { descending: true }))).toEqual([
      20,
      null,
      -3,
      5,
      40,
    ]);
  });

  test("limit, slice, head, distinct, concat, repartition", async () => {
    const delays = async (frame: ReturnType<typeof flights>) =>
      (await frame.compute()).column("delay").toArray();
    expect(await delays(flights().limit(2))).toEqual([20, 5]);
    expect(await delays(flights().slice(1, 2))).toEqual([5, null]);
    expect(await delays(flights().slice(9, 2))).toEqual([]);
    expect(await delays(flights().distinct(["origin"]))).toEqual([20, 5, 40, -3]);
    expect(await delays(flights().concat(flights().limit(1)))).toEqual([20, 5, null, 40, -3, 20]);
    expect(await delays(flights().repartition({ partitions: 3 }))).toEqual([20, 5, null, 40, -3]);
    expect((await flights().head(2)).numRows).toBe(2);
    expect(await flights().count()).toBe(5);
    expect(await flights().concat(flights()).distinct().count()).toBe(5);
  });

  test("concat pairs columns by name", async () => {
    const turned = flights().select("distance", "origin", "delay");
    const table = await flights()
      .concat(turned as never)
      .compute();
    expect(table.columnNames).toEqual(["origin", "delay", "distance"]);
    expect(table.numRows).toBe(10);
  });

  test("pipe", async () => {
    const most = (frame: ReturnType<typeof flights>, least: number) =>
      frame.filter(col("delay").ge(least));
    expect(await flights().pipe(most, 20).count()).toBe(2);
  });
});

describe("groupBy", () => {
  test("groups in order of first appearance; both forms of agg", async () => {
    const table = await flights()
      .groupBy("origin")
      .agg({
        n: count(),
        worst: col("delay").max(),
        spread: col("delay").max().sub(col("delay").min()),
      })
      .compute();
    expect(table.toRows()).toEqual([
      { origin: "SFO", n: 2, worst: 20, spread: 0 },
      { origin: "JFK", n: 1, worst: 5, spread: 0 },
      { origin: null, n: 1, worst: 40, spread: 0 },
      { origin: "OAK", n: 1, worst: -3, spread: 0 },
    ]);
    const pandas = await flights()
      .groupby("origin")
      .agg({ delay: "mean", distance: ["min", "max"] })
      .head(1);
    expect(pandas.toRows()).toEqual([
      { origin: "SFO", delay: 20, distance_min: 100, distance_max: 300 },
    ]);
  });

  test("sort and dropNulls; expressions as keys", async () => {
    const sorted = await flights()
      .groupBy(["origin"], { sort: true, dropNulls: true })
      .count()
      .compute();
    expect(sorted.toColumns()).toEqual({ origin: ["JFK", "OAK", "SFO"], count: [1, 1, 2] });
    const late = await flights()
      .groupBy(col("delay").gt(10).as("late"))
      .agg({ n: count() })
      .compute();
    expect(late.toColumns()).toEqual({ late: [true, false, null], n: [2, 2, 1] });
  });

  test("agg of the whole frame gives one row, even of none", async () => {
    const empty = flights().filter(col("delay").gt(1000));
    const table = await empty.agg({ n: count(), total: col("distance").sum() }).compute();
    expect(table.toRows()).toEqual([{ n: 0, total: null }]);
  });
});

describe("actions", () => {
  test("errors at run time name row and expression", async () => {
    const big = session().fromColumns({ a: [1n, 2n ** 62n] });
    const failing = big.select(col("a").mul(4).as("b")).compute();
    await expect(failing).rejects.toThrow(IntegerOverflowError);
    await expect(failing).rejects.toMatchObject({ row: 1 });
  });

  test("a cancelled query rejects with AbortError", async () => {
    await expect(flights().compute({ signal: AbortSignal.abort("stop") })).rejects.toThrow(
      AbortError,
    );
  });

  test("stream gives the rows in tables", async () => {
    const sizes: number[] = [];
    for await (const table of flights().stream({ rows: 2 })) sizes.push(table.numRows);
    expect(sizes).toEqual([2, 2, 1]);
  });

  test("persist and unpersist", async () => {
    const warm = await flights().filter(col("delay").gt(0)).persist();
    expect(await warm.count()).toBe(3);
    expect(
      await warm
        .select("delay")
        .sort("delay")
        .head(1)
        .then((t) => t.toRows()),
    ).toEqual([{ delay: 5 }]);
    await warm.unpersist();
    await expect(warm.count()).rejects.toThrow();
    await expect(flights().unpersist()).rejects.toThrow(InvalidArgumentError);
  });

  test("frames of a closed session fail", async () => {
    const closing = new Session({ engine: "reference" });
    const frame = closing.fromColumns({ a: [1, 2, 3] });
    const filtered = frame.filter(col("a").gt(1));
    const warm = await frame.persist();
    expect(await filtered.count()).toBe(2);
    await closing.close();
    await closing.close();
    const path = join(temporaryFolder(), "closed.csv");
    const actions = [frame, filtered, warm].flatMap((one) => [
      () => one.compute(),
      () => one.count(),
      () => one.persist(),
      () => one.writeCsv(path),
      async () => one.explain(),
      async () => {
        for await (const table of one.stream()) expect(table).toBeNull();
      },
    ]);
    for (const action of actions) {
      await expect(action()).rejects.toMatchObject({
        name: "AbortError",
        message: expect.stringContaining("closed"),
      });
    }
  });

  test("explain shows three plans and touches no data; profile reports tasks", async () => {
    const text = flights().filter(col("delay").gt(1)).select("origin").explain();
    expect(text).toMatch(/Logical plan\n.*Optimized plan\n.*Physical plan\n/s);
    expect(text).toContain("reference");
    const report = await flights().sort("delay").profile();
    expect(report.table.numRows).toBe(5);
    expect(report.tasks.length).toBeGreaterThan(0);
  });

  test("explain says what a GPU would run before any is open", async () => {
    await using session = new Session();
    const frame = session.fromColumns({ a: [1, 2], s: ["x", "y"] }).sort("a");
    expect(frame.explain({ engine: "gpu" })).toMatch(
      /sort: .* on gpu:0 \(opened by the first query\) \[engine: "gpu"\]/,
    );
    await using two = new Session({ devices: ["gpu:0", "gpu:1"] });
    const shared = two.fromColumns({ a: [1] }).filter(col("a").gt(0));
    expect(shared.explain()).toMatch(/ · on gpu:0 .*, gpu:1 /);
    expect(frame.explain({ engine: "cpu" })).not.toContain("gpu");
  });

  test("describe", async () => {
    const table = await flights().describe().compute();
    expect(table.columnNames).toEqual(["statistic", "delay", "distance"]);
    expect(table.column("statistic").toArray()).toEqual([
      "count",
      "nulls",
      "mean",
      "std",
      "min",
      "25%",
      "50%",
      "75%",
      "max",
    ]);
    expect(table.column("delay").toArray()).toEqual([
      4,
      1,
      15.5,
      expect.closeTo(18.912),
      -3,
      3,
      12.5,
      25,
      40,
    ]);
  });

  test("show prints", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    await flights().select("delay").show(2);
    expect(log.mock.calls[0]?.[0]).toContain("│    20 │");
    log.mockRestore();
  });

  test("writeCsv and writeArrow are read back", async () => {
    const folder = temporaryFolder();
    await flights().writeCsv(join(folder, "a.csv"));
    expect(await readFile(join(folder, "a.csv"), "utf8")).toMatch(
      /^origin,delay,distance\r?\nSFO,20,100/,
    );
    const csv = await session().readCsv(join(folder, "a.csv"));
    expect((await csv.compute()).column("delay").toArray()).toEqual([20, 5, null, 40, -3]);
    await flights().writeArrow(join(folder, "a.arrow"));
    const arrow = await session().readArrow(join(folder, "a.arrow"));
    expect((await arrow.compute()).toRows()).toEqual((await flights().compute()).toRows());
    await expect(session().readArrow(join(folder, "none.arrow"))).rejects.toThrow(/none\.arrow/);
    const misread = session().readArrow(join(folder, "a.csv"));
    await expect(misread).rejects.toThrow(/^cannot read .*a\.csv: /);
    await expect(misread).rejects.toMatchObject({
      operator: "readArrow",
      path: join(folder, "a.csv"),
    });
  });

  test("functions that do not exist yet say so", () => {
    const later = new Expr<"float64", "later", "distance">(
      callNode("later", [col("distance").node]),
    );
    expect(() => flights().select(later)).toThrow(NotSupportedError);
  });

  test("when without otherwise is null", async () => {
    const sign = when(col("delay").gt(0)).then("+").when(col("delay").lt(0)).then("-");
    const table = await flights().select(sign.as("sign")).compute();
    expect(table.column("sign").toArray()).toEqual(["+", "+", null, "+", "-"]);
  });
});

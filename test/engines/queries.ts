// Queries through the public API, from plan to table: what every engine, partitioning and optimizer setting must answer
// alike. Values are made adversarial on purpose: nulls, NaN, both zeros, cancellation, repeated and rare keys.

import { col, count, type DataFrame, lit, type Session, when } from "gpudataframe";
import type { Batch } from "../../src/column/index.ts";
import { generator } from "./random_values.ts";
import { temporalQueries } from "./temporal_queries.ts";

export interface Query {
  readonly name: string;
  readonly run: (source: Source) => Computable;
}

/** Any DataFrame, whatever TypeScript knows of its columns. */
export interface Computable {
  compute(): Promise<{ readonly batch: Batch; readonly columnNames: readonly string[] }>;
}

/** Where a query reads: a session, and into how many partitions its tables are cut. */
export interface Source {
  readonly session: Session;
  readonly partitions: number;
}

const ROWS = 1000;

/** Days as prices, instants, dates, spans and integers; the sides differ in scale and unit. */
function keysOfEveryKind({ session, partitions }: Source, side: "left" | "right"): DataFrame {
  const days = Array.from({ length: 60 }, (_, index) => (index * (side === "left" ? 7 : 11)) % 50);
  const isLeft = side === "left";
  const halves = days.map((day, index) => (index % 9 === 0 ? null : day / (isLeft ? 2 : 4)));
  const instants = days.map((day) => new Date(day * 86_400_000));
  const frame = session.fromColumns(
    {
      row: days.map((_, index) => index),
      price: days.map((day, index) => (index % 9 === 0 ? null : day)),
      half: halves.map((value) => (value === null ? null : value.toFixed(2))),
      at: instants,
      day: instants,
      span: days.map((day) => BigInt(day) * (isLeft ? 1000n : 1n)),
      whole: days,
    },
    {
      schema: {
        row: "int32",
        price: isLeft ? "decimal(9, 3)" : "decimal(12, 1)",
        half: isLeft ? "decimal(5, 2)" : "decimal(6, 4)",
        at: isLeft ? "timestamp[ns]" : "timestamp[s]",
        day: "date",
        span: isLeft ? "duration[ms]" : "duration[s]",
        whole: "int16",
      },
    },
  );
  return frame.repartition({ partitions }) as unknown as DataFrame;
}

/** A fact table. Fresh in every session, the same in all. */
function facts({ session, partitions }: Source): DataFrame {
  const random = generator(20240607);
  const rows = Array.from({ length: ROWS }, (_, index) => index);
  const frame = session.fromColumns(
    {
      id: rows,
      key: rows.map(() =>
        random.nullable(0.1, () => random.pick(["a", "b", "c", "", "__proto__"])),
      ),
      code: rows.map(() => random.nullable(0.05, () => random.integer(-3, 40))),
      small: rows.map(() => random.nullable(0.2, () => random.integer(-100, 100))),
      big: rows.map(() =>
        random.nullable(0.1, () => BigInt(random.integer(-1e9, 1e9)) * 4_000_000_007n),
      ),
      x: rows.map(() => random.nullable(0.1, () => random.float())),
      flag: rows.map(() => random.nullable(0.1, () => random.integer(0, 1) === 1)),
      day: rows.map(() => random.nullable(0.1, () => random.integer(-40_000, 40_000))),
      at: rows.map(() => random.nullable(0.1, () => new Date(random.integer(-2e12, 4e12)))),
    },
    { schema: { code: "int32", day: "date" } },
  ) as unknown as DataFrame;
  return partitions === 1 ? frame : frame.repartition({ partitions });
}

function dimensions({ session }: Source): DataFrame {
  return session.fromColumns(
    {
      code: [1, 2, 3, 5, 8, 13, 13, null, 100],
      key: ["a", "b", null, "zz", "a", "b", "c", "a", "c"],
      weight: [0.5, null, -0.25, 1e300, -1e300, 3, 4, 5, 6],
    },
    { schema: { code: "int32" } },
  ) as unknown as DataFrame;
}

export const QUERIES: readonly Query[] = [
  {
    name: "filter, three-valued",
    run: (s) =>
      facts(s).filter(
        col("small")
          .gt(0)
          .and(col("flag").or(col("key").eq("a"))),
      ),
  },
  {
    name: "arithmetic and nulls",
    run: (s) =>
      facts(s).select(
        col("small").mul(3).sub(col("code")).as("a"),
        col("small").div(col("code")).as("b"),
        col("small").floorDiv(col("code")).as("c"),
        col("small").mod(col("code")).as("d"),
        col("small").rem(7).as("e"),
        col("x").add(1).mul(col("x")).as("f"),
        col("x").isNan().as("g"),
        col("x").fillNull(-0.5).as("h"),
        col("big").neg().abs().as("i"),
      ),
  },
  {
    name: "conditions and membership",
    run: (s) =>
      facts(s).select(
        col("id"),
        when(col("small").lt(0))
          .then("minus")
          .when(col("small").gt(0))
          .then(col("key"))
          .otherwise("0")
          .as("sign"),
        col("key").isIn(["a", "__proto__"]).as("in"),
        col("code").between(5, 20).as("between"),
        col("key").str.contains("ro").as("contains"),
        col("key").str.startsWith("_").as("starts"),
        col("key").str.like("%t_\\_%").as("like"),
      ),
  },
  {
    name: "texts",
    run: (s) =>
      facts(s)
        .select(
          col("id"),
          col("key").str.upper().str.concat("/", col("flag").cast("string")).as("joined"),
          col("key")
            .str.replace(/[a-o]+/, "[$&]")
            .as("replaced"),
          col("key").str.matches(/^_|b$/).as("matches"),
          col("key").str.length().as("length"),
          col("key").str.split("_", 2).as("part"),
        )
        .sort("replaced"),
  },
  {
    name: "group by a text",
    run: (s) =>
      facts(s)
        .groupBy(col("key").str.slice(0, 1).as("letter"))
        .agg({ n: count(), longest: col("key").str.byteLength().max() }),
  },
  {
    name: "calendar",
    run: (s) =>
      facts(s).select(
        col("at").dt.year().as("y"),
        col("at").dt.month().as("m"),
        col("at").dt.day().as("d"),
        col("at").dt.hour().as("h"),
        col("at").dt.weekday().as("w"),
        col("at").dt.truncate("1h").as("hour"),
        col("at").dt.truncate("1mo").as("month"),
        col("day").dt.year().as("dy"),
      ),
  },
  {
    name: "casts",
    run: (s) =>
      facts(s).select(
        col("small").cast("float64").as("f"),
        col("x").cast("int32", { strict: false }).as("i"),
        col("small").cast("string").as("s"),
        col("small").cast("string").cast("int64").as("back"),
        col("day").cast("timestamp").as("t"),
        col("flag").cast("int64").as("b"),
      ),
  },
  {
    name: "group by a string, every fold",
    run: (s) =>
      facts(s)
        .groupBy("key")
        .agg({
          n: count(),
          values: col("x").count(),
          sum: col("x").sum(),
          mean: col("x").mean(),
          min: col("x").min(),
          max: col("x").max(),
          first: col("x").first(),
          last: col("small").last(),
          isum: col("small").sum(),
          imean: col("big").mean(),
          any: col("flag").any(),
          all: col("flag").all(),
          least: col("key").min(),
          when: col("at").max(),
        }),
  },
  {
    name: "group by two keys, moments",
    run: (s) =>
      facts(s)
        .filter(col("x").isFinite())
        .groupBy("key", "code")
        .agg({
          var: col("x").var(),
          std: col("x").std(),
          ivar: col("small").var(),
          range: col("small").max().sub(col("small").min()),
        }),
  },
  {
    name: "group by, modes and places of extremes",
    run: (s) =>
      facts(s)
        .groupBy("key", "flag")
        .agg({
          mode: col("code").mode(),
          text: col("key").mode(),
          lowest: col("x").argMin(),
          highest: col("day").argMax(),
          yes: col("flag").argMax(),
        }),
  },
  {
    name: "group by, moments of pairs",
    run: (s) =>
      facts(s)
        .groupBy("key")
        .agg({
          corr: col("x").corr(col("small")),
          cov: col("big").cov(col("x"), { ddof: 0 }),
          whole: col("small").cov(col("code")),
          skew: col("x").skew(),
          biased: col("small").skew({ bias: true }),
          kurtosis: col("big").kurtosis(),
        }),
  },
  {
    name: "moments of the whole frame",
    run: (s) =>
      facts(s).agg({
        r2: col("x")
          .corr(col("small"))
          .mul(col("x").corr(col("small"))),
        skew: col("x").skew({ bias: true }),
        kurtosis: col("small").kurtosis({ bias: true }),
      }),
  },
  {
    name: "group by, holistic",
    run: (s) =>
      facts(s)
        .groupBy("flag")
        .agg({
          median: col("small").median(),
          q: col("x").quantile(0.9),
          distinct: col("code").nUnique(),
          texts: col("key").nUnique(),
        }),
  },
  {
    name: "group by an expression, sorted",
    run: (s) =>
      facts(s)
        .groupBy([col("at").dt.year().as("year")], { sort: true, dropNulls: true })
        .agg({ n: count(), total: col("x").sum() }),
  },
  {
    name: "group by floats: one NaN, one zero",
    run: (s) => facts(s).groupBy("x").agg({ n: count() }).sort("x"),
  },
  {
    name: "aggregate of the whole frame",
    run: (s) => facts(s).agg({ n: count(), sum: col("x").sum(), std: col("small").std() }),
  },
  {
    name: "arguments that differ only in a literal without JSON form",
    run: (s) =>
      facts(s).agg({
        nan: col("x").fillNull(Number.NaN).max(),
        infinity: col("x").fillNull(Number.POSITIVE_INFINITY).min(),
        most: when(col("x").isNull()).then(Number.POSITIVE_INFINITY).otherwise(0).max(),
        least: when(col("x").isNull()).then(Number.NEGATIVE_INFINITY).otherwise(0).max(),
        zero: when(col("x").isNull()).then(-0).otherwise(null).first(),
        other: when(col("x").isNull()).then(0).otherwise(null).first(),
      }),
  },
  {
    // The cast fails for no row that the filter keeps.
    name: "filtered, then grouped by what is computed",
    run: (s) =>
      facts(s)
        .filter(col("small").gt(-30).and(col("small").lt(90)))
        .withColumns({ narrow: col("small").add(30).cast("uint8"), twice: col("x").mul(2) })
        .groupBy(col("code").mod(7).as("bin"), "key")
        .agg({
          n: count(),
          total: col("narrow").sum(),
          mean: col("twice").mean(),
          most: col("key").max(),
          first: col("x").first(),
          spread: col("big").nUnique(),
        }),
  },
  {
    name: "filtered, then one aggregate",
    run: (s) =>
      facts(s)
        .filter(col("flag").and(col("id").gt(800)))
        .agg({
          n: count(),
          values: col("x").count(),
          total: col("x").sum(),
          least: col("key").min(),
          last: col("small").last(),
          any: col("flag").any(),
        }),
  },
  {
    name: "aggregate of no rows",
    run: (s) =>
      facts(s)
        .filter(lit(false))
        .agg({ n: count(), sum: col("x").sum(), max: col("big").max() }),
  },
  ...(["inner", "left", "right", "full", "semi", "anti"] as const).map(
    (how): Query => ({
      name: `${how} join on code`,
      run: (s) => facts(s).join(dimensions(s), { on: "code", how }) as unknown as DataFrame,
    }),
  ),
  {
    name: "join on two keys, nulls equal",
    run: (s) =>
      facts(s).join(dimensions(s), {
        on: ["code", "key"],
        how: "full",
        nullEquals: true,
      }) as unknown as DataFrame,
  },
  {
    name: "joins on keys of other scales, units and dtypes",
    run: (s) =>
      keysOfEveryKind(s, "left").join(keysOfEveryKind(s, "right"), {
        leftOn: ["price", "at", "day", "span", "whole"],
        rightOn: ["price", "at", "at", "span", "price"],
        how: "full",
      }) as unknown as DataFrame,
  },
  {
    name: "join of decimals of two scales on their name",
    run: (s) =>
      keysOfEveryKind(s, "left").join(keysOfEveryKind(s, "right"), {
        on: "price",
        how: "full",
      }) as unknown as DataFrame,
  },
  {
    name: "groups by bits, rounded to tens",
    run: (s) =>
      facts(s)
        .groupBy(col("small").bitAnd(7).as("low"), col("small").shiftRight(4).as("high"))
        .agg({ n: count(), tens: col("small").round(-1).sum(), bits: col("code").bitXor(5).max() }),
  },
  {
    name: "sort by several keys",
    run: (s) =>
      facts(s).sort([
        { by: "key", descending: true, nulls: "first" },
        { by: "x" },
        { by: col("small").abs(), descending: true },
      ]),
  },
  { name: "top rows", run: (s) => facts(s).sort("x", { descending: true }).limit(17) },
  { name: "first rows of each group", run: (s) => facts(s).groupBy("key", "flag").head(2) },
  {
    name: "last rows of each group",
    run: (s) => facts(s).groupBy(["code"], { dropNulls: true }).tail(1),
  },
  {
    name: "top rows of each group",
    run: (s) => facts(s).groupBy("key").topK(3, "x").select("id", "key", "x"),
  },
  {
    name: "bottom rows of each group, filtered by the key",
    run: (s) =>
      facts(s)
        .groupBy("key", col("small").mod(3).as("m"))
        .bottomK(2, ["flag", col("x").neg()], { nulls: "first" })
        .filter(col("key").ne("b")),
  },
  { name: "slice", run: (s) => facts(s).filter(col("flag")).slice(13, 200) },
  { name: "distinct by no columns", run: (s) => facts(s).filter(col("flag")).distinct([]) },
  {
    name: "distinct by no columns of no rows",
    run: (s) => facts(s).filter(lit(false)).distinct([]),
  },
  { name: "distinct", run: (s) => facts(s).distinct(["key", "flag"]) },
  {
    name: "concat",
    run: (s) => {
      const part = facts(s).select("key", "x");
      return part
        .limit(20)
        .concat(part.slice(500, 30))
        .groupBy("key")
        .agg({ s: col("x").sum() });
    },
  },
  ...temporalQueries(facts),
  {
    name: "filter, join, group, sort",
    run: (s) =>
      (
        facts(s)
          .filter(col("small").gt(-50))
          .join(dimensions(s), { on: "code" }) as unknown as DataFrame
      )
        .groupBy("key_right")
        .agg({ n: count(), total: col("x").mul(col("weight")).sum() })
        .sort([{ by: "n", descending: true }, { by: "key_right" }]),
  },
];

// What TypeScript knows of frames. The assertions hold when `tsc` accepts this file: a line under @ts-expect-error must
// not compile. Running it checks that the values agree with the types.

import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import type { DTypeKind } from "../../src/dtype/index.ts";
import type { Expr } from "../../src/expr/index.ts";
import type { SchemaShape } from "../../src/frame/index.ts";
import gpuDataFrame, {
  type AnyDataFrame,
  ColumnNotFoundError,
  col,
  count,
  type DataFrame,
  duration,
  lit,
  type Session,
  when,
} from "../../src/index.ts";

let session: Session;
beforeAll(async () => {
  session = await gpuDataFrame.session({ engine: "reference" });
});
afterAll(async () => await session.close());

const flights = () =>
  session.fromColumns({
    origin: ["SFO", "JFK", null],
    delay: Float64Array.of(1, 20, 30),
    day: [new Date(0), null, new Date(1)],
    distance: BigInt64Array.of(1n, 2n, 3n),
    late: [true, false, null],
  });
const airports = () =>
  session.fromColumns({ iata: ["SFO"], state: ["CA"], delay: Int32Array.of(1) });
const unknown = (): DataFrame => session.fromColumns({ a: [1] }) as unknown as DataFrame;

type ShapeOf<F> = F extends DataFrame<infer S> ? S : never;

describe("a known shape", () => {
  test("comes from the values", () => {
    const frame = flights();
    expectTypeOf<ShapeOf<typeof frame>>().toEqualTypeOf<{
      readonly origin: "string";
      readonly delay: "float64";
      readonly day: "timestamp";
      readonly distance: "int64";
      readonly late: "bool";
    }>();
    expect(frame.columns).toEqual(["origin", "delay", "day", "distance", "late"]);
  });

  test("rows of each group keep the frame's shape", () => {
    const groups = flights().groupBy("origin");
    expectTypeOf(groups.head(2)).toEqualTypeOf<ReturnType<typeof flights>>();
    expectTypeOf(groups.topK(1, "delay")).toEqualTypeOf<ReturnType<typeof flights>>();
    const several = groups.bottomK(1, ["delay", col("distance").neg()], { nulls: "first" });
    expect(several.columns).toEqual(flights().columns);
    // @ts-expect-error there is no such column
    expect(() => groups.topK(1, "delays")).toThrow(ColumnNotFoundError);
    // @ts-expect-error nor here
    expect(() => groups.bottomK(1, col("delays"))).toThrow(ColumnNotFoundError);
  });

  test("moments of two columns", () => {
    const shape = flights().agg({
      r: col("delay").corr(col("distance")),
      k: col("delay").kurtosis(),
    });
    expectTypeOf<ShapeOf<typeof shape>>().toEqualTypeOf<{
      readonly r: "float64";
      readonly k: "float64";
    }>();
    // @ts-expect-error there is no such column
    expect(() => flights().agg({ r: col("delay").cov(col("far")) })).toThrow(ColumnNotFoundError);
  });

  test("select", () => {
    const frame = flights().select("origin", col("delay").mul(2).as("d2"), col("day"));
    expectTypeOf(frame.columns).toEqualTypeOf<("origin" | "d2" | "day")[]>();
    expectTypeOf<ShapeOf<typeof frame>["day"]>().toEqualTypeOf<"timestamp">();
    const built = flights().select((c) => ({
      double: c.delay.add(c.delay),
      half: c.distance.div(2),
      origin: c.origin,
    }));
    expectTypeOf<ShapeOf<typeof built>>().toEqualTypeOf<{
      readonly double: "float64";
      readonly half: "float64";
      readonly origin: "string";
    }>();
  });

  test("a typo does not compile, and raises with the nearest name", () => {
    const frame = flights();
    // @ts-expect-error no such column
    expect(() => frame.select("orgin")).toThrow(ColumnNotFoundError);
    // @ts-expect-error no such column
    expect(() => frame.select(col("dely").mul(2))).toThrow(/"delay"/);
    // @ts-expect-error no such column
    expect(() => frame.select((c) => ({ x: c.dely }))).toThrow(ColumnNotFoundError);
    // @ts-expect-error no such column
    expect(() => frame.filter(col("delay").gt(col("dely")))).toThrow(ColumnNotFoundError);
    // @ts-expect-error no such column
    expect(() => frame.sort("dely")).toThrow(ColumnNotFoundError);
    // @ts-expect-error no such column
    expect(() => frame.drop("dely")).toThrow(ColumnNotFoundError);
    // @ts-expect-error no such column
    expect(() => frame.rename({ dely: "x" })).toThrow(ColumnNotFoundError);
    // @ts-expect-error no such column
    expect(() => frame.distinct(["dely"])).toThrow(ColumnNotFoundError);
    // @ts-expect-error no such column
    expect(() => frame.groupBy("dely")).toThrow(ColumnNotFoundError);
    // @ts-expect-error no such column
    expect(() => frame.agg({ dely: "mean" })).toThrow(ColumnNotFoundError);
    // @ts-expect-error no such column
    expect(() => frame.agg({ x: col("dely").max() })).toThrow(ColumnNotFoundError);
    // @ts-expect-error no such column on the right
    expect(() => frame.join(airports(), { on: "origin" })).toThrow(ColumnNotFoundError);
    // @ts-expect-error no such column on the right
    expect(() => frame.join(airports(), { leftOn: "origin", rightOn: "ita" })).toThrow(/"iata"/);
    // @ts-expect-error dropped columns are gone
    expect(() => frame.drop("delay").select("delay")).toThrow(ColumnNotFoundError);
  });

  test("withColumns, drop, rename, cast", () => {
    const wider = flights().withColumns({ late: col("delay").gt(15), one: lit("x") });
    expectTypeOf<ShapeOf<typeof wider>["late"]>().toEqualTypeOf<"bool">();
    expectTypeOf<ShapeOf<typeof wider>["one"]>().toEqualTypeOf<"string">();
    expectTypeOf<ShapeOf<typeof wider>["origin"]>().toEqualTypeOf<"string">();
    const dropped = flights().drop("day", "late");
    expectTypeOf(dropped.columns).toEqualTypeOf<("origin" | "delay" | "distance")[]>();
    const renamed = flights().select("origin", "delay").rename({ delay: "wait" });
    expectTypeOf<ShapeOf<typeof renamed>>().toEqualTypeOf<{
      readonly origin: "string";
      readonly wait: "float64";
    }>();
    const cast = flights().select("delay", "origin").cast({ delay: "int32" });
    expectTypeOf<ShapeOf<typeof cast>>().toEqualTypeOf<{
      readonly delay: "int32";
      readonly origin: "string";
    }>();
    expect(cast.columns).toEqual(["delay", "origin"]);
  });

  test("groupBy and agg, in both forms", () => {
    const grouped = flights()
      .groupBy("origin", col("day"))
      .agg({ n: count(), worst: col("delay").max(), total: col("distance").sum() });
    expectTypeOf<ShapeOf<typeof grouped>>().toEqualTypeOf<{
      readonly origin: "string";
      readonly day: "timestamp";
      readonly n: "int64";
      readonly worst: "float64";
      readonly total: "int64";
    }>();
    const pandas = flights()
      .groupBy(["origin"], { sort: true })
      .agg({ delay: "mean", distance: ["min", "max"] });
    expectTypeOf<ShapeOf<typeof pandas>>().toEqualTypeOf<{
      readonly origin: "string";
      readonly delay: "float64";
      readonly distance_min: "int64";
      readonly distance_max: "int64";
    }>();
    expect(pandas.columns).toEqual(["origin", "delay", "distance_min", "distance_max"]);
    // @ts-expect-error no such aggregate
    expect(() => flights().agg({ delay: "averge" })).toThrow(/is no aggregate/);
  });

  test("join", () => {
    const joined = flights().join(airports(), { leftOn: "origin", rightOn: "iata", how: "left" });
    expectTypeOf<ShapeOf<typeof joined>["state"]>().toEqualTypeOf<"string">();
    expectTypeOf<ShapeOf<typeof joined>["delay"]>().toEqualTypeOf<"float64">();
    expectTypeOf<ShapeOf<typeof joined>["delay_right"]>().toEqualTypeOf<"int32">();
    const named = airports().join(airports(), { on: "iata", suffix: "_2" });
    expectTypeOf(named.columns).toEqualTypeOf<
      ("iata" | "state" | "delay" | "state_2" | "delay_2")[]
    >();
    expect(named.columns).toEqual(["iata", "state", "delay", "state_2", "delay_2"]);
    const semi = flights().join(airports(), { leftOn: "origin", rightOn: "iata", how: "semi" });
    expectTypeOf(semi.columns).toEqualTypeOf<
      ("origin" | "delay" | "day" | "distance" | "late")[]
    >();
    const crossed = airports().select("iata").join(airports(), { how: "cross" });
    expectTypeOf(crossed.columns).toEqualTypeOf<("iata" | "iata_right" | "state" | "delay")[]>();
  });

  test("instants and durations", () => {
    const frame = flights().select((c) => ({
      since: c.day.sub(c.day),
      later: c.day.add(duration({ days: 1 })),
      half: c.day.sub(new Date(0)).mul(0.5),
    }));
    expectTypeOf<ShapeOf<typeof frame>>().toEqualTypeOf<{
      readonly since: "duration";
      readonly later: "timestamp";
      readonly half: "duration";
    }>();
    expect(frame.schema.dtypeOf("later").kind).toBe("timestamp");
    const sums = frame.agg({ total: col("half").sum() });
    expectTypeOf<ShapeOf<typeof sums>>().toEqualTypeOf<{ readonly total: "duration" }>();
  });

  test("rows and columns of a table", async () => {
    const table = await flights().select("origin", "delay", "day", "late").compute();
    expectTypeOf(table.toRows()).toEqualTypeOf<
      {
        readonly origin: string | null;
        readonly delay: number | null;
        readonly day: Date | null;
        readonly late: boolean | null;
      }[]
    >();
    expectTypeOf(table.column("day").toArray()).toEqualTypeOf<(Date | null)[]>();
    // @ts-expect-error no such column
    expect(() => table.column("dely")).toThrow(ColumnNotFoundError);
    expect(table.toRows()[0]).toEqual({ origin: "SFO", delay: 1, day: new Date(0), late: true });
  });

  test("schema overrides kinds", () => {
    const frame = session.fromColumns({ a: [1, 2] }, { schema: { a: "int32" } });
    expectTypeOf<ShapeOf<typeof frame>>().toEqualTypeOf<{ readonly a: "int32" }>();
    expect(frame.schema.dtypeOf("a").kind).toBe("int32");
  });
});

describe("an unknown shape", () => {
  test("takes any name and gives any value", () => {
    const frame = unknown();
    expectTypeOf<ShapeOf<typeof frame>>().toEqualTypeOf<SchemaShape>();
    expectTypeOf(frame.columns).toEqualTypeOf<string[]>();
    expect(() => frame.select("typo")).toThrow(ColumnNotFoundError);
    const selected = frame.select("a");
    expectTypeOf<ShapeOf<typeof selected>>().toEqualTypeOf<{ readonly a: DTypeKind }>();
    const joined = frame.join(airports(), { leftOn: "a", rightOn: "delay" });
    expectTypeOf<ShapeOf<typeof joined>>().toEqualTypeOf<SchemaShape>();
  });
});

describe("functions of frames", () => {
  test("AnyDataFrame takes and gives any frame", () => {
    const late = (frame: AnyDataFrame): AnyDataFrame => frame.filter(col("delay").gt(15));
    const piped = flights().pipe(late);
    expectTypeOf(piped).toEqualTypeOf<AnyDataFrame>();
    const known: DataFrame<{ readonly delay: "float64" }> = piped.select("delay");
    expect(known.columns).toEqual(["delay"]);
    expect(() => late(unknown())).toThrow(ColumnNotFoundError);
    expectTypeOf(flights().join(late(flights()), { on: "origin" })).toExtend<AnyDataFrame>();
    expectTypeOf(piped.columns).toEqualTypeOf<string[]>();
    expect(() => piped.select("typo")).toThrow(ColumnNotFoundError);
  });

  test("a generic one keeps what is known, and asks for what it needs", () => {
    const late = <S extends { readonly delay: "float64" }>(frame: DataFrame<S>): DataFrame<S> =>
      frame.filter(col("delay").gt(15)).sort("delay");
    expectTypeOf(flights().pipe(late)).toEqualTypeOf(flights());
    // @ts-expect-error no delay
    expect(() => flights().drop("delay").pipe(late)).toThrow(ColumnNotFoundError);
  });
});

describe("expressions", () => {
  test("carry name, references and kind", () => {
    expectTypeOf(col("a").mul(2).as("b")).toExtend<Expr>();
    expectTypeOf(col("a").gt(1).and(col("b").lt(2))).toExtend<Expr<"bool", "a", "a" | "b">>();
    const chosen = when(col("a").gt(1)).then(1).otherwise(col("b"));
    expectTypeOf(chosen).toExtend<Expr>();
    // @ts-expect-error an expression over `a` alone does not fit one over `b`
    const wrong: Expr<"bool", string, "b"> = col("a").gt(1);
    expect(wrong.node.kind).toBe("call");
  });
});

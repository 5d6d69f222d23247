// Medians and quantiles through the public API: exact and rounded once on every engine, whole and in partitions.
import gpuDataFrame, { col, type Session } from "gpudataframe";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isRounded, type Met } from "../aggregate/moments.ts";
import { INTERPOLATIONS, quantileOf } from "../aggregate/quantiles.ts";
import { rational } from "../aggregate/rational.ts";
import { Random } from "../lattice/random.ts";

const adapters = (await gpuDataFrame.devices()).filter(({ kind }) => kind === "gpu");
const ENGINES = [
  { name: "reference", options: { engine: "reference" as const } },
  { name: "cpu", options: { engine: "cpu" as const } },
  ...adapters.slice(-1).map(({ id }) => ({
    name: id,
    options: { engine: "gpu" as const, devices: [id] },
  })),
];

describe.each(ENGINES)("on $name", ({ options }) => {
  let session: Session;
  beforeAll(async () => {
    session = await gpuDataFrame.session(options);
  });
  afterAll(() => session.close());

  it("does not overflow between opposite doubles", async () => {
    const frame = session.fromColumns({ x: Float64Array.of(1.7e308, -1.7e308) });
    const table = await frame
      .agg({ median: col("x").median(), quarter: col("x").quantile(0.25) })
      .compute();
    expect(table.toRows()).toEqual([{ median: 0, quarter: -8.5e307 }]);
  });

  it("does not round int64 before it takes the middle", async () => {
    const x = BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n));
    const table = await session
      .fromColumns({ x })
      .agg({ m: col("x").median() })
      .compute();
    expect(table.toRows()).toEqual([{ m: -0.5 }]);
  });

  it.each([1, 3])("is the nearest double, in %i partitions", async (partitions) => {
    const random = new Random(partitions);
    const wide = BigInt64Array.from({ length: 240 }, () =>
      BigInt.asIntN(64, (BigInt(random.bits()) << 32n) | BigInt(random.bits())),
    );
    const real = Float64Array.from(
      wide,
      (value) => (Number(value) / 3) * 2 ** (random.below(1000) - 500),
    );
    const key = Int32Array.from(wide, (_, row) => row % 40);
    const frame = session.fromColumns({ key, wide, real }).repartition({ partitions });
    const q = 0.3;
    for (const interpolation of INTERPOLATIONS) {
      const table = await frame
        .groupBy("key")
        .agg({
          wide: col("wide").quantile(q, { interpolation }),
          real: col("real").quantile(q, { interpolation }),
        })
        .compute();
      for (const row of table.toRows()) {
        const own = <T>(values: ArrayLike<T>): T[] =>
          Array.from(values).filter((_, index) => key[index] === row.key);
        const integers: Met[] = own(wide).map((numerator) => ({ numerator, denominator: 1n }));
        const doubles: Met[] = own(real).map(rational);
        expect(isRounded(row.wide, quantileOf(integers, q, interpolation))).toBe(true);
        expect(isRounded(row.real, quantileOf(doubles, q, interpolation))).toBe(true);
      }
    }
  });
});

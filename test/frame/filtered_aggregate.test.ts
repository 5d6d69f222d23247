// A filter below an aggregate is fused with what the aggregate computes: on every engine the same rows count, and the same
// row fails.
import gpuDataFrame, { col, count, type DataFrame, type Session } from "gpudataframe";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const adapters = (await gpuDataFrame.devices()).filter(({ kind }) => kind === "gpu");
const ENGINES = [
  { name: "reference", options: { engine: "reference" as const } },
  { name: "cpu", options: { engine: "cpu" as const } },
  ...adapters.slice(-1).map(({ id }) => ({
    name: id,
    options: { engine: "gpu" as const, devices: [id] },
  })),
];

describe.each(ENGINES)("on $name", ({ name, options }) => {
  let session: Session;
  let rows: DataFrame;
  beforeAll(async () => {
    session = await gpuDataFrame.session(options);
    rows = session.fromColumns({
      key: ["a", "b", "a", "c", "b", "a"],
      value: [300, 1, 2, 3, 400, 5],
    }) as unknown as DataFrame;
  });
  afterAll(() => session.close());

  const narrow = col("value").cast("uint8").sum();

  it("does not fail for rows that are left out", async () => {
    const table = await rows
      .filter(col("value").lt(256))
      .groupBy("key")
      .agg({ n: count(), total: narrow })
      .compute();
    expect(table.toRows()).toEqual([
      { key: "b", n: 1, total: 1 },
      { key: "a", n: 2, total: 7 },
      { key: "c", n: 1, total: 3 },
    ]);
  });

  it("names the row that the filter read", async () => {
    const failing = rows.filter(col("value").ne(300)).groupBy("key").agg({ total: narrow });
    await expect(failing.compute()).rejects.toMatchObject({ code: "CAST_ERROR", row: 4 });
  });

  it("evaluates a filter that others read once", async () => {
    const few = rows.filter(col("value").lt(256));
    const both = few.join(few.groupBy("key").agg({ n: count() }), { on: "key" });
    expect(both.explain()).not.toContain("masked");
    expect((await both.compute()).numRows).toBe(4);
  });

  it("skips rows where that is better than moving them", () => {
    const plan = rows.filter(col("value").lt(256)).groupBy("key").agg({ n: count() }).explain();
    expect(plan.includes("of masked rows")).toBe(name.startsWith("gpu"));
  });
});

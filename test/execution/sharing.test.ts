// A subplan that several operators read runs once, whatever stands between: profile() counts its tasks.

import { describe, expect, test } from "vitest";
import { batchDifference } from "../../src/column/index.ts";
import gpuDataFrame, { col, type DataFrame, type Session } from "../../src/index.ts";

const rows = (session: Session) =>
  session.fromColumns({ k: ["a", "b", "a", "c"], x: [1, 2, 3, 4] });

type Source = ReturnType<typeof rows>;
const totals = (source: Source) => source.groupBy("k").agg({ total: col("x").sum() });

const QUERIES: readonly [string, (source: Source) => unknown, readonly string[]][] = [
  [
    "two equal groupings, joined",
    (source) => totals(source).join(totals(source), { on: "k" }),
    ["aggregate"],
  ],
  [
    "filters of one grouping",
    (source) => {
      const shared = totals(source);
      return shared.filter(col("total").gt(3)).concat(shared.filter(col("total").lt(3)));
    },
    ["aggregate"],
  ],
  [
    "one sort under other names",
    (source) => {
      const sorted = source.sort("x", { descending: true });
      return sorted.rename({ x: "y" }).join(sorted, { on: "k" });
    },
    ["sort"],
  ],
];

describe.each(QUERIES)("%s", (_, build, once) => {
  test.each([1, 3])("runs once over %i partitions", async (partitions) => {
    await using session = await gpuDataFrame.session({ engine: "cpu", partitions });
    await using apart = await gpuDataFrame.session({ engine: "cpu", disableRules: "all" });
    const frame = build(rows(session)) as DataFrame;
    const { table, tasks } = await frame.profile();
    const expected = await (build(rows(apart)) as DataFrame).compute();
    expect(batchDifference(expected.batch, table.batch)).toBeNull();
    for (const operation of once) {
      const ran = tasks.filter((task) => task.operation === operation);
      const perRun = operation === "aggregate" && partitions > 1 ? partitions + 1 : 1;
      expect(ran, frame.explain()).toHaveLength(perRun);
    }
    expect(frame.explain()).toContain("[shared 1] as above");
  });
});

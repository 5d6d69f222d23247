// The operators where everything that helps them is taken away: all keys have one hash, so that only comparisons tell
// them apart, no rows are few enough to be ranked, and a row of workgroups is two long, so that every grid is
// two-dimensional and has workgroups too many. Half of the cases come with statistics, which lead to direct addressing and
// to windows that nobody measured. Afterwards nothing may still be owned.
import { describe, expect, test } from "vitest";
import { at } from "../../src/base/index.ts";
import type { Batch, Column, ColumnStatistics } from "../../src/column/index.ts";
import { GpuExecutor } from "../../src/device/gpu/index.ts";
import { execute } from "../../src/device/reference/index.ts";
import { readColumn } from "../../src/device/reference/values.ts";
import { isFloat } from "../../src/dtype/index.ts";
import { testDevices } from "../gpu/adapters.ts";
import { aggregateCases } from "../lattice/cases/aggregate.ts";
import { joinCases } from "../lattice/cases/join.ts";
import { concatCases, exponentRangeCases, sliceCases } from "../lattice/cases/rows.ts";
import { sortCases } from "../lattice/cases/sort.ts";
import type { LatticeCase } from "../lattice/lattice.ts";
import { adapterOfPair, testOn } from "./on_adapters.ts";

/** Colliding keys make insertion quadratic. */
const MOST_ROWS = 1000;

const CASES: readonly LatticeCase[] = [
  ...every(8, sortCases),
  ...every(5, joinCases),
  ...every(12, aggregateCases),
  ...every(3, [...sliceCases, ...concatCases, ...exponentRangeCases]),
]
  .filter(({ inputs }) => inputs.every(({ rowCount }) => rowCount <= MOST_ROWS))
  .map((entry, index) => (index % 2 === 0 ? entry : withStatistics(entry)));

function every(step: number, cases: readonly LatticeCase[]): LatticeCase[] {
  return cases.filter((_, index) => index % step === 0);
}

function withStatistics(entry: LatticeCase): LatticeCase {
  const inputs = entry.inputs.map((batch) => ({
    ...batch,
    columns: batch.columns.map((column, index) => ({
      ...column,
      statistics: statisticsOf(batch, column, index),
    })),
  }));
  return { ...entry, name: `${entry.name}, with statistics`, inputs };
}

function statisticsOf(batch: Batch, column: Column, index: number): ColumnStatistics | null {
  if (column.data.encoding !== "fixed") return null;
  if (isFloat(column.dtype)) {
    const bounds = execute({ kind: "exponentRange", columns: [index] }, [batch]);
    const [low, high] = bounds.columns.map((bound) => Number(readColumn(bound)[0]));
    return { lowExponent: low!, highExponent: high! };
  }
  const values = readColumn(column).filter((value) => typeof value === "bigint");
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return { min: sorted[0]!, max: sorted.at(-1)! };
}

describe.each(testDevices)("$name", ({ adapter }) => {
  // Adapters share the cases: neighbours, one with statistics and one without, stay together.
  const turn = testDevices.findIndex((device) => device.adapter === adapter);
  const shared = CASES.filter((_, index) => adapterOfPair(index >> 1) === turn);
  const cases = process.env.GDF_LATTICE === "full" ? CASES : shared;
  const executorOf = testOn(async () => {
    const executor = await GpuExecutor.open(adapter, { hashMask: 0, smallRows: 0 });
    Object.assign(executor.context.device.limits, { maxComputeWorkgroupsPerDimension: 2 });
    return executor;
  }, cases);

  test("an operator that fails leaves nothing behind", async () => {
    const entry = aggregateCases.find(({ name }) => name.includes("overflows"));
    if (entry === undefined) throw new Error("the lattice has a sum that overflows");
    const executor = executorOf();
    const resident = await executor.upload(at(entry.inputs, 0));
    await expect(executor.execute(entry.operation, [resident])).rejects.toThrow(/does not fit/);
    executor.release(resident);
  });
});

// The operators where everything that helps them is taken away: all keys have one hash, so that only comparisons tell
// them apart, and a row of workgroups is two long, so that every grid is two-dimensional and has workgroups too many.
// Afterwards nothing may still be owned.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { at } from "../../src/base/index.ts";
import { GpuExecutor, gpuSupports } from "../../src/device/gpu/index.ts";
import { testDevices } from "../gpu/adapters.ts";
import { aggregateCases } from "../lattice/cases/aggregate.ts";
import { joinCases } from "../lattice/cases/join.ts";
import { concatCases, exponentRangeCases, sliceCases } from "../lattice/cases/rows.ts";
import { sortCases } from "../lattice/cases/sort.ts";
import { expectReferenceResult, type LatticeCase } from "../lattice/lattice.ts";

/** Colliding keys make insertion quadratic. */
const MOST_ROWS = 1000;

const CASES: readonly LatticeCase[] = [
  ...every(8, sortCases),
  ...every(5, joinCases),
  ...every(12, aggregateCases),
  ...every(3, [...sliceCases, ...concatCases, ...exponentRangeCases]),
].filter(({ inputs }) => inputs.every(({ rowCount }) => rowCount <= MOST_ROWS));

function every(step: number, cases: readonly LatticeCase[]): LatticeCase[] {
  return cases.filter((_, index) => index % step === 0);
}

describe.each(testDevices)("$name", ({ adapter }) => {
  let executor: GpuExecutor;
  beforeAll(async () => {
    executor = await GpuExecutor.open(adapter, { hashMask: 0 });
    Object.assign(executor.context.device.limits, { maxComputeWorkgroupsPerDimension: 2 });
  });
  afterEach(() => expect(executor.context.pool.usedBytes).toBe(0));
  afterAll(() => executor.close());

  test.each(CASES)("$name", async (entry) => {
    const subject = { name: executor.descriptor.id, executor, supports: gpuSupports };
    await expectReferenceResult(subject, entry);
  });

  test("an operator that fails leaves nothing behind", async () => {
    const entry = aggregateCases.find(({ name }) => name.includes("overflows"));
    if (entry === undefined) throw new Error("the lattice has a sum that overflows");
    const resident = await executor.upload(at(entry.inputs, 0));
    await expect(executor.execute(entry.operation, [resident])).rejects.toThrow(/does not fit/);
    executor.release(resident);
  });
});

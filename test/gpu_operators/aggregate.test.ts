// The lattice's aggregates in the two forms that the GPU runs: partial states, and complete results without variances
// (which a CPU finishes from the GPU's sums).
import { afterAll, beforeAll, describe, test } from "vitest";
import { at } from "../../src/base/index.ts";
import { GpuExecutor, gpuSupports } from "../../src/device/gpu/index.ts";
import { execute } from "../../src/device/reference/index.ts";
import type { ExactWindow, Monoid } from "../../src/ir/index.ts";
import type { AggregateOperation } from "../../src/physical/index.ts";
import { testDevices } from "../gpu/adapters.ts";
import { aggregateCases } from "../lattice/cases/aggregate.ts";
import { expectReferenceResult, type LatticeCase } from "../lattice/lattice.ts";

function withoutVariances(entry: LatticeCase): LatticeCase {
  const operation = aggregateOf(entry);
  const kept = operation.calls.flatMap(({ kind }, index) => (kind === "variance" ? [] : index));
  return {
    ...entry,
    operation: {
      ...operation,
      calls: kept.map((index) => at(operation.calls, index)),
      dtypes: kept.map((index) => at(operation.dtypes, index)),
      texts: kept.map((index) => at(operation.texts, index)),
    },
  };
}

/** The same aggregate in phase partial, with the windows that a scheduler would choose. */
function partial(entry: LatticeCase): LatticeCase {
  const operation = aggregateOf(entry);
  const monoids = operation.monoids.map((monoid): Monoid => {
    if (monoid.kind !== "sum") return monoid;
    return { ...monoid, window: windowOf(entry, monoid.column, monoid.power) };
  });
  return { ...entry, operation: { ...operation, phase: "partial", monoids, calls: [] } };
}

function windowOf({ inputs }: LatticeCase, column: number, power: 1 | 2): ExactWindow {
  const input = at(inputs, 0);
  const bounds = execute({ kind: "exponentRange", columns: [column] }, [input]);
  const [low, high] = bounds.columns.map(({ data }) =>
    data.encoding === "fixed" ? Number(data.values[0]) : 0,
  ) as [number, number];
  const bits = power * (high - low) + Math.ceil(Math.log2(input.rowCount + 1)) + 1;
  // A window may reach lower than it must.
  return { lowExponent: power * low - 3, limbs: Math.ceil((bits + 3) / 32) };
}

function aggregateOf({ operation }: LatticeCase): AggregateOperation {
  if (operation.kind !== "aggregate") throw new Error("a case of aggregate");
  return operation;
}

describe.each(testDevices)("$name", ({ adapter }) => {
  let executor: GpuExecutor;
  beforeAll(async () => {
    executor = await GpuExecutor.open(adapter);
  });
  afterAll(() => executor.close());

  async function expectEqual(entry: LatticeCase) {
    const subject = { name: executor.descriptor.id, executor, supports: gpuSupports };
    const gap = await expectReferenceResult(subject, entry);
    if (gap !== null) throw new Error(gap);
  }

  test.each(aggregateCases.map(withoutVariances))("complete: $name", expectEqual);
  test.each(aggregateCases.map(partial))("partial: $name", expectEqual);
});

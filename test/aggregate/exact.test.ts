// Exact sums of the hardest floats, rounded once: each alone, without keys, which the addon adds in blocks of vectors. By
// group, in partitions, of other dtypes and on adapters: test/lattice/exact_aggregates.test.ts.
import { describe, expect, test } from "vitest";
import { at } from "../../src/base/index.ts";
import { type Batch, columnFromValues, columnToValues } from "../../src/column/index.ts";
import { availableIsas, CpuExecutor } from "../../src/device/cpu/index.ts";
import { FLOAT64 } from "../../src/dtype/index.ts";
import { aggregateOperation, CallList } from "../lattice/cases/aggregate.ts";
import { hardDoubles } from "./hard_doubles.ts";
import { type Exact, isRounded, momentsOf, pairMomentsOf } from "./moments.ts";
import { numericCalls } from "./operations.ts";
import { rational } from "./rational.ts";

const { MAX_VALUE: MAX } = Number;
const [INF, NAN] = [Number.POSITIVE_INFINITY, Number.NaN];

const batchOf = (...columns: readonly (readonly number[])[]): Batch => ({
  rowCount: at(columns, 0).length,
  columns: columns.map((values) => columnFromValues(Float64Array.from(values))),
});

describe.each(availableIsas())("%s", (isa) => {
  const executor = CpuExecutor.open({ isa, threads: 2 });

  async function run(batch: Batch, calls: CallList): Promise<(number | null)[]> {
    const inputs = [await executor.upload(batch)];
    const { batch: result } = await executor.execute(aggregateOperation([], calls), inputs);
    return result.columns.map((output) => columnToValues(output)[0] as number | null);
  }

  function moments(): CallList {
    const calls = numericCalls(0, FLOAT64);
    calls.plan("skew", [0], [FLOAT64], { bias: true });
    calls.plan("kurtosis", [0], [FLOAT64], { bias: true });
    return calls;
  }

  function expectRounded(values: readonly (number | null)[], exact: Record<string, Exact>) {
    for (const [index, [name, expected]] of Object.entries(exact).entries()) {
      const value = at(values, index);
      expect(isRounded(value, expected), `${name} ${value}`).toBe(true);
    }
  }

  test.each(hardDoubles)("$name", async ({ values }) => {
    const { sum, mean, variance, populationDeviation, skew, kurtosis } = momentsOf(
      values.map(rational),
    );
    expectRounded(await run(batchOf(values), moments()), {
      sum,
      mean,
      variance,
      populationDeviation,
      skew: skew.biased,
      kurtosis: kurtosis.biased,
    });
  });

  test.each(
    hardDoubles.slice(1).map((entry, index) => ({ entry, before: at(hardDoubles, index) })),
  )("pairs of $entry.name", async ({ entry, before }) => {
    const rows = Math.min(entry.values.length, before.values.length);
    const [x, y] = [entry.values.slice(0, rows), before.values.slice(0, rows)];
    const calls = new CallList();
    calls.plan("cov", [0, 1], [FLOAT64, FLOAT64]);
    calls.plan("corr", [0, 1], [FLOAT64, FLOAT64]);
    const { covariance, correlation } = pairMomentsOf(x.map(rational), y.map(rational));
    expectRounded(await run(batchOf(x, y), calls), { covariance, correlation });
  });

  test("zero is +0", async () => {
    const [sum, mean] = await run(batchOf([-0, 1.5, -1.5]), moments());
    expect(sum).toBe(0);
    expect(mean).toBe(0);
  });

  test.each([
    { values: [1, NAN, INF], expected: NAN },
    { values: [INF, -INF], expected: NAN },
    { values: [INF, -MAX, -MAX], expected: INF },
    { values: [-INF, MAX], expected: -INF },
  ])("specials: the sum of $values is $expected", async ({ values, expected }) => {
    const [sum, mean, variance, deviation] = await run(batchOf(values), moments());
    expect([sum, mean, variance, deviation]).toEqual([expected, expected, NAN, NAN]);
  });
});

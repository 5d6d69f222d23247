// The optimizer never changes a result: random queries give the same table, row order included, with and without it, and
// with each rule alone. It may remove an error, and never adds one.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { batchDifference } from "../../src/column/index.ts";
import gpuDataFrame, { DataFrameError, type Session, type Table } from "../../src/index.ts";
import { RULES } from "../../src/optimizer/index.ts";
import { planText } from "../../src/plan/index.ts";
import { type AnyFrame, buildQuery, RANDOM_QUERY } from "./random_plans.ts";

const RUNS = Number(process.env.GPUDATAFRAME_FUZZ_RUNS ?? 60);
let plain: Session;

beforeAll(async () => {
  plain = await gpuDataFrame.session({ engine: "reference", disableRules: "all" });
});
afterAll(async () => await plain.close());

async function outcome(frame: AnyFrame): Promise<Table | DataFrameError> {
  try {
    return await frame.compute();
  } catch (error) {
    if (error instanceof DataFrameError) return error;
    throw error;
  }
}

const TIMEOUT_MS = 60_000 + 400 * RUNS;

async function compare(optimizing: Session): Promise<void> {
  await fc.assert(
    fc.asyncProperty(RANDOM_QUERY, async (query) => {
      const original = buildQuery(plain, query);
      const optimized = buildQuery(optimizing, query);
      const expected = await outcome(original);
      const actual = await outcome(optimized);
      if (expected instanceof DataFrameError) return;
      if (actual instanceof DataFrameError) {
        throw new Error(`${actual.message}\n${optimized.explain()}`);
      }
      const difference = batchDifference(expected.batch, actual.batch);
      const plan = difference === null ? "" : `\n${optimized.explain()}`;
      expect(difference === null ? null : `${difference}${plan}`).toBeNull();
      expect(actual.schema.names).toEqual(original.schema.names);
    }),
    { numRuns: RUNS, verbose: 0 },
  );
}

describe("random plans", () => {
  test(
    "all rules",
    async () => {
      await using session = await gpuDataFrame.session({ engine: "reference" });
      await compare(session);
    },
    TIMEOUT_MS,
  );

  test.each(RULES.map((rule) => rule.name))(
    "only %s",
    async (name) => {
      const others = RULES.map((rule) => rule.name).filter((other) => other !== name);
      await using session = await gpuDataFrame.session({
        engine: "reference",
        disableRules: others,
      });
      await compare(session);
    },
    TIMEOUT_MS,
  );
});

test("plans print without data", () => {
  const frame = plain.fromColumns({ a: [1, 2] }).limit(1);
  expect(planText(frame.plan)).toBe("limit 1\n  scan table of 2 rows");
});

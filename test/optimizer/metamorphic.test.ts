// The optimizer never changes a result: random queries give the same table, row order included, with and without it, and
// with each rule alone. It may remove an error, and never adds one.

import { afterAll, describe, expect, test } from "vitest";
import { DataFrameError } from "../../src/base/index.ts";
import { batchDifference } from "../../src/column/index.ts";
import { Runner, resolveOptions } from "../../src/execution/index.ts";
import type { Table } from "../../src/index.ts";
import { RULES } from "../../src/optimizer/index.ts";
import { assertCounted } from "../fuzz/counted.ts";
import { type AnyFrame, buildQuery, oncePerQuery, randomQueries } from "../fuzz/random_queries.ts";

const RUNS = Number(process.env.GPUDATAFRAME_FUZZ_RUNS ?? 25);
const TIMEOUT_MS = 300_000 + 1000 * RUNS;
const open = (disableRules: readonly string[] | "all") =>
  new Runner(resolveOptions({ engine: "reference", disableRules }));
const plain = open("all");
afterAll(async () => await plain.close());

async function outcome(frame: AnyFrame): Promise<Table | DataFrameError> {
  try {
    return await frame.compute();
  } catch (error) {
    if (error instanceof DataFrameError) return error;
    throw error;
  }
}

const plainOutcome = oncePerQuery((query) => outcome(buildQuery(plain, query).frame));

describe("random queries", () => {
  const names = RULES.map(({ name }) => name);
  test.each(["all rules", ...names])(
    "%s",
    async (enabled) => {
      const disabled = names.filter((name) => enabled !== "all rules" && enabled !== name);
      const optimizing = open(disabled);
      await assertCounted(
        `optimizer, ${enabled}`,
        randomQueries("all"),
        async (query) => {
          const { frame: optimized } = buildQuery(optimizing, query);
          const expected = await plainOutcome(query);
          const actual = await outcome(optimized);
          // A rule may remove an error, and never adds one.
          if (expected instanceof DataFrameError) return;
          if (actual instanceof DataFrameError) {
            expect.fail(`${actual.message}\n${optimized.explain()}`);
          }
          const difference = batchDifference(expected.batch, actual.batch);
          if (difference !== null) expect.fail(`${difference}\n${optimized.explain()}`);
          expect(actual.schema.names).toEqual(expected.schema.names);
        },
        { numRuns: RUNS },
      );
      await optimizing.close();
    },
    TIMEOUT_MS,
  );
});

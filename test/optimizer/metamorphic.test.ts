// The optimizer never changes a result: random queries give the same table, row order included, with and without it, and
// with each rule alone. It may remove an error, and never adds one.

import { afterAll, describe, expect, test } from "vitest";
import { DataFrameError } from "../../src/base/index.ts";
import { batchDifference } from "../../src/column/index.ts";
import { Runner, resolveOptions } from "../../src/execution/index.ts";
import type { Table } from "../../src/index.ts";
import { RULES } from "../../src/optimizer/index.ts";
import { assertCounted, type Trial } from "../fuzz/counted.ts";
import {
  type AnyFrame,
  buildQuery,
  type RandomQuery,
  randomQueries,
} from "../fuzz/random_queries.ts";

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

describe("random queries", () => {
  const names = RULES.map(({ name }) => name);
  const settings = ["all rules", ...names].map((enabled) => {
    const disabled = names.filter((name) => enabled !== "all rules" && enabled !== name);
    return { enabled, runner: open(disabled) };
  });
  afterAll(async () => {
    for (const { runner } of settings) await runner.close();
  });

  test(
    "every rule alone, and all of them",
    async () => {
      const holds = async (query: RandomQuery, trial: Trial) => {
        const expected = await outcome(buildQuery(plain, query).frame);
        for (const { enabled, runner } of settings) {
          const { frame: optimized } = buildQuery(runner, query);
          const actual = await outcome(optimized);
          // A rule may remove an error, and never adds one.
          if (expected instanceof DataFrameError) continue;
          const where = `${enabled}\n${optimized.explain()}`;
          if (actual instanceof DataFrameError) expect.fail(`${actual.message}, ${where}`);
          const difference = batchDifference(expected.batch, actual.batch);
          if (difference !== null) expect.fail(`${difference}, ${where}`);
          expect(actual.schema.names).toEqual(expected.schema.names);
          trial.held(enabled);
        }
      };
      await assertCounted("optimizer", randomQueries("all"), holds, { numRuns: RUNS });
    },
    TIMEOUT_MS,
  );
});

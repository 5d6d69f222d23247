// Adversarial orders of rows on every executor, whole; aggregates also over partitions.
import { afterAll, describe, test } from "vitest";
import type { AggregateOperation } from "../../src/physical/index.ts";
import { onlyCalls } from "./cases/aggregate.ts";
import { rowOrderCases } from "./cases/row_orders.ts";
import { casesFor, executorsUnderTest } from "./executors.ts";
import { Gaps } from "./gaps.ts";
import { expectReferenceResult } from "./lattice.ts";
import { expectPartitionedResult } from "./partition.ts";

const COUNTS = [2, 7, 31];

const cases = rowOrderCases(process.env.GDF_LATTICE === "full");
const aggregates = cases
  .filter(({ kind }) => kind === "aggregate")
  .map((entry, index) => ({ ...entry, parts: COUNTS[index % COUNTS.length] as number }));

const gaps = new Gaps();
afterAll(() => gaps.report());

const executors = await executorsUnderTest();

describe.each(executors)("$name", (executor) => {
  test.each(casesFor(executor, executors, cases, 3))("$name", async (entry) => {
    gaps.note(executor, entry.kind, await expectReferenceResult(executor, entry));
  });
  test.each(casesFor(executor, executors, aggregates, 3))(
    "$name in $parts parts",
    async ({ name, operation, inputs, parts }) => {
      const folds = onlyCalls(operation as AggregateOperation, ({ kind }) =>
        ["value", "sum", "mean"].includes(kind),
      );
      const gap = await expectPartitionedResult(executor, name, folds, inputs[0]!, parts);
      gaps.note(executor, "partial aggregate", gap);
    },
  );
});

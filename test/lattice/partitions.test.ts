// Aggregates over 1, 2, 7 and 31 partitions on every executor.
import { afterAll, describe, test } from "vitest";
import type { AggregateOperation } from "../../src/physical/index.ts";
import { aggregateCases } from "./cases/aggregate.ts";
import { casesFor, executorsUnderTest } from "./executors.ts";
import { Gaps } from "./gaps.ts";
import { expectPartitionedResult, hasHolisticCalls } from "./partition.ts";

const COUNTS = [1, 2, 7, 31];

const isFull = process.env.GDF_LATTICE === "full";

const gaps = new Gaps();
afterAll(() => gaps.report());

const cases = aggregateCases
  .filter(({ operation }) => !hasHolisticCalls(operation as AggregateOperation))
  .flatMap((entry, index) => {
    const counts = isFull ? COUNTS : [COUNTS[index % COUNTS.length] as number];
    return counts.map((parts) => ({ ...entry, parts }));
  });
const executors = await executorsUnderTest();

describe.each(executors)("$name", (executor) => {
  test.each(casesFor(executor, executors, cases, 6))(
    "$name in $parts parts",
    async ({ name, operation, inputs, parts }) => {
      const [batch] = inputs;
      const aggregate = operation as AggregateOperation;
      const gap = await expectPartitionedResult(executor, name, aggregate, batch!, parts);
      gaps.note(executor, "partial aggregate", gap);
    },
  );
});

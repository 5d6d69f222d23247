// Aggregates over 1, 2, 7 and 31 partitions on every executor.
import { afterAll, describe, test } from "vitest";
import type { AggregateOperation } from "../../src/physical/index.ts";
import { aggregateCases } from "./cases/aggregate.ts";
import { casesFor, executorsUnderTest } from "./executors.ts";
import { Gaps } from "./gaps.ts";
import { expectPartitionedResult, hasHolisticCalls } from "./partition.ts";

const COUNTS = [1, 2, 7, 31];
/** 31 parts take an adapter's driver half of the time of all; it has them in row_orders.test.ts and test/engines. */
const ADAPTER_COUNTS = [1, 2, 7];

const isFull = process.env.GDF_LATTICE === "full";

const gaps = new Gaps();
afterAll(() => gaps.report());

const partitioned = aggregateCases.filter(
  ({ operation }) => !hasHolisticCalls(operation as AggregateOperation),
);

/** Every case with one of the counts, in turn; with all where GDF_LATTICE=full. */
function inParts(counts: readonly number[]) {
  return partitioned.flatMap((entry, index) => {
    const taken = isFull ? COUNTS : [counts[index % counts.length] as number];
    return taken.map((parts) => ({ ...entry, parts }));
  });
}
const [cases, adapterCases] = [inParts(COUNTS), inParts(ADAPTER_COUNTS)];

const executors = await executorsUnderTest();

describe.each(executors)("$name", (executor) => {
  const isAdapter = executor.executor.descriptor.kind === "gpu";
  test.each(casesFor(executor, executors, isAdapter ? adapterCases : cases, 6))(
    "$name in $parts parts",
    async ({ name, operation, inputs, parts }) => {
      const [batch] = inputs;
      const aggregate = operation as AggregateOperation;
      const gap = await expectPartitionedResult(executor, name, aggregate, batch!, parts);
      gaps.note(executor, "partial aggregate", gap);
    },
  );
});

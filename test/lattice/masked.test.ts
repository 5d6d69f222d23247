// Operations on masked rows, whole and in two parts, on every executor; and the reference against the rows that count,
// taken out by hand.
import { afterAll, describe, expect, test } from "vitest";
import type { AggregateOperation, Operation } from "../../src/physical/index.ts";
import { keptRows, maskedAggregates, maskedRanges } from "./cases/masked.ts";
import { casesFor, executorsUnderTest } from "./executors.ts";
import { Gaps } from "./gaps.ts";
import { expectReferenceResult, outcomeDifference, referenceOutcome } from "./lattice.ts";
import { expectPartitionedResult, hasHolisticCalls } from "./partition.ts";

const gaps = new Gaps();
afterAll(() => gaps.report());

const all = [...maskedAggregates, ...maskedRanges];

test.each(all)("$name means the rows that count", ({ operation, inputs }) => {
  const { mask, ...unmasked } = operation as AggregateOperation;
  const rows = keptRows(inputs[0]!, mask!);
  const [masked, compacted] = [
    referenceOutcome(operation, inputs),
    referenceOutcome(unmasked as Operation, [rows]),
  ];
  expect(outcomeDifference(compacted, masked)).toBeNull();
});

const executors = await executorsUnderTest();
const parts = maskedAggregates.filter(({ operation }) => {
  const aggregate = operation as AggregateOperation;
  // Of no rows, first and last have the state of a null: nobody asks for it without keys.
  const showsAnyRow = aggregate.monoids.some(
    (monoid) => "nulls" in monoid && monoid.nulls === "keep",
  );
  return !hasHolisticCalls(aggregate) && (aggregate.keys.length > 0 || !showsAnyRow);
});

describe.each(executors)("$name", (executor) => {
  test.each(casesFor(executor, executors, all, 3))("$name", async (entry) => {
    gaps.note(executor, entry.operation.kind, await expectReferenceResult(executor, entry));
  });

  test.each(casesFor(executor, executors, parts, 3))("$name in 2 parts", async (entry) => {
    const operation = entry.operation as AggregateOperation;
    const batch = entry.inputs[0]!;
    const gap = await expectPartitionedResult(executor, entry.name, operation, batch, 2);
    gaps.note(executor, "partial aggregate", gap);
  });
});

// The partition axis of aggregates: the input is cut, every part folded to states, the states concatenated and finished.
// States and result must be those of the reference, and the result that of the whole input at once.
import { expect } from "vitest";
import { type Batch, sliceBatch } from "../../src/column/index.ts";
import { mergeRanges, withWindows } from "../../src/execution/windows.ts";
import { factorsOf, isHolistic } from "../../src/ir/index.ts";
import type { AggregateOperation, Operation } from "../../src/physical/index.ts";
import type { TestExecutor } from "./executors.ts";
import { type Outcome, outcomeDifference, outcomeOn, referenceOutcome } from "./lattice.ts";

export function hasHolisticCalls({ calls }: AggregateOperation): boolean {
  return calls.some(isHolistic);
}

/** Consecutive runs of rows. Empty ones are left out, as the scheduler does, unless all are. */
export function cut(batch: Batch, parts: number): Batch[] {
  const step = Math.max(1, Math.ceil(batch.rowCount / parts));
  const cuts = Array.from({ length: parts }, (_, part) => sliceBatch(batch, part * step, step));
  const filled = cuts.filter(({ rowCount }) => rowCount > 0);
  return filled.length > 0 ? filled : cuts.slice(0, 1);
}

/** What the reference says of an input in parts: computed once for all executors. */
interface PartitionedReference {
  readonly slices: readonly Batch[];
  readonly partial: AggregateOperation;
  readonly states: readonly Outcome[];
  readonly whole: Outcome;
}

const references = new WeakMap<AggregateOperation, Map<number, PartitionedReference>>();

function partitionedReference(
  complete: AggregateOperation,
  batch: Batch,
  parts: number,
): PartitionedReference {
  const byParts = references.get(complete) ?? new Map<number, PartitionedReference>();
  references.set(complete, byParts);
  const known = byParts.get(parts);
  if (known !== undefined) return known;
  const slices = cut(batch, parts);
  const partial: AggregateOperation = { ...windowed(complete, batch, slices), phase: "partial" };
  const states = slices.map((slice) => referenceOutcome(partial, [slice]));
  const made = { slices, partial, states, whole: referenceOutcome(complete, [batch]) };
  byParts.set(parts, made);
  return made;
}

/** Gives the reason when the executor declines a step that only it can do, else null. */
export async function expectPartitionedResult(
  executor: TestExecutor,
  name: string,
  complete: AggregateOperation,
  batch: Batch,
  parts: number,
): Promise<string | null> {
  const reference = partitionedReference(complete, batch, parts);
  const { slices, partial, whole } = reference;
  const support = executor.supports(partial, [batch.columns.map(({ dtype }) => dtype)]);
  if (!support.ok) return support.reason;
  const states: Batch[] = [];
  for (const [part, slice] of slices.entries()) {
    const expected = reference.states[part] as Outcome;
    const actual = await outcomeOn(executor, partial, [slice]);
    expectSame(`${name}, states of part ${part} of ${parts}`, executor, expected, actual);
    if (actual.kind === "batch") states.push(actual.batch);
  }
  const merged = await run(executor, { kind: "concat" }, states);
  if (merged.kind !== "batch") throw new Error(merged.message);
  const keys = complete.keys.map((_, index) => index);
  const final: AggregateOperation = {
    ...partial,
    phase: "final",
    keys,
    dropNullKeys: false,
    mask: undefined,
  };
  const finished = await run(executor, final, [merged.batch]);
  expectSame(
    `${name}, ${parts} parts against the whole`,
    executor,
    withoutRow(whole),
    withoutRow(finished),
  );
  return null;
}

/** On the executor, or on the reference where the executor leaves the step to another device. */
async function run(
  executor: TestExecutor,
  operation: Operation,
  inputs: readonly Batch[],
): Promise<Outcome> {
  const dtypes = inputs.map(({ columns }) => columns.map(({ dtype }) => dtype));
  return executor.supports(operation, dtypes).ok
    ? outcomeOn(executor, operation, inputs)
    : referenceOutcome(operation, inputs);
}

/** One window for all parts, measured as the scheduler does. */
function windowed(
  operation: AggregateOperation,
  batch: Batch,
  slices: readonly Batch[],
): AggregateOperation {
  const columns = [
    ...new Set(
      operation.monoids.flatMap((monoid) =>
        monoid.kind === "sum" ? factorsOf(monoid).map(({ column }) => column) : [],
      ),
    ),
  ];
  const measured = slices.map((slice) => {
    const range = referenceOutcome({ kind: "exponentRange", columns }, [slice]);
    if (range.kind === "error") throw new Error(range.message);
    return range.batch;
  });
  const ranges = mergeRanges(measured, columns.length);
  return withWindows(operation, columns, ranges, batch.rowCount);
}

/** The row of an overflow counts input rows, which a merged state no longer knows. */
function withoutRow(outcome: Outcome): Outcome {
  return outcome.kind === "error" ? { ...outcome, row: undefined } : outcome;
}

function expectSame(
  what: string,
  executor: TestExecutor,
  expected: Outcome,
  actual: Outcome,
): void {
  const difference = outcomeDifference(expected, actual);
  if (difference !== null) expect.fail(`${what} on ${executor.name}: ${difference}`);
}

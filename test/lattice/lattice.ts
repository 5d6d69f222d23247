// The lattice: what an operation gives must be the same, bit for bit, on every executor of this machine. The reference
// executor says what it is.
import { expect } from "vitest";
import { DataFrameError } from "../../src/base/index.ts";
import { type Batch, batchDifference, statisticsViolation } from "../../src/column/index.ts";
import { execute } from "../../src/device/reference/index.ts";
import type { Operation } from "../../src/physical/index.ts";
import { bounded } from "./bounds.ts";
import type { TestExecutor } from "./executors.ts";
import { poisoned } from "./poison.ts";

export interface LatticeCase {
  readonly name: string;
  readonly operation: Operation;
  readonly inputs: readonly Batch[];
}

/** A result, or what went wrong as far as executors must agree on it. */
export type Outcome =
  | { readonly kind: "batch"; readonly batch: Batch }
  | {
      readonly kind: "error";
      readonly code: string;
      readonly row: number | undefined;
      readonly message: string;
    };

export function referenceOutcome(operation: Operation, inputs: readonly Batch[]): Outcome {
  try {
    return { kind: "batch", batch: execute(operation, inputs) };
  } catch (error) {
    return errorOutcome(error);
  }
}

export async function outcomeOn(
  { executor }: TestExecutor,
  operation: Operation,
  inputs: readonly Batch[],
): Promise<Outcome> {
  const residents = await Promise.all(
    inputs.map((input) => executor.upload(bounded(poisoned(input)))),
  );
  try {
    const result = await executor.execute(operation, residents);
    const batch = await executor.download(result);
    expect(result.rowCount, "rowCount of the resident").toBe(batch.rowCount);
    const violations = batch.columns.map(statisticsViolation).filter((text) => text !== null);
    expect(violations, "statistics of the result").toEqual([]);
    executor.release(result);
    return { kind: "batch", batch };
  } catch (error) {
    return errorOutcome(error);
  } finally {
    for (const resident of residents) executor.release(resident);
  }
}

/** Bugs are no outcome: only the product's typed errors are. */
function errorOutcome(error: unknown): Outcome {
  if (!(error instanceof DataFrameError)) throw error;
  return { kind: "error", code: error.code, row: error.row, message: error.message };
}

/** The first difference as text, or null. */
export function outcomeDifference(expected: Outcome, actual: Outcome): string | null {
  if (expected.kind === "error" && actual.kind === "error") {
    const [a, b] = [expected, actual].map(
      ({ code, row, message }) => `${code} at row ${row}: ${message}`,
    );
    return a === b ? null : `expected error ${a}\n   found error ${b}`;
  }
  if (expected.kind === "error") return `expected ${expected.code}, found a result`;
  if (actual.kind === "error") return `expected a result, found ${actual.code}: ${actual.message}`;
  return batchDifference(expected.batch, actual.batch);
}

const expectedOutcomes = new WeakMap<Operation, Outcome>();

/** What the reference gives, computed once for all executors. */
function expectedOutcome({ operation, inputs }: LatticeCase): Outcome {
  const known = expectedOutcomes.get(operation) ?? referenceOutcome(operation, inputs);
  expectedOutcomes.set(operation, known);
  return known;
}

/**
 * Runs one case on one executor and compares with the reference. Gives the reason when the executor declares that it
 * does not run the operation, else null.
 */
export async function expectReferenceResult(
  executor: TestExecutor,
  { name, operation, inputs }: LatticeCase,
): Promise<string | null> {
  const support = executor.supports(
    operation,
    inputs.map(({ columns }) => columns.map(({ dtype }) => dtype)),
  );
  if (!support.ok) return support.reason;
  const expected = expectedOutcome({ name, operation, inputs });
  const actual = await outcomeOn(executor, operation, inputs);
  const difference = outcomeDifference(expected, actual);
  if (difference !== null) expect.fail(`${name} on ${executor.name}: ${difference}`);
  return null;
}

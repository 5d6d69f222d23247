// The physical plan: what will run, over how many partitions, on which devices and why. Plain frozen nodes. Every node
// gives an ordered list of `partitions` batches; the rows of the result are their rows, one after the other.

import type { Batch } from "../column/index.ts";
import type { Schema } from "../dtype/index.ts";
import type { CsvSource } from "../io/index.ts";
import type { PersistedHandle } from "../plan/index.ts";
import type { ExponentRangeOperation, Operation } from "./operation.ts";

/** Devices share the partitions, each taking what ends soonest there; `fallback` is for when none of them can go on. */
export interface Placement {
  readonly devices: readonly string[];
  readonly fallback: readonly string[];
  /** Why here, for people. */
  readonly reason: string;
}

interface PhysicalBase {
  readonly schema: Schema;
  readonly partitions: number;
  /** The logical operator that this node implements: "filter", "aggregate". */
  readonly operator: string;
  /** The node whose partitions these are, under other names: both run as that one. */
  readonly renames?: PhysicalPlan;
}

/** Batches that are already in host memory, cut into partitions. */
export interface ScanBatches extends PhysicalBase {
  readonly kind: "scanBatches";
  readonly batches: readonly Batch[];
  /** What each partition gets of the rows; null: the batches are the partitions. */
  readonly shares: readonly number[] | null;
  /** Positions of the needed columns in the batches. */
  readonly columns: readonly number[];
}

/** Partitions that an earlier query left on its devices. */
export interface ScanPersisted extends PhysicalBase {
  readonly kind: "scanPersisted";
  readonly handle: PersistedHandle;
}

/** One split of a CSV source a partition, decoded on the host. */
export interface ScanCsv extends PhysicalBase {
  readonly kind: "scanCsv";
  readonly source: CsvSource;
  readonly columns: readonly string[];
  readonly limit: number | null;
  readonly placement: Placement;
}

/** Runs an operation on partition i of the first input, with partition 0 of every other input beside it. */
export interface Apply extends PhysicalBase {
  readonly kind: "apply";
  readonly operation: Operation;
  readonly inputs: readonly PhysicalPlan[];
  readonly placement: Placement;
  /** What an error adds to the operation's own words: names of the input's columns. */
  readonly inputNames: readonly string[];
  /** Phase final of an aggregate: the partial node whose exact windows it shares. */
  readonly windowsOf?: ApplyPartialAggregate;
}

/**
 * Phase partial of an aggregate with sums of floats: `range` runs on every partition first, and the exact windows that
 * all partitions share follow from all of its results.
 */
export interface ApplyPartialAggregate extends PhysicalBase {
  readonly kind: "applyPartialAggregate";
  readonly operation: Extract<Operation, { kind: "aggregate" }>;
  readonly range: ExponentRangeOperation;
  readonly input: PhysicalPlan;
  readonly placement: Placement;
}

/** All partitions of the input as one. */
export interface Gather extends PhysicalBase {
  readonly kind: "gather";
  readonly input: PhysicalPlan;
  readonly placement: Placement;
}

/** The partitions of all inputs, in order. */
export interface Union extends PhysicalBase {
  readonly kind: "union";
  readonly inputs: readonly PhysicalPlan[];
}

/** The partitions of the input, as they are, once every check has turned out to be empty. */
export interface Guard extends PhysicalBase {
  readonly kind: "guard";
  readonly input: PhysicalPlan;
  readonly checks: readonly { readonly plan: PhysicalPlan; readonly message: string }[];
}

/** The rows of the input, cut anew into `partitions` runs of nearly equal length. */
export interface Split extends PhysicalBase {
  readonly kind: "split";
  readonly input: PhysicalPlan;
}

export type PhysicalPlan =
  | ScanBatches
  | ScanPersisted
  | ScanCsv
  | Apply
  | ApplyPartialAggregate
  | Gather
  | Split
  | Guard
  | Union;

export function physicalInputs(plan: PhysicalPlan): readonly PhysicalPlan[] {
  switch (plan.kind) {
    case "scanBatches":
    case "scanPersisted":
    case "scanCsv":
      return [];
    case "gather":
    case "split":
    case "applyPartialAggregate":
      return [plan.input];
    case "guard":
      return [plan.input, ...plan.checks.map((check) => check.plan)];
    default:
      return plan.inputs;
  }
}

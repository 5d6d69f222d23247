// The physical plan: what will run, over how many partitions, on which devices and why. Plain frozen nodes. Every node
// gives an ordered list of `partitions` batches; the rows of the result are their rows, one after the other.

import { assertNever } from "../base/index.ts";
import type { Batch } from "../column/index.ts";
import type { Schema } from "../dtype/index.ts";
import type { CsvSource } from "../io/index.ts";
import type { PersistedHandle } from "../plan/index.ts";
import type { DataSize } from "./device_costs.ts";
import type { ExchangeOperation, ExponentRangeOperation, Operation } from "./operation.ts";
import type { StageStep } from "./staged/step.ts";

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
  /** Positions of the columns in the persisted table, which are chosen where they are read; null: all. */
  readonly columns: readonly number[] | null;
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
  /** Phase final of an aggregate: the partial node whose exact windows it shares, or what that left of them. */
  readonly windowsOf?: ApplyPartialAggregate | HeldWindows;
}

/** Exponent ranges that an earlier stage measured, and the columns that they are of. */
export interface HeldWindows {
  readonly kind: "heldWindows";
  readonly ranges: PhysicalPlan;
  readonly columns: readonly number[];
  /** As the partial aggregate had it. */
  readonly rowBound: number;
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
  /** Windows hold that many rows, known or not: the final phase runs in another stage. Absent: as many as there are. */
  readonly rowBound?: number;
}

/** The exponent ranges that the partial aggregate measures. */
export interface Ranges extends PhysicalBase {
  readonly kind: "ranges";
  readonly of: ApplyPartialAggregate;
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

/** The rows of the input, cut anew into runs of nearly equal length. */
export interface Split extends PhysicalBase {
  readonly kind: "split";
  readonly input: PhysicalPlan;
  /** So many of each partition, however many the input turns out to have; null: `partitions` of all rows. */
  readonly runsEach: number | null;
}

/**
 * The rows of every partition, dealt out. Its partitions are the pieces: those of part 0 from every input partition in
 * order, then those of part 1.
 */
export interface Exchange extends PhysicalBase {
  readonly kind: "exchange";
  readonly operation: ExchangeOperation;
  readonly input: PhysicalPlan;
  /** Of a range route: one partition. */
  readonly splitters: PhysicalPlan | null;
  readonly placement: Placement;
}

/** Some partitions of the input. */
export interface Pick extends PhysicalBase {
  readonly kind: "pick";
  readonly input: PhysicalPlan;
  readonly indices: readonly number[];
}

/** Partitions that an earlier stage of the same query left. */
export interface Held extends PhysicalBase {
  readonly kind: "held";
  /** By partition. */
  readonly sizes: readonly DataSize[];
  /** Of all of them: asked for each part of thousands. */
  readonly size: DataSize;
}

/** Planned by planStage once the partitions of `inputs` are there and their sizes known: staged/README.md. */
export interface Deferred extends PhysicalBase {
  readonly kind: "deferred";
  readonly inputs: readonly PhysicalPlan[];
  /** What the plan will read besides, and what nothing is known of yet. */
  readonly later: readonly PhysicalPlan[];
  readonly step: StageStep;
  /** What it gives, at most, as far as can be told. */
  readonly estimate: DataSize;
  /** Why it waits, for people. */
  readonly reason: string;
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
  | Union
  | Ranges
  | Exchange
  | Pick
  | Held
  | Deferred;

export function physicalInputs(plan: PhysicalPlan): readonly PhysicalPlan[] {
  switch (plan.kind) {
    case "scanBatches":
    case "scanPersisted":
    case "scanCsv":
    case "held":
      return [];
    case "gather":
    case "split":
    case "pick":
    case "applyPartialAggregate":
      return [plan.input];
    case "guard":
      return [plan.input, ...plan.checks.map((check) => check.plan)];
    case "ranges":
      return [plan.of];
    case "exchange":
      return plan.splitters === null ? [plan.input] : [plan.input, plan.splitters];
    case "deferred":
      return [...plan.inputs, ...plan.later];
    case "apply":
      return plan.windowsOf?.kind === "heldWindows"
        ? [...plan.inputs, plan.windowsOf.ranges]
        : plan.inputs;
    case "union":
      return plan.inputs;
    default:
      return assertNever(plan);
  }
}

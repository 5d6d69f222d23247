// What a Deferred node will be planned as: plain data, so that a plan can be printed before it is known in full.

import type {
  AggregateCall,
  AggregateOperation,
  GroupRowsOperation,
  JoinOperation,
  SortKey,
} from "../operation.ts";
import type { HeldWindows } from "../plan.ts";

/**
 * Input 0: rows; input 1: a sample of them, of the columns that `keys` name, in that order. Gives `outputs` of the rows,
 * sorted.
 */
export interface SortStep {
  readonly kind: "sort";
  /** All of them together tell any two rows apart. */
  readonly keys: readonly SortKey[];
  /** So many of the last keys are the order that the rows have already: cuts need them, sorting does not. */
  readonly given: number;
  readonly outputs: readonly number[];
  readonly level: number;
  /** Only these rows of the order are wanted; null: all. */
  readonly window: RowWindow | null;
}

/** Rows [offset, offset + length). */
export interface RowWindow {
  readonly offset: number;
  readonly length: number;
}

/** Input 0: rows, dealt out to `parts` ranges of `keys`. */
export interface SortPartsStep extends Omit<SortStep, "kind"> {
  readonly kind: "sortParts";
  readonly parts: number;
}

/**
 * Input 0: the partial groups (phase final) or the rows (phase complete) with their numbers in the last column; input 1,
 * if there is one: the exponent ranges of `windows.columns`.
 */
export interface AggregateStep {
  readonly kind: "aggregate";
  readonly operation: AggregateOperation;
  readonly windows: Pick<HeldWindows, "columns" | "rowBound"> | null;
  /** Groups in order of first appearance; otherwise in any. */
  readonly ordered: boolean;
}

/** Input 0: the same, dealt out to `parts` by key. Gives the groups, and the numbers of their first rows last. */
export interface AggregatePartsStep extends Omit<AggregateStep, "kind"> {
  readonly kind: "aggregateParts";
  readonly parts: number;
  readonly level: number;
}

/**
 * Input 0: rows with their numbers in the last column; input 1: the keys with too many rows for one task, each twice, with a
 * number below and one above those of all rows, in order. Gives what AggregatePartsStep gives.
 */
export interface HeavyKeysStep {
  readonly kind: "heavyKeys";
  readonly operation: AggregateOperation;
}

/** Input 0: the same rows, dealt out to `parts`: those between two heavy keys, those of one, and so on in turns. */
export interface HeavyKeyPartsStep {
  readonly kind: "heavyKeyParts";
  readonly operation: AggregateOperation;
  readonly parts: number;
}

export type QuantileCall = Extract<AggregateCall, { readonly kind: "quantile" }>;

/** Input 0: values without nulls, and the numbers of their rows; input 1: a sample of them. Gives one row, a column a call. */
export interface QuantilesStep {
  readonly kind: "quantiles";
  readonly calls: readonly QuantileCall[];
}

/** Input 0: rows with their numbers in the last column. */
export interface GroupRowsStep {
  readonly kind: "groupRows";
  readonly operation: GroupRowsOperation;
}

/** Input 0: the same, dealt out to `parts` by key. */
export interface GroupRowsPartsStep extends Omit<GroupRowsStep, "kind"> {
  readonly kind: "groupRowsParts";
  readonly parts: number;
  readonly level: number;
}

/** Input 0: the right side; later input 0: the left side. Both have their rows' numbers in the last column. */
export interface JoinStep {
  readonly kind: "join";
  readonly operation: JoinOperation;
}

/** Inputs: the left and the right side, dealt out to `parts` by key. Gives rows in any order, and their numbers. */
export interface JoinPartsStep {
  readonly kind: "joinParts";
  /** Gives the rows' numbers as well. */
  readonly operation: JoinOperation;
  readonly parts: number;
  readonly level: number;
}

/** Input 0: some rows of it. */
export interface SliceStep extends RowWindow {
  readonly kind: "slice";
}

/** Input 0: rows, which are cut anew into so many partitions of nearly equal length, or more where these are too large. */
export interface RepartitionStep {
  readonly kind: "repartition";
  readonly partitions: number;
}

export type StageStep =
  | SortStep
  | SortPartsStep
  | AggregateStep
  | AggregatePartsStep
  | HeavyKeysStep
  | HeavyKeyPartsStep
  | QuantilesStep
  | GroupRowsStep
  | GroupRowsPartsStep
  | JoinStep
  | JoinPartsStep
  | RepartitionStep
  | SliceStep;

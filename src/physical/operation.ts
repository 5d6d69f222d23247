// What an executor can be asked to do: one operation over the columns of whole partitions, as plain data. Columns are
// positions; there are no names. The contract of each operation, which every executor keeps bit for bit, is
// kernels/<kind>/README.md.

import type { DType } from "../dtype/index.ts";
import type { AggregateCall, Monoid, Program } from "../ir/index.ts";

export type { AggregateCall, ExactWindow, Interpolation, Monoid } from "../ir/index.ts";

/** One input. Keeps row order. Output columns are the program's outputs; with a predicate, only rows where it holds. */
export interface EvaluateOperation {
  readonly kind: "evaluate";
  readonly program: Program;
}

/**
 * One input. Groups in order of first appearance; without keys exactly one group, even of no rows.
 * complete: keys, then one column a call.      partial: keys, then one state column a monoid.
 * final: the input is a partial output (several ones, concatenated in partition order); gives what complete gives.
 */
export interface AggregateOperation {
  readonly kind: "aggregate";
  readonly phase: "complete" | "partial" | "final";
  readonly keys: readonly number[];
  readonly monoids: readonly Monoid[];
  readonly calls: readonly AggregateCall[];
  /** Dtypes of the calls' output columns. */
  readonly dtypes: readonly DType[];
  /** Printed form of each call, for errors. */
  readonly texts: readonly string[];
  readonly dropNullKeys: boolean;
  /** Never of phase final. */
  readonly mask?: Mask;
  /**
   * Its input's rows are not the aggregate's: they were folded or dealt out before. An error that would name one is nothing
   * for the user (execution/part_overflow.ts).
   */
  readonly isPart?: true;
}

/**
 * A bool column of the input, without nulls: the operation runs as if the input had only the rows where it is true. What
 * the other rows hold does not matter.
 */
export type Mask = number | undefined;

/** One input; one row: for each column (float64) its exponent bounds as two int32 columns, low then high. */
export interface ExponentRangeOperation {
  readonly kind: "exponentRange";
  readonly columns: readonly number[];
  readonly mask?: Mask;
}

export type JoinHow = "inner" | "left" | "right" | "full" | "semi" | "anti";

/** Two inputs, left and right. Keys pair up by position and have equal dtypes. Output: left columns, then right ones. */
export interface JoinOperation {
  readonly kind: "join";
  readonly how: JoinHow;
  readonly leftKeys: readonly number[];
  readonly rightKeys: readonly number[];
  readonly nullEquals: boolean;
  /** A hint of the optimizer; the result and its order do not depend on it. */
  readonly buildSide: "left" | "right";
  readonly leftOutputs: readonly number[];
  /** Empty for semi and anti. */
  readonly rightOutputs: readonly number[];
  /** Absent: as many rows as come of it. */
  readonly bound?: JoinBound | undefined;
}

/** More than so many rows are refused with JoinTooLarge before they are made, unless both sides have as many together. */
export interface JoinBound {
  readonly rows: number;
  /** Which join of the query it is: the number of joins that were planned before it. */
  readonly join: number;
}

export interface SortKey {
  readonly column: number;
  readonly descending: boolean;
  readonly nulls: "first" | "last";
}

/** One input. Stable. `limit`: only the first so many rows of the sorted order. */
export interface SortOperation {
  readonly kind: "sort";
  readonly keys: readonly SortKey[];
  readonly limit: number | null;
}

/**
 * One input. Of each group the first (last) `count` rows in the order of `order`, in which equal rows keep row order; the
 * output keeps row order.
 */
export interface GroupRowsOperation {
  readonly kind: "groupRows";
  readonly keys: readonly number[];
  readonly order: readonly SortKey[];
  readonly count: number;
  readonly end: "first" | "last";
  readonly dropNullKeys: boolean;
}

/** One input: rows [offset, offset + length), clamped. */
export interface SliceOperation {
  readonly kind: "slice";
  readonly offset: number;
  readonly length: number;
}

/** One or more inputs of the same dtypes, one after the other. */
export interface ConcatOperation {
  readonly kind: "concat";
}

/** One input: all its columns, then an int64 column, partition * 2^32 + row. Ascends over the partitions of a node. */
export interface NumberRowsOperation {
  readonly kind: "numberRows";
  /** Filled in by the expansion into tasks. */
  readonly partition: number;
}

/** One input: at most `count` of its rows, evenly spaced, in order. */
export interface SampleOperation {
  readonly kind: "sample";
  readonly count: number;
}

export type Operation =
  | EvaluateOperation
  | AggregateOperation
  | ExponentRangeOperation
  | JoinOperation
  | SortOperation
  | GroupRowsOperation
  | SliceOperation
  | ConcatOperation
  | NumberRowsOperation
  | SampleOperation;
export type OperationKind = Operation["kind"];

/**
 * Where an exchange sends a row. `hash`: equal keys to one part; another seed deals the rows of a part out anew.
 * `range`: to the run between two splitters, which are the second input, with a column a key.
 */
export type ExchangeRoute =
  | {
      readonly kind: "hash";
      readonly keys: readonly number[];
      readonly seed: number;
      /** Rows with a null among their keys go anywhere: they match nothing. */
      readonly spreadNulls: boolean;
    }
  | { readonly kind: "range"; readonly keys: readonly SortKey[] };

/** One partition in, `parts` out; the rows of a part keep their order. On hosts only; no other operation has several results. */
export interface ExchangeOperation {
  readonly kind: "exchange";
  readonly parts: number;
  readonly route: ExchangeRoute;
}

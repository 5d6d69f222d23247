// What the benchmark asks of an engine. All engines run in this one process, in turns.
import type { Dataset } from "../data/dataset.ts";
import type { Question } from "../questions/question.ts";

export interface Engine {
  /** Short and stable: the key in options and in the JSON. */
  readonly id: string;
  /** For people: name and version, adapter. */
  readonly label: string;
  /** A software adapter says nothing about a GPU; its times are shown apart. */
  readonly software: boolean;
  /** Promises the same bits as every other engine that promises it. */
  readonly exact: boolean;
  /** Brings the tables into memory; not timed. */
  load(dataset: Dataset): Promise<void>;
  /** What this engine does for the question, or why it cannot. */
  prepare(question: Question): Runnable | Unsupported;
  /** Gives up the tables. */
  unload(): Promise<void>;
  close(): Promise<void>;
}

export interface Runnable {
  readonly kind: "runnable";
  /** The timed part: from loaded tables to a whole, materialized result. */
  run(): Promise<Result>;
}

export interface Unsupported {
  readonly kind: "unsupported";
  readonly reason: string;
}

/** A materialized result, as far as it is needed to see that two engines agree. */
export interface Result {
  rowCount(): Promise<number>;
  /** The sum of a numeric column, nulls left out. */
  sum(column: string): Promise<number>;
  /** Values of a numeric column at row numbers. */
  valuesAt(column: string, rows: readonly number[]): Promise<(number | null)[]>;
}

export const unsupported = (reason: string): Unsupported => ({ kind: "unsupported", reason });

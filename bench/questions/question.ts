// One question, put to each engine in its own words.
import type { DataFrame, RunOptions, Table } from "gpudataframe";
import type { PolarsLazyFrame, PolarsModule } from "../engines/polars_types.ts";

export type TaskName = "groupby" | "join" | "scan";

export interface Question {
  /** `groupby q1` and so on: unique. */
  readonly id: string;
  readonly title: string;
  /** Numeric columns of the result whose sums all engines must agree on. */
  readonly sums: readonly string[];
  /** Numeric columns whose values at fixed rows must agree: set where the order is the point. */
  readonly probes?: readonly string[];
  readonly ask: ReadQuestion | FrameQuestion;
}

/** Reading a file from disk into memory, types inferred. */
export interface ReadQuestion {
  readonly kind: "read";
  readonly table: string;
}

/** Tables in memory to a new table in memory. */
export interface FrameQuestion {
  readonly kind: "frame";
  readonly duckdb: string;
  readonly polars: (tables: PolarsTables, pl: PolarsModule) => PolarsLazyFrame;
  /** `null` where the API has no way to say it yet. */
  readonly gpudataframe: ((tables: OwnTables) => OwnAnswer) | null;
}

// biome-ignore-start lint/suspicious/noExplicitAny: the schema is known only to the dataset.
export type OwnFrame = DataFrame<any>;
export type OwnTable = Table<any>;
// biome-ignore-end lint/suspicious/noExplicitAny: see above.

/** A frame of any schema, as far as it is measured. */
export interface OwnAnswer {
  compute(options?: RunOptions): Promise<OwnTable>;
}

export type OwnTables = Readonly<Record<string, OwnFrame>>;
export type PolarsTables = Readonly<Record<string, PolarsLazyFrame>>;

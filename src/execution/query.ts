// What a DataFrame asks of a session, and what it gets.

import type { Batch } from "../column/index.ts";
import type { Schema } from "../dtype/index.ts";
import type { CsvFormatter, CsvReject, CsvSampler } from "../io/index.ts";
import type { Engine } from "../physical/index.ts";
import type { LogicalPlan, PersistedHandle } from "../plan/index.ts";
import type { Progress } from "./progress.ts";
import type { TaskReport } from "./task_report.ts";

export interface RunOptions {
  readonly engine?: Engine | undefined;
  /** Fail instead of running an operation on another kind of device. */
  readonly strict?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface QueryResult {
  readonly schema: Schema;
  /** One batch: the whole result, in order. */
  readonly batches: readonly Batch[];
  /** Lines of files that were left out, with onError "skip" or "null". */
  readonly rejects: readonly CsvReject[];
}

/** A part of a result. */
export interface StreamedBatch {
  readonly schema: Schema;
  readonly batch: Batch;
  /** Lines of files that were left out so far and that no earlier batch told of. */
  readonly rejects: readonly CsvReject[];
}

export interface ProfiledResult extends QueryResult {
  readonly tasks: readonly TaskReport[];
  readonly totals: {
    readonly ms: number;
    readonly bytesUploaded: number;
    /** What came to the host behind the task that made it included, as the result: tasks do not tell of that. */
    readonly bytesDownloaded: number;
  };
}

/** What was written. */
export interface WriteReport {
  readonly rows: number;
  /** Lines of files that were left out, under `onError: "skip"` and `"null"`, of each file in its order. */
  readonly rejects: readonly CsvReject[];
}

/** What persist() kept, and the lines of files that were left out on the way. */
export interface PersistReport {
  readonly handle: PersistedHandle;
  readonly rejects: readonly CsvReject[];
}

export type StreamWriter = (schema: Schema, batches: AsyncIterable<Batch>) => Promise<void>;

/** What a DataFrame needs of a session. */
export interface QueryRunner {
  /** Makes the text that writeCsv writes, on the host's threads. */
  readonly csvFormatter: CsvFormatter;
  /** Looks at the first records of a file for readCsv. */
  readonly csvSampler: CsvSampler;
  run(plan: LogicalPlan, options?: RunOptions): Promise<QueryResult>;
  /**
   * The result in parts, in order, each as soon as it is there and few of them ahead of the consumer, whose return or
   * throw ends the query.
   */
  stream(plan: LogicalPlan, options?: RunOptions): AsyncGenerator<StreamedBatch, void, undefined>;
  /** Gives the stream to a writer; to be called again, with another schema, where a file contradicts its sample late. */
  write(plan: LogicalPlan, options: RunOptions, writer: StreamWriter): Promise<WriteReport>;
  profile(plan: LogicalPlan, options?: RunOptions): Promise<ProfiledResult>;
  /** Leaves the result's partitions where they were computed. */
  persist(plan: LogicalPlan, options?: RunOptions): Promise<PersistReport>;
  unpersist(handle: PersistedHandle): Promise<void>;
  explain(plan: LogicalPlan, options?: RunOptions): string;
}

// What actions give besides tables, and the type of any frame.

import type { ProfiledResult } from "../execution/index.ts";
import type { CsvReject } from "../io/index.ts";
import type { DataFrame } from "./data_frame.ts";
import type { SchemaShape } from "./schema_types.ts";
import type { Table } from "./table.ts";

/** What profile() gives: the result, and what each task took. */
export interface ProfileReport<S = SchemaShape> {
  readonly table: Table<S>;
  readonly tasks: ProfiledResult["tasks"];
  readonly totals: ProfiledResult["totals"];
}

/** What persist() gives: a frame that frees its data at the end of an `await using` (or `using`) block. */
export type PersistedDataFrame<S = SchemaShape> = DataFrame<S> &
  AsyncDisposable &
  Disposable & {
    /** Lines of files that were left out, under `onError: "skip"` and `"null"`. */
    readonly rejects: readonly CsvReject[];
  };

/**
 * A frame whatever its columns: what a function takes and gives that works on all frames. Any frame fits, and it fits
 * wherever a frame of known columns is expected; names are checked at run time.
 *
 * ```ts
 * const late = (frame: AnyDataFrame) => frame.filter(col("delay").gt(15));
 * flights.pipe(late).groupBy("origin");
 * ```
 * A function that keeps what is known is generic: `<S extends { delay: "int64" }>(frame: DataFrame<S>) => DataFrame<S>`.
 */
// biome-ignore lint/suspicious/noExplicitAny: DataFrame is invariant in S, and only `any` is related to every S both ways
export type AnyDataFrame = DataFrame<any>;

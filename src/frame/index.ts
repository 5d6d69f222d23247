export * from "./build.ts";
export {
  type AnyDataFrame,
  DataFrame,
  type PersistedDataFrame,
  type ProfileReport,
  type StreamOptions,
} from "./data_frame.ts";
export { GroupBy, type GroupByOptions, type RankBy, type RankOptions } from "./group_by.ts";
export type { JoinCross, JoinLeftRight, JoinOn, JoinSettings } from "./join_arguments.ts";
export type * from "./schema_types.ts";
export { Series } from "./series.ts";
export { Session } from "./session.ts";
export type { SortBy, SortKey, SortSettings } from "./sort_arguments.ts";
export { Table } from "./table.ts";

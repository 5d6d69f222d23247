// Queries whose working sets are many times the budget, over files that are read again for every one of them.
import { type AnyDataFrame, col, count, type Session } from "gpudataframe";

export interface Query {
  readonly label: string;
  of(input: Input, session: Session): Promise<AnyDataFrame>;
}

export interface Input extends Files {
  /** How often the left file makes twenty times the budget. */
  readonly copies: number;
}

export interface Files {
  /** key (every row its own, in no order), few (a tenth as many), value. */
  readonly left: string;
  /** key (the same, in another order), weight. */
  readonly right: string;
}

const types = { key: "int64", few: "int64", value: "float64", weight: "float64" } as const;

export const queries: Readonly<Record<string, Query>> = {
  groups: {
    label: "group-by, as many groups as rows",
    of: async ({ left }, session) =>
      (await session.readCsv(left, { schema: pick("key", "few", "value") }))
        .groupBy("key")
        .agg({ n: count(), total: col("value").sum() }),
  },
  repeated: {
    label: "group-by, a tenth as many groups",
    of: async ({ left }, session) =>
      (await session.readCsv(left, { schema: pick("key", "few", "value") }))
        .groupBy("few")
        .agg({ n: count(), total: col("value").sum(), middle: col("value").median() }),
  },
  distinct: {
    label: "distinct",
    of: async ({ left }, session) =>
      (await session.readCsv(left, { schema: pick("key", "few", "value") })).distinct(["few"]),
  },
  join: {
    label: "join, every row with one partner",
    of: async ({ left, right }, session) =>
      (await session.readCsv(left, { schema: pick("key", "few", "value") })).join(
        await session.readCsv(right, { schema: pick("key", "weight") }),
        { on: "key" },
      ),
  },
  sort: {
    label: "sort by two keys",
    of: async ({ left }, session) =>
      (await session.readCsv(left, { schema: pick("key", "few", "value") })).sort([
        { by: "value", descending: true },
        { by: "key" },
      ]),
  },
  longSort: {
    label: "sort of twenty times the budget",
    of: async ({ left, copies }, session) => {
      const once = await session.readCsv(left, { schema: pick("key", "few", "value") });
      let all = once;
      for (let copy = 1; copy < copies; copy++) all = all.concat(once);
      return all.sort([{ by: "value", descending: true }, { by: "key" }]);
    },
  },
};

/** Of a row of the left file as columns. */
export const LEFT_ROW_BYTES = 24;

function pick<const N extends keyof typeof types>(...names: readonly N[]) {
  return Object.fromEntries(names.map((name) => [name, types[name]])) as {
    [K in N]: (typeof types)[K];
  };
}

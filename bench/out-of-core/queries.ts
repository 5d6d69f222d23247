// Queries whose working sets are many times the budget, over files that are read again for every one of them: each once,
// in the words of both engines.
import { type AnyDataFrame, col, count, type Session } from "gpudataframe";

export interface Query {
  readonly label: string;
  of(input: Input, session: Session): Promise<AnyDataFrame>;
  /** The same rows, in any order where none is asked for. */
  duckdb(input: Input): string;
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
    duckdb: (input) => `SELECT key, count(*) n, sum(value) total FROM ${left(input)} GROUP BY key`,
  },
  repeated: {
    label: "group-by, a tenth as many groups",
    of: async ({ left }, session) =>
      (await session.readCsv(left, { schema: pick("key", "few", "value") }))
        .groupBy("few")
        .agg({ n: count(), total: col("value").sum(), middle: col("value").median() }),
    duckdb: (input) =>
      `SELECT few, count(*) n, sum(value) total, median(value) middle FROM ${left(input)} GROUP BY few`,
  },
  distinct: {
    label: "distinct, whole rows by one column",
    of: async ({ left }, session) =>
      (await session.readCsv(left, { schema: pick("key", "few", "value") })).distinct(["few"]),
    duckdb: (input) => `SELECT DISTINCT ON (few) * FROM ${left(input)}`,
  },
  join: {
    label: "join, every row with one partner",
    of: async ({ left, right }, session) =>
      (await session.readCsv(left, { schema: pick("key", "few", "value") })).join(
        await session.readCsv(right, { schema: pick("key", "weight") }),
        { on: "key" },
      ),
    duckdb: (input) =>
      `SELECT l.*, r.weight FROM ${left(input)} l JOIN ${right(input)} r ON l.key = r.key`,
  },
  sort: {
    label: "sort by two keys",
    of: async ({ left }, session) =>
      (await session.readCsv(left, { schema: pick("key", "few", "value") })).sort([
        { by: "value", descending: true },
        { by: "key" },
      ]),
    duckdb: (input) => `SELECT * FROM ${left(input)} ORDER BY value DESC, key`,
  },
  longSort: {
    label: "sort of twenty times the budget",
    of: async ({ left, copies }, session) => {
      const once = await session.readCsv(left, { schema: pick("key", "few", "value") });
      let all = once;
      for (let copy = 1; copy < copies; copy++) all = all.concat(once);
      return all.sort([{ by: "value", descending: true }, { by: "key" }]);
    },
    duckdb: (input) => {
      const all = Array.from({ length: input.copies }, () => `SELECT * FROM ${left(input)}`);
      return `SELECT * FROM (${all.join(" UNION ALL ")}) ORDER BY value DESC, key`;
    },
  },
};

export function queryOf(name: string | undefined): Query {
  const query = name === undefined ? undefined : queries[name];
  if (query === undefined) throw new Error(`${name} is no query`);
  return query;
}

/** From the last arguments of a child: `argumentsOf`. */
export function inputOf([left, right, copies]: readonly string[]): Input {
  if (!left || !right || !copies) throw new Error("started by main.ts");
  return { left, right, copies: Number(copies) };
}

export function argumentsOf({ left, right, copies }: Input): string[] {
  return [left, right, String(copies)];
}

function left({ left }: Input): string {
  return `read_csv('${left}', columns = {'key': 'BIGINT', 'few': 'BIGINT', 'value': 'DOUBLE'}, header = true)`;
}

function right({ right }: Input): string {
  return `read_csv('${right}', columns = {'key': 'BIGINT', 'weight': 'DOUBLE'}, header = true)`;
}

/** Of a row of the left file as columns. */
export const LEFT_ROW_BYTES = 24;

function pick<const N extends keyof typeof types>(...names: readonly N[]) {
  return Object.fromEntries(names.map((name) => [name, types[name]])) as {
    [K in N]: (typeof types)[K];
  };
}

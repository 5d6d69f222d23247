// Random queries through the public API: random tables, and a chain of random operators over them. A step is plain data,
// so that a counterexample shrinks step by step; it names columns by number and by the roles of expressions.ts, which
// become columns of the frame that it meets. A step that does not fit (names that clash, uint64 with int64) is left out.

import fc from "fast-check";
import { DataFrameError } from "../../src/base/index.ts";
import type { Batch } from "../../src/column/index.ts";
import {
  BOOL,
  commonDType,
  DATE,
  type DType,
  dtypeName,
  type Field,
  FLOAT64,
  INT32,
  INT64,
  isFloat,
  isInteger,
  Schema,
  STRING,
  timestamp,
} from "../../src/dtype/index.ts";
import type { QueryRunner } from "../../src/execution/index.ts";
import { type AnyExpr, Expr, type ExprNode, substituteColumns } from "../../src/expr/index.ts";
import { exprText } from "../../src/function/index.ts";
import { type AnyDataFrame, count, DataFrame, lit } from "../../src/index.ts";
import { scanTable } from "../../src/plan/index.ts";
import { bounded } from "../lattice/bounds.ts";
import { ALL_DTYPES } from "../lattice/dtypes.ts";
import { poisoned } from "../lattice/poison.ts";
import { type ColumnShape, randomBatch } from "../lattice/random.ts";
import { type Dialect, EXPRESSION_SCHEMA, expressions, sqlExpressions } from "./expressions.ts";

export type AnyFrame = AnyDataFrame;

/** Names that have broken dataframes before, and plain ones. */
const NAMES = ["a", "b", "a_right", "__proto__", "", "constructor", 'say "x"', "d e", "f", "g"];

export interface RandomTable {
  readonly seed: number;
  /** Rows of each batch. */
  readonly rows: readonly number[];
  readonly columns: readonly ColumnShape[];
}

export interface RandomQuery {
  readonly dialect: Dialect;
  readonly tables: readonly [RandomTable, RandomTable];
  readonly steps: readonly Step[];
}

type Step =
  | { readonly kind: "filter"; readonly predicate: AnyExpr }
  | { readonly kind: "withColumns"; readonly values: readonly AnyExpr[]; readonly names: number[] }
  | { readonly kind: "select"; readonly picks: number[]; readonly value: AnyExpr }
  | {
      readonly kind: "groupBy";
      readonly picks: number[];
      readonly key: AnyExpr | null;
      readonly calls: readonly Call[];
      readonly sort: boolean;
      readonly dropNulls: boolean;
    }
  | {
      readonly kind: "join";
      readonly how: (typeof HOWS)[number];
      readonly self: boolean;
      readonly picks: number[];
      readonly by: "on" | "names" | "cross";
      readonly nullEquals: boolean;
    }
  | {
      readonly kind: "sort";
      readonly keys: readonly {
        readonly pick: number;
        readonly descending: boolean;
        readonly nulls: "first" | "last";
      }[];
    }
  | {
      readonly kind: "groupRows";
      readonly picks: number[];
      readonly rank: number;
      readonly take: "head" | "tail" | "topK" | "bottomK";
      readonly count: number;
      readonly nulls: "first" | "last";
      readonly dropNulls: boolean;
    }
  | { readonly kind: "slice"; readonly offset: number; readonly length: number }
  | { readonly kind: "distinct"; readonly picks: number[] }
  | { readonly kind: "concat"; readonly predicate: AnyExpr | null }
  | { readonly kind: "repartition"; readonly partitions: number };

interface Call {
  readonly function: string;
  readonly pick: number;
}

const HOWS = ["inner", "left", "right", "full", "semi", "anti"] as const;
const picks = (maxLength: number) => fc.array(fc.nat(20), { maxLength });

/** Aggregates, by what they take. */
const ANY_CALLS = ["count", "nUnique", "first", "last", "min", "max"];
const NUMBER_CALLS = ["sum", "mean", "var", "std", "median"];
const SQL_CALLS = ["count", "nUnique", "first", "last", "min", "max", "sum", "mean"];

const anyShape: fc.Arbitrary<ColumnShape> = fc.record({
  dtype: fc.constantFrom(...ALL_DTYPES),
  nullRatio: fc.constantFrom(0, 0.1, 0.5, 1),
  distinct: fc.constantFrom(1, 3, 20, 1000),
  tame: fc.boolean(),
  plain: fc.boolean(),
});
const sqlShape: fc.Arbitrary<ColumnShape> = fc.record({
  dtype: fc.constantFrom<DType>(BOOL, INT32, INT64, FLOAT64, STRING, DATE, timestamp("us")),
  nullRatio: fc.constantFrom(0, 0.1, 0.5),
  distinct: fc.constantFrom(3, 20, 1000),
  tame: fc.constant(true),
});

function steps(dialect: Dialect): fc.Arbitrary<Step> {
  const { number, bool, text, instant } = dialect === "all" ? expressions : sqlExpressions;
  const value = fc.oneof(number, bool, text, instant);
  const calls = dialect === "all" ? [...ANY_CALLS, ...NUMBER_CALLS, "any", "all"] : SQL_CALLS;
  const step = <K extends Step["kind"], F extends object>(kind: K, fields: F) =>
    fc.record({ kind: fc.constant(kind), ...fields });
  return fc.oneof(
    step("filter", { predicate: bool }),
    step("withColumns", {
      values: fc.array(value, { minLength: 1, maxLength: 3 }),
      names: fc.array(fc.nat(NAMES.length - 1), { minLength: 3, maxLength: 3 }),
    }),
    step("select", { picks: picks(4), value }),
    step("groupBy", {
      picks: picks(2),
      key: fc.option(value, { freq: 4 }),
      calls: fc.array(fc.record({ function: fc.constantFrom(...calls), pick: fc.nat(20) }), {
        minLength: 1,
        maxLength: 4,
      }),
      sort: fc.boolean(),
      dropNulls: fc.boolean(),
    }),
    step("join", {
      how: fc.constantFrom(...HOWS),
      self: fc.boolean(),
      picks: fc.array(fc.nat(20), { minLength: 1, maxLength: 2 }),
      by: fc.constantFrom("on" as const, "on" as const, "names" as const, "cross" as const),
      nullEquals: fc.boolean(),
    }),
    step("sort", {
      keys: fc.array(
        fc.record({
          pick: fc.nat(20),
          descending: fc.boolean(),
          nulls: fc.constantFrom("first" as const, "last" as const),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    }),
    step("groupRows", {
      picks: fc.array(fc.nat(20), { minLength: 1, maxLength: 2 }),
      rank: fc.nat(20),
      take: fc.constantFrom("head", "tail", "topK", "bottomK"),
      count: fc.constantFrom(0, 1, 2, 5, 40),
      nulls: fc.constantFrom("first", "last"),
      dropNulls: fc.boolean(),
    }),
    step("slice", { offset: fc.nat(40), length: fc.nat(200) }),
    step("distinct", { picks: picks(2) }),
    step("concat", { predicate: fc.option(bool) }),
    step("repartition", { partitions: fc.integer({ min: 1, max: 5 }) }),
  ) as fc.Arbitrary<Step>;
}

/** A query; a counterexample shows what it was made from, and seeds in the place of values. */
export function randomQueries(dialect: Dialect): fc.Arbitrary<RandomQuery> {
  const shape = dialect === "all" ? anyShape : sqlShape;
  const many = fc.nat(dialect === "all" ? 1500 : 200);
  const rowCount = fc.oneof({ arbitrary: fc.nat(70), weight: 11 }, { arbitrary: many, weight: 1 });
  const table = (rows: fc.Arbitrary<number>, batches: number): fc.Arbitrary<RandomTable> =>
    fc.record({
      seed: fc.nat(),
      rows: fc.array(rows, { minLength: 1, maxLength: batches }),
      columns: fc.array(shape, { minLength: 1, maxLength: 7 }),
    });
  return fc
    .record({
      dialect: fc.constant(dialect),
      tables: fc.tuple(table(rowCount, dialect === "all" ? 2 : 1), table(fc.nat(40), 1)),
      steps: fc.array(steps(dialect), { minLength: 1, maxLength: 7 }),
    })
    .map((query) =>
      Object.assign(query, { [fc.toStringMethod]: () => JSON.stringify(query, readable) }),
    );
}

function readable(_: string, value: unknown): unknown {
  if (value instanceof Expr) return exprText(value.node);
  const isDType = typeof value === "object" && value !== null && "kind" in value;
  return isDType && ALL_DTYPES.includes(value as DType) ? dtypeName(value as DType) : value;
}

/** The query over frames of the runner, and how many of its steps fitted. */
export function buildQuery(
  runner: QueryRunner,
  { dialect, tables, steps }: RandomQuery,
): { readonly frame: AnyFrame; readonly steps: number } {
  const [first, other] = tables.map((table) => frameOf(runner, table)) as [AnyFrame, AnyFrame];
  let frame = first;
  let fitted = 0;
  for (const step of steps) {
    try {
      frame = applyStep(frame, other, step, dialect);
      fitted += 1;
    } catch (error) {
      if (!(error instanceof DataFrameError)) throw error;
    }
  }
  return { frame, steps: fitted };
}

const MOST_REMEMBERED = 500;
const tables = new Map<string, readonly Batch[]>();

/** The same batches for the same table: half of the time of a case is making its data. */
function batchesOf(table: RandomTable): readonly Batch[] {
  const { seed, rows, columns } = table;
  const key = JSON.stringify(table);
  const batches =
    tables.get(key) ??
    rows.map((count, index) => bounded(poisoned(randomBatch(seed + index, count, columns))));
  if (tables.size >= MOST_REMEMBERED) tables.clear();
  tables.set(key, batches);
  return batches;
}

function frameOf(runner: QueryRunner, table: RandomTable): AnyFrame {
  const { columns } = table;
  const schema = new Schema(
    columns.map(({ dtype }, index): Field => ({ name: NAMES[index] as string, dtype })),
  );
  return new DataFrame(scanTable({ schema, batches: batchesOf(table) }), runner);
}

/** Joins multiply rows: what stands above two of them is cut to so many first. */
const MOST_JOINED_ROWS = 300;

function applyStep(frame: AnyFrame, other: AnyFrame, step: Step, dialect: Dialect): AnyFrame {
  const names: readonly string[] = frame.columns;
  const name = (pick: number) => names[pick % names.length] as string;
  const bound = (expr: AnyExpr) => new Expr(overColumns(expr.node, frame.schema)) as AnyExpr;
  switch (step.kind) {
    case "filter":
      return frame.filter(bound(step.predicate));
    case "withColumns":
      return frame.withColumns(
        Object.fromEntries(
          step.values.map((value, index) => [NAMES[step.names[index] as number], bound(value)]),
        ),
      );
    case "select":
      return frame.select(...new Set(step.picks.map(name)), bound(step.value).as("e"));
    case "groupBy": {
      const keys = [...new Set(step.picks.map(name))];
      const aggregates = step.calls.map(({ function: call, pick }, index) => [
        `x${index}`,
        call === "count" && pick % 2 === 0
          ? count()
          : aggregateOf(frame.schema, call, name(pick), dialect),
      ]);
      const spec = Object.fromEntries(aggregates);
      const all = step.key === null ? keys : [...keys, bound(step.key).as("k")];
      if (all.length === 0) return frame.agg(spec);
      return frame.groupBy(all, { sort: step.sort, dropNulls: step.dropNulls }).agg(spec);
    }
    case "join": {
      const left = frame.limit(MOST_JOINED_ROWS);
      const right: AnyFrame = step.self ? frame.slice(1, 40) : other;
      const { how, nullEquals } = step;
      if (step.by === "cross") return left.limit(20).join(right, { how: "cross" });
      const fits = (leftName: string, rightName: string) =>
        commonDType(frame.schema.dtypeOf(leftName), right.schema.dtypeOf(rightName)) !== null;
      if (step.by === "on") {
        const shared = names.filter(
          (candidate) => right.schema.has(candidate) && fits(candidate, candidate),
        );
        const on = [...new Set(step.picks.map((pick) => shared[pick % shared.length] ?? ""))];
        return left.join(right, { on, how, nullEquals } as never);
      }
      const leftOn = step.picks.map(name);
      const rightOn = step.picks.map((pick, index) => {
        const possible = right.schema.names.filter((other) => fits(leftOn[index] as string, other));
        return possible[(pick >> 1) % possible.length] ?? "";
      });
      return left.join(right, { leftOn, rightOn, how, nullEquals } as never);
    }
    case "sort":
      return frame.sort(
        step.keys.map(({ pick, descending, nulls }) => ({ by: name(pick), descending, nulls })),
      );
    case "groupRows": {
      const groups = frame.groupBy(step.picks.map(name), { dropNulls: step.dropNulls });
      if (step.take === "head" || step.take === "tail") return groups[step.take](step.count);
      return groups[step.take](step.count, name(step.rank), { nulls: step.nulls });
    }
    case "slice":
      return frame.slice(step.offset, step.length);
    case "distinct":
      return step.picks.length === 0 ? frame.distinct() : frame.distinct(step.picks.map(name));
    case "concat":
      return frame.concat(step.predicate === null ? frame : frame.filter(bound(step.predicate)));
    case "repartition":
      return frame.repartition({ partitions: step.partitions });
  }
}

/** The aggregate where the column has a dtype for it, else the nearest that takes anything. */
function aggregateOf(schema: Schema, call: string, name: string, dialect: Dialect): AnyExpr {
  const dtype = schema.dtypeOf(name);
  const column: AnyExpr = new Expr({ kind: "column", name });
  // DuckDB adds floats in an order of its own, and rounds at every step.
  const isNumber = isInteger(dtype) || (isFloat(dtype) && dialect === "all");
  const fits =
    ANY_CALLS.includes(call) ||
    (NUMBER_CALLS.includes(call) && isNumber) ||
    (["any", "all"].includes(call) && dtype.kind === "bool");
  return column[(fits ? call : "last") as "last"]();
}

/** A role becomes a column of its class, a literal where there is none. */
function overColumns(expr: ExprNode, schema: Schema): ExprNode {
  const roles = EXPRESSION_SCHEMA.fields.map(({ name, dtype }, index): [string, ExprNode] => {
    const candidates = schema.fields.filter((field) => classOf(field.dtype) === classOf(dtype));
    const chosen = candidates[index % Math.max(1, candidates.length)];
    if (chosen !== undefined) return [name, { kind: "column", name: chosen.name }];
    return [name, STAND_INS[classOf(dtype)].node];
  });
  return substituteColumns(expr, new Map(roles));
}

const STAND_INS = { number: lit(2), bool: lit(true), text: lit("ab"), instant: lit(new Date(0)) };

function classOf(dtype: DType): keyof typeof STAND_INS {
  if (dtype.kind === "bool") return "bool";
  if (dtype.kind === "string") return "text";
  return dtype.kind === "date" || dtype.kind === "timestamp" ? "instant" : "number";
}

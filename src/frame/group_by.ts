// GroupBy: what df.groupBy() gives, waiting for its aggregates.

import { checkOptions, refuseMore } from "../base/index.ts";
import type { QueryRunner } from "../execution/index.ts";
import { count } from "../expr/index.ts";
import {
  aggregate,
  groupRows,
  type LogicalPlan,
  type LogicalSortKey,
  type NamedExpr,
} from "../plan/index.ts";
import { namedAggregates, ONE_OBJECT } from "./aggregate_spec.ts";
import { columnExpr } from "./column_arguments.ts";
import { DataFrame } from "./data_frame.ts";
import type {
  AggregateShape,
  CheckAggregates,
  ExprOver,
  NameOf,
  Simplify,
} from "./schema_types.ts";

export interface GroupByOptions {
  /**
   * Groups ascending by key, nulls last. Default: in order of first appearance. Says nothing to head, tail, topK and
   * bottomK, which keep row order.
   */
  readonly sort?: boolean;
  /** Leave out rows with a null in any key. Default: a null key is a group of its own. */
  readonly dropNulls?: boolean;
}

/** What topK and bottomK rank by: a column, an expression, or several. */
export type RankBy<S> = NameOf<S> | ExprOver<S> | readonly (NameOf<S> | ExprOver<S>)[];

export interface RankOptions {
  /** Whether nulls come after all values (default) or before them. */
  readonly nulls?: "first" | "last";
}

const OPTIONS = { sort: "boolean", dropNulls: "boolean" } as const;
const RANK_OPTIONS = { nulls: ["first", "last"] } as const;

/** S: shape of the frame; K: shape of the keys. */
export class GroupBy<in out S, in out K> {
  readonly #input: LogicalPlan;
  readonly #keys: readonly NamedExpr[];
  readonly #options: GroupByOptions;
  readonly #runner: QueryRunner;
  declare private readonly shapes: { readonly frame: S; readonly keys: K };

  constructor(
    runner: QueryRunner,
    input: LogicalPlan,
    keys: readonly NamedExpr[],
    options: GroupByOptions,
  ) {
    checkOptions("groupBy", options, OPTIONS, 'Write groupBy(["a", "b"], { sort: true }).');
    this.#runner = runner;
    this.#input = input;
    this.#keys = keys;
    this.#options = options;
  }

  /**
   * One row a group: the keys, then the aggregates.
   *
   * ```ts
   * df.groupBy("state").agg({ n: count(), worst: col("delay").max() });
   * df.groupBy("state").agg({ delay: "mean", distance: ["min", "max"] });   // delay, distance_min, distance_max
   * ```
   * @throws ColumnNotFoundError, TypeMismatchError, InvalidArgumentError
   */
  agg<const A extends object>(
    aggregates: A & CheckAggregates<S, A>,
    ...more: readonly never[]
  ): DataFrame<Simplify<K & AggregateShape<S, A>>> {
    refuseMore("agg", more, ONE_OBJECT);
    const named = namedAggregates(aggregates, this.#input.schema);
    return this.#aggregate(named);
  }

  /** The number of rows of each group, as `count`. */
  count(): DataFrame<Simplify<K & { readonly count: "int64" }>> {
    return this.#aggregate([{ name: "count", expr: count().node }]);
  }

  /**
   * The first n rows of each group, all columns, in row order; pandas' and cuDF's `groupby().head(n)`.
   *
   * ```ts
   * df.sort("day").groupBy("station").head(3);     // the three earliest of each station
   * ```
   */
  head(n = 5): DataFrame<S> {
    return this.#rows("head", n, "first", []);
  }

  /** The last n rows of each group, all columns, in row order. */
  tail(n = 5): DataFrame<S> {
    return this.#rows("tail", n, "last", []);
  }

  /**
   * The n rows of each group with the largest values of `by` (of several: by the first, then the next), all columns, in
   * row order. Of equal ones those that come first; nulls count as smaller than everything unless `nulls: "first"`; NaN
   * is above all numbers. Polars calls it `top_k_by`, pandas `nlargest`.
   *
   * ```ts
   * df.groupBy("id6").topK(2, "v3");
   * ```
   * @throws ColumnNotFoundError, TypeMismatchError, InvalidArgumentError
   */
  topK(n: number, by: RankBy<S>, options: RankOptions = {}): DataFrame<S> {
    return this.#rows("topK", n, "first", this.#rankKeys("topK", by, options));
  }

  /** The n rows of each group with the smallest values of `by`; as topK, nulls last too. */
  bottomK(n: number, by: RankBy<S>, options: RankOptions = {}): DataFrame<S> {
    return this.#rows("bottomK", n, "first", this.#rankKeys("bottomK", by, options));
  }

  #rankKeys(operator: "topK" | "bottomK", by: RankBy<S>, options: RankOptions): LogicalSortKey[] {
    checkOptions(operator, options, RANK_OPTIONS, `Write ${operator}(2, ["a", "b"]).`);
    const { nulls = "last" } = options;
    const list: readonly unknown[] = Array.isArray(by) ? by : [by];
    return list.map((key) => ({
      expr: columnExpr(key, this.#input.schema, operator),
      descending: operator === "topK",
      nulls,
    }));
  }

  #rows(
    operator: string,
    count: number,
    end: "first" | "last",
    order: readonly LogicalSortKey[],
  ): DataFrame<S> {
    const { dropNulls = false } = this.#options;
    const settings = { count, end, order, dropNulls };
    const plan = groupRows(this.#input, this.#keys, settings, operator);
    return new DataFrame(plan, this.#runner);
  }

  #aggregate<R>(aggregates: readonly NamedExpr[]): DataFrame<R> {
    const { sort = false, dropNulls = false } = this.#options;
    const plan = aggregate(this.#input, this.#keys, aggregates, { sortKeys: sort, dropNulls });
    return new DataFrame(plan, this.#runner);
  }
}

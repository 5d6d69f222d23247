// GroupBy: what df.groupBy() gives, waiting for its aggregates.

import type { QueryRunner } from "../execution/index.ts";
import { count } from "../expr/index.ts";
import { aggregate, type LogicalPlan, type NamedExpr } from "../plan/index.ts";
import { namedAggregates } from "./aggregate_spec.ts";
import { DataFrame } from "./data_frame.ts";
import type { AggregateShape, CheckAggregates, Simplify } from "./schema_types.ts";

export interface GroupByOptions {
  /** Groups ascending by key, nulls last. Default: in order of first appearance. */
  readonly sort?: boolean;
  /** Leave out rows with a null in any key. Default: a null key is a group of its own. */
  readonly dropNulls?: boolean;
}

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
  ): DataFrame<Simplify<K & AggregateShape<S, A>>> {
    const named = namedAggregates(aggregates, this.#input.schema);
    return this.#aggregate(named);
  }

  /** The number of rows of each group, as `count`. */
  count(): DataFrame<Simplify<K & { readonly count: "int64" }>> {
    return this.#aggregate([{ name: "count", expr: count().node }]);
  }

  #aggregate<R>(aggregates: readonly NamedExpr[]): DataFrame<R> {
    const { sort = false, dropNulls = false } = this.#options;
    const plan = aggregate(this.#input, this.#keys, aggregates, { sortKeys: sort, dropNulls });
    return new DataFrame(plan, this.#runner);
  }
}

// DataFrame: a lazy, immutable query. A method makes a plan node, which checks its arguments against the schema; only the
// actions at the end of the class touch data.

import { inspect } from "node:util";
import {
  checkOptions,
  InvalidArgumentError,
  optionsWith,
  refuseMore,
  throwIfAborted,
} from "../base/index.ts";
import { sliceBatch } from "../column/index.ts";
import { type DType, type DTypeLike, dtypeName, type Schema } from "../dtype/index.ts";
import type { QueryRunner, RunOptions, WriteReport } from "../execution/index.ts";
import { count, type LiteralValue } from "../expr/index.ts";
import {
  type CsvReject,
  type CsvWriteOptions,
  checkNames,
  writeArrow,
  writeCsv,
} from "../io/index.ts";
import {
  aggregate,
  checkPlanDepth,
  concat,
  distinct,
  filter,
  join,
  keepColumn,
  type LogicalPlan,
  project,
  repartition,
  scanPersisted,
  slice,
  sort,
} from "../plan/index.ts";
import { namedAggregates, ONE_OBJECT } from "./aggregate_spec.ts";
import {
  castColumns,
  checkListOfNames,
  columnExpr,
  columnProxy,
  DISTINCT_HINT,
  namedColumn,
  namedEntries,
  renamedColumns,
} from "./column_arguments.ts";
import { describePlan } from "./describe.ts";
import { GroupBy, type GroupByOptions } from "./group_by.ts";
import {
  type JoinCross,
  type JoinLeftRight,
  type JoinOn,
  joinOptionsOf,
} from "./join_arguments.ts";
import { oneLine } from "./print_table.ts";
import type { PersistedDataFrame, ProfileReport } from "./results.ts";
import {
  checkPath,
  csvWriteOptions,
  runOptions,
  type StreamOptions,
  streamOptions,
} from "./run_arguments.ts";
import type {
  AggregateShape,
  CastShape,
  CheckAggregates,
  ColumnsOf,
  DropShape,
  ExprOver,
  JoinHowName,
  JoinShape,
  KeyShape,
  NameOf,
  RenameShape,
  SchemaShape,
  SelectShape,
  ShapeOf,
  WithColumnsShape,
} from "./schema_types.ts";
import { SORT_HINT, type SortBy, type SortSettings, sortKeysOf } from "./sort_arguments.ts";
import { onlyBatch, Table } from "./table.ts";

type EntriesOver<S> = Readonly<Record<string, ExprOver<S> | LiteralValue>>;

/** S: what TypeScript knows of the columns. */
export class DataFrame<in out S = SchemaShape> {
  readonly plan: LogicalPlan;
  readonly #runner: QueryRunner;
  declare private readonly shape: S;

  constructor(plan: LogicalPlan, runner: QueryRunner) {
    this.plan = checkPlanDepth(plan);
    this.#runner = runner;
  }

  get schema(): Schema {
    return this.plan.schema;
  }
  get columns(): NameOf<S>[] {
    return this.schema.names as NameOf<S>[];
  }
  /** Dtypes by column, in order. */
  get dtypes(): Map<NameOf<S>, DType> {
    return new Map(this.schema.fields.map(({ name, dtype }) => [name as NameOf<S>, dtype]));
  }

  /**
   * Exactly these columns, in this order. Keeps row order.
   *
   * ```ts
   * df.select("a", col("b").mul(2).as("b2"));
   * df.select((c) => ({ a: c.a, b2: c.b.mul(2) }));
   * ```
   * @throws ColumnNotFoundError, TypeMismatchError, InvalidArgumentError for a name that stands twice.
   */
  select<const C extends readonly (NameOf<S> | ExprOver<S>)[]>(
    ...columns: C
  ): DataFrame<SelectShape<S, C>>;
  select<const R extends EntriesOver<S>>(
    build: (columns: ColumnsOf<S>) => R,
  ): DataFrame<ShapeOf<S, R>>;
  select(...columns: readonly unknown[]): DataFrame<SchemaShape> {
    const [first, ...more] = columns;
    if (typeof first === "function") refuseMore("select", more, "Write one function.");
    const named =
      typeof first === "function"
        ? namedEntries(first(this.#proxy("select")), "select")
        : columns.flat().map((column) => namedColumn(column, this.schema, "select"));
    return this.#derive(project(this.plan, named, "select"));
  }

  /** Adds columns, or replaces those of the same name where they stand. Keeps row order. */
  withColumns<const R extends EntriesOver<S>>(
    columns: R | ((columns: ColumnsOf<S>) => R),
    ...more: readonly never[]
  ): DataFrame<WithColumnsShape<S, R>> {
    refuseMore("withColumns", more, "Write one object: withColumns({ a: ..., b: ... }).");
    const entries =
      typeof columns === "function" ? columns(this.#typedProxy("withColumns")) : columns;
    const added = new Map(
      namedEntries(entries, "withColumns").map((column) => [column.name, column]),
    );
    const kept = this.schema.names.map((name) => added.get(name) ?? keepColumn(name));
    const fresh = [...added.values()].filter(({ name }) => !this.schema.has(name));
    return this.#derive(project(this.plan, [...kept, ...fresh], "withColumns"));
  }

  drop<const D extends NameOf<S>>(...names: readonly D[]): DataFrame<DropShape<S, D>> {
    const dropped = new Set<string>(names.flat());
    for (const name of dropped) this.schema.indexOf(name, "drop");
    const kept = this.schema.names.filter((name) => !dropped.has(name));
    return this.#derive(project(this.plan, kept.map(keepColumn), "drop"));
  }

  /** `{ from: to }`; the columns stay where they are. */
  rename<const M extends { readonly [N in NameOf<S>]?: string }>(
    names: M,
  ): DataFrame<RenameShape<S, M>> {
    return this.#derive(project(this.plan, renamedColumns(names, this.schema), "rename"));
  }

  /** Converts columns; strict unless told, see Expr.cast(). */
  cast<const M extends { readonly [N in NameOf<S>]?: DTypeLike }>(
    dtypes: M,
    options?: { readonly strict?: boolean },
  ): DataFrame<CastShape<S, M>> {
    const { strict } = optionsWith("cast", options, { strict: true });
    return this.#derive(project(this.plan, castColumns(dtypes, strict, this.schema), "cast"));
  }

  /** The rows where the predicate is true; null is not true. Keeps row order. */
  filter(
    predicate: ExprOver<S> | ((columns: ColumnsOf<S>) => ExprOver<S>),
    ...more: readonly never[]
  ): DataFrame<S> {
    refuseMore("filter", more, "Write filter(a.and(b)).");
    const expr =
      typeof predicate === "function" ? predicate(this.#typedProxy("filter")) : predicate;
    return this.#derive(filter(this.plan, columnExpr(expr, this.schema, "filter")));
  }

  /**
   * Groups rows by keys: names, or expressions under their names. Groups come in order of first appearance; a null key
   * is a group of its own. NaN equals NaN, -0 equals 0.
   */
  groupBy<const K extends readonly (NameOf<S> | ExprOver<S>)[]>(
    ...keys: K
  ): GroupBy<S, KeyShape<S, K>>;
  groupBy<const K extends readonly (NameOf<S> | ExprOver<S>)[]>(
    keys: K,
    options?: GroupByOptions,
  ): GroupBy<S, KeyShape<S, K>>;
  groupBy(...args: readonly unknown[]): GroupBy<S, SchemaShape> {
    const [first, options = {}, ...more] = args;
    const isList = Array.isArray(first);
    if (isList) refuseMore("groupBy", more, 'Write groupBy(["a", "b"], { sort: true }).');
    const keys: readonly unknown[] = isList ? first : args;
    const named = keys.map((key) => namedColumn(key, this.schema, "groupBy"));
    return new GroupBy(this.#runner, this.plan, named, isList ? (options as GroupByOptions) : {});
  }

  /** Aggregates of the whole frame: one row, even of no rows. */
  agg<const A extends object>(
    aggregates: A & CheckAggregates<S, A>,
    ...more: readonly never[]
  ): DataFrame<AggregateShape<S, A>> {
    refuseMore("agg", more, ONE_OBJECT);
    return this.#derive(aggregate(this.plan, [], namedAggregates(aggregates, this.schema)));
  }

  /**
   * Rows of both frames whose keys are equal, in left order, then right order. Null keys match nothing unless
   * `nullEquals`.
   *
   * ```ts
   * flights.join(airports, { leftOn: "origin", rightOn: "iata", how: "left" });
   * orders.join(customers, { on: "customerId" });    // one column of that name
   * ```
   * @throws ColumnNotFoundError, TypeMismatchError for keys of different dtypes.
   */
  join<
    R,
    const On extends NameOf<S> & NameOf<R>,
    const How extends JoinHowName = "inner",
    const Suffix extends string = "_right",
  >(
    right: DataFrame<R>,
    options: JoinOn<On, How, Suffix>,
  ): DataFrame<JoinShape<S, R, On, How, Suffix>>;
  join<R, const How extends JoinHowName = "inner", const Suffix extends string = "_right">(
    right: DataFrame<R>,
    options: JoinLeftRight<S, R, How, Suffix>,
  ): DataFrame<JoinShape<S, R, never, How, Suffix>>;
  join<R, const Suffix extends string = "_right">(
    right: DataFrame<R>,
    options: JoinCross<Suffix>,
  ): DataFrame<JoinShape<S, R, never, "cross", Suffix>>;
  join<R>(right: DataFrame<R>, options: object): object {
    if (!(right instanceof DataFrame)) {
      throw new InvalidArgumentError("join() takes another DataFrame", {
        operator: "join",
        hint: "A Table becomes one with .lazy().",
      });
    }
    return this.#derive(
      join(this.plan, right.plan, joinOptionsOf(options, this.schema, right.schema)),
    );
  }

  /** Sorts rows by one key or several, stable. Nulls last unless told; NaN above all numbers; strings by bytes. */
  sort(
    by: SortBy<S> | readonly SortBy<S>[],
    settings: SortSettings = {},
    ...more: readonly never[]
  ): DataFrame<S> {
    refuseMore("sort", more, SORT_HINT);
    return this.#derive(sort(this.plan, sortKeysOf(by, settings, this.schema)));
  }

  /** The first rows. */
  limit(rows: number): DataFrame<S> {
    return this.#first(rows, "limit");
  }

  /** Rows [offset, offset + length), as far as there are any. */
  slice(offset: number, length: number): DataFrame<S> {
    return this.#derive(slice(this.plan, offset, length));
  }

  /**
   * The first row of each distinct combination of these columns (default: of all), which are keys as in groupBy(): one
   * NaN, one null, and -0 is 0. Keeps row order.
   */
  distinct(columns?: readonly NameOf<S>[], ...more: readonly never[]): DataFrame<S> {
    refuseMore("distinct", more, DISTINCT_HINT);
    if (columns !== undefined) checkListOfNames(columns);
    return this.#derive(distinct(this.plan, columns ?? null));
  }

  /** The rows of this frame, then those of the others. All have the same columns and dtypes. */
  concat(...others: readonly DataFrame<S>[]): DataFrame<S> {
    return this.#derive(concat([this.plan, ...others.flat().map(planOf)]));
  }

  /** Count, nulls, mean, std, min, quartiles and max of the numeric columns, one row a statistic. */
  describe(): DataFrame {
    return this.#derive(describePlan(this.plan));
  }

  /** The same rows in so many partitions, or in more where one would be too large for the memory budget. */
  repartition(options: { readonly partitions: number }): DataFrame<S> {
    checkOptions("repartition", options, { partitions: "number" }, "Write { partitions: 8 }.");
    return this.#derive(repartition(this.plan, options?.partitions));
  }

  /** `df.pipe(fn, ...args)` is `fn(df, ...args)`. */
  pipe<R, A extends readonly unknown[]>(fn: (frame: this, ...args: A) => R, ...args: A): R {
    if (typeof fn === "function") return fn(this, ...args);
    throw new InvalidArgumentError("pipe() takes a function of a frame", { operator: "pipe" });
  }

  // Actions.

  /**
   * Runs the query. @throws what the data is at fault for; AbortError with the signal's reason; MemoryBudgetError where the
   * result, or what one task reads, exceeds `hostMemory`.
   */
  async compute(options?: RunOptions): Promise<Table<S>> {
    const run = runOptions("compute", options);
    const { schema, batches, rejects } = await this.#runner.run(this.plan, run);
    return new Table(this.#runner, schema, onlyBatch(batches), rejects);
  }

  /** The first rows. Sources stop early. */
  async head(rows = 5, options?: RunOptions): Promise<Table<S>> {
    return await this.#first(rows, "head").compute(runOptions("head", options));
  }

  /** The number of rows. Lines that `onError: "skip"` leaves out are none; `agg({ n: count() })` also tells which they were. */
  async count(options?: RunOptions): Promise<number> {
    const counted = aggregate(this.plan, [], [{ name: "count", expr: count().node }]);
    const { batches } = await this.#runner.run(counted, runOptions("count", options));
    const values = onlyBatch(batches).columns[0]?.data;
    return values?.encoding === "fixed" ? Number(values.values[0]) : 0;
  }

  /** Prints the first rows, and how many bad lines of files `onError` made nulls of or left out on the way. */
  async show(rows = 10, options?: RunOptions): Promise<void> {
    const table = await this.#first(rows, "show").compute(runOptions("show", options));
    console.log(table.toString({ rows }));
    const bad = table.rejects.length;
    if (bad > 0) console.log(`${bad} bad ${bad === 1 ? "line" : "lines"}: see compute().rejects`);
  }

  /**
   * Writes UTF-8 CSV; a path that ends in ".gz" is compressed. The result streams into the file, which has its name only
   * when it is complete: a query that fails or is cancelled leaves what was there before. Gives the number of rows, and
   * the lines that were left out on the way.
   * @throws InvalidArgumentError for a name with half of a surrogate pair, which UTF-8 does not have.
   */
  async writeCsv(path: string, options?: CsvWriteOptions & RunOptions): Promise<WriteReport> {
    const settings = csvWriteOptions(path, options);
    if (settings.header !== false) checkNames(this.columns, "writeCsv");
    return await this.#runner.write(this.plan, settings, (schema, batches) =>
      writeCsv(path, schema, batches, settings, this.#runner.csvFormatter),
    );
  }

  /** Writes an Arrow IPC file, one record batch a partition, in the same way as writeCsv(). */
  async writeArrow(path: string, options?: RunOptions): Promise<WriteReport> {
    checkPath("writeArrow", path);
    checkNames(this.columns, "writeArrow");
    const run = runOptions("writeArrow", options);
    return await this.#runner.write(this.plan, run, (schema, batches) =>
      writeArrow(path, schema, batches, run.signal),
    );
  }

  /** The plan as written, optimized, and physical, with the device of every operator and why. Touches no data. */
  explain(options?: RunOptions): string {
    return this.#runner.explain(this.plan, runOptions("explain", options));
  }

  /**
   * Runs the query and reports on every task: rows, time, device, bytes; of GPUs also dispatches, round trips, and the
   * bytes that they moved beside those that an ideal execution would have (`work`), and the kernels that ran, with their
   * WGSL (`work.kernels`).
   */
  async profile(options?: RunOptions): Promise<ProfileReport<S>> {
    const run = runOptions("profile", options);
    const { schema, batches, rejects, tasks, totals } = await this.#runner.profile(this.plan, run);
    return { table: new Table(this.#runner, schema, onlyBatch(batches), rejects), tasks, totals };
  }

  /**
   * The result as tables, in order, each as soon as it is there. Sources are read in partitions of `partitionBytes`
   * (here by default 32 MiB at most), and only a few of them are ahead of the consumer: a scan, filter, select of a file
   * larger than memory streams through. What has to see all rows first (sort, group, the build side of a join) still
   * does. Leaving the loop ends the query and frees what it holds.
   *
   * ```ts
   * for await (const table of df.filter(col("delay").gt(15)).stream({ rows: 10_000 })) send(table.toJSON());
   * ```
   * `table.rejects` are the lines left out so far that no earlier table told of: parts of a file are read side by side, so
   * that they may lie behind the table's rows. What is left out behind the last row comes with a table of no rows.
   * @throws as compute(), in place of the first table that cannot be made; ParseError where a column turns out to hold
   * what its inferred dtype does not when tables were delivered already.
   */
  async *stream(given?: StreamOptions): AsyncGenerator<Table<S>, void, undefined> {
    const { rows, ...options } = streamOptions(given);
    const untold: CsvReject[] = [];
    let behind: (() => Table<S>) | null = null;
    for await (const { schema, batch, rejects } of this.#runner.stream(this.plan, options)) {
      untold.push(...rejects);
      for (let offset = 0; offset < batch.rowCount; offset += rows) {
        throwIfAborted(options.signal);
        const part = sliceBatch(batch, offset, rows);
        yield new Table(this.#runner, schema, part, untold.splice(0));
      }
      const none = sliceBatch(batch, batch.rowCount, 0);
      behind = () => new Table(this.#runner, schema, none, untold);
    }
    if (behind !== null && untold.length > 0) yield behind();
  }

  /**
   * Runs the query and leaves the result's partitions where they were computed; plans over the frame given back go to
   * them. What memory has no room for goes down a tier, to the host and to disk, and comes back when it is read.
   *
   * ```ts
   * await using warm = await df.persist(); // freed at the end of the block; or: await warm.unpersist()
   * ```
   * `warm.rejects` are the lines of files that were left out on the way; queries over it do not tell of them again.
   */
  async persist(options?: RunOptions): Promise<PersistedDataFrame<S>> {
    const run = runOptions("persist", options);
    const { handle, rejects } = await this.#runner.persist(this.plan, run);
    return new DisposableDataFrame<S>(scanPersisted(handle), this.#runner, rejects);
  }

  /** Frees what persist() kept. Frames over it fail from then on. Once more does nothing. */
  async unpersist(): Promise<void> {
    if (this.plan.kind === "scanPersisted") return await this.#runner.unpersist(this.plan.handle);
    throw new InvalidArgumentError("unpersist() is for the frame that persist() gave", {
      operator: "unpersist",
    });
  }

  /** pandas' name of groupBy(). */
  get groupby(): DataFrame<S>["groupBy"] {
    return this.groupBy.bind(this) as DataFrame<S>["groupBy"];
  }
  /** pandas' name of join(). */
  get merge(): DataFrame<S>["join"] {
    return this.join.bind(this) as DataFrame<S>["join"];
  }

  [inspect.custom](): string {
    const fields = this.schema.fields.map(
      ({ name, dtype }) => `${oneLine(JSON.stringify(name))}: ${dtypeName(dtype)}`,
    );
    return `DataFrame { ${fields.join(", ")} } (lazy: compute(), head() or show() gives rows)`;
  }

  #derive<T>(plan: LogicalPlan): DataFrame<T> {
    return new DataFrame<T>(plan, this.#runner);
  }

  #first(rows: number, operator: string): DataFrame<S> {
    return this.#derive(slice(this.plan, 0, rows, operator));
  }

  #proxy(operator: string) {
    return columnProxy(this.schema, operator);
  }

  #typedProxy(operator: string): ColumnsOf<S> {
    return this.#proxy(operator) as ColumnsOf<S>;
  }
}

class DisposableDataFrame<in out S> extends DataFrame<S> implements AsyncDisposable, Disposable {
  readonly rejects: readonly CsvReject[];

  constructor(plan: LogicalPlan, runner: QueryRunner, rejects: readonly CsvReject[]) {
    super(plan, runner);
    this.rejects = Object.freeze([...rejects]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unpersist();
  }

  /** Begins to free it; queries that read it already go on. */
  [Symbol.dispose](): void {
    void this.unpersist();
  }
}

function planOf(frame: { readonly plan: LogicalPlan }): LogicalPlan {
  if (frame instanceof DataFrame) return frame.plan;
  throw new InvalidArgumentError("concat() takes other DataFrames", {
    operator: "concat",
    hint: "A Table becomes one with .lazy().",
  });
}

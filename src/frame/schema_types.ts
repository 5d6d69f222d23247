// What TypeScript knows of a frame: S maps its column names to dtype kinds. A frame whose columns are only known at run
// time has the shape SchemaShape, and takes any name.

import type { DTypeKind, DTypeLike } from "../dtype/index.ts";
import type {
  Expr,
  Kind,
  KindOf,
  KindOfName,
  LiteralValue,
  NumericKind,
  ResolveKind,
  SchemaShape,
  SumKind,
} from "../expr/index.ts";

/** Shows a computed shape as one object, in errors and on hover. */
export type Simplify<S> = { readonly [N in keyof S]: S[N] } & {};
/** A type that is not known better than "some names": any name goes. */
export type IsOpen<S> = string extends keyof S ? true : false;
export type NameOf<S> = keyof S & string;
/** An expression over the columns of S. */
export type ExprOver<S> = Expr<Kind, string, NameOf<S>>;

/** The argument of callbacks such as `df.filter((c) => c.delay.gt(15))`. */
export type ColumnsOf<S> = {
  readonly [N in NameOf<S>]: Expr<S[N] extends DTypeKind ? S[N] : DTypeKind, N, N>;
};

/** The kind that a column, a literal or an expression has in a frame of shape S. */
export type KindIn<S, C> = ResolveKind<S, C extends Expr<infer K, string, string> ? K : KindOf<C>>;

/** select("a", col("b").as("c")): names of columns, and expressions under theirs. */
export type SelectShape<S, C extends readonly unknown[]> = Simplify<{
  [E in C[number] as OutputName<E>]: E extends string
    ? ResolveKind<S, `column:${E}`>
    : KindIn<S, E>;
}>;
type OutputName<E> = E extends string ? E : E extends Expr<Kind, infer N, string> ? N : never;

/** select((c) => ({ name: expression })). */
export type ShapeOf<S, R> = Simplify<{ [N in NameOf<R>]: KindIn<S, R[N]> }>;

export type WithColumnsShape<S, R> = Simplify<{
  [N in keyof S | NameOf<R>]: N extends keyof R
    ? KindIn<S, R[N]>
    : N extends keyof S
      ? S[N]
      : never;
}>;

export type DropShape<S, D extends string> =
  IsOpen<S> extends true ? SchemaShape : Simplify<{ [N in keyof S as Exclude<N, D>]: S[N] }>;

export type RenameShape<S, M> =
  IsOpen<S> extends true
    ? SchemaShape
    : Simplify<{
        [N in keyof S as N extends keyof M ? (M[N] extends string ? M[N] : N) : N]: S[N];
      }>;

export type CastShape<S, M> = Simplify<{
  [N in keyof S]: N extends keyof M ? KindOfName<M[N]> : S[N];
}>;

/** groupBy("state", col("date").dt.truncate("1d").as("day")). */
export type KeyShape<S, K extends readonly unknown[]> = SelectShape<S, K>;

/** The pandas form of agg(): names of aggregates that take a column. */
export type AggregateName =
  | "sum"
  | "mean"
  | "min"
  | "max"
  | "count"
  | "nUnique"
  | "first"
  | "last"
  | "any"
  | "all"
  | "var"
  | "std"
  | "median"
  | "mode"
  | "skew"
  | "kurtosis"
  | "argMin"
  | "argMax";

type NamedAggregateKind<S, N, F> = AggregateKind<N extends keyof S ? S[N] : DTypeKind, F>;
type AggregateKind<K, F> = F extends "sum"
  ? SumKind<K>
  : F extends "mean" | "var" | "std" | "median" | "skew" | "kurtosis"
    ? "float64"
    : F extends "count" | "nUnique" | "argMin" | "argMax"
      ? "int64"
      : F extends "any" | "all"
        ? "bool"
        : K extends DTypeKind
          ? K
          : DTypeKind;

/** agg({ out: expression }), agg({ column: "mean" }), agg({ column: ["min", "max"] }): column_min, column_max. */
export type AggregateShape<S, A> = Simplify<{
  [N in AggregateOutput<A>]: N extends keyof A
    ? OutputKind<S, N, A[N]>
    : ListedKind<S, A, NameOf<A>, N>;
}>;

type AggregateOutput<A> = {
  [N in NameOf<A>]: A[N] extends readonly (infer F extends string)[] ? `${N}_${F}` : N;
}[NameOf<A>];

type OutputKind<S, N, V> = V extends string ? NamedAggregateKind<S, N, V> : KindIn<S, V>;

/** The kind of `column_aggregate`: found by the columns N that list aggregates. */
type ListedKind<S, A, N extends NameOf<A>, Output> = N extends string
  ? Output extends `${N}_${infer F}`
    ? NamedAggregateKind<S, N, F>
    : never
  : never;

/** What each entry of agg() may be: names of aggregates only under names of columns. */
export type CheckAggregates<S, A> = {
  readonly [N in keyof A]: A[N] extends string | readonly string[]
    ? N extends keyof S
      ? AggregateName | readonly AggregateName[]
      : never
    : ExprOver<S>;
};

export type JoinHowName = "inner" | "left" | "right" | "full" | "semi" | "anti" | "cross";

/** Left columns, then right ones without the `on` keys, with the suffix where a name is taken. */
export type JoinShape<S, R, On extends string, How extends string, Suffix extends string> = [
  How,
] extends ["semi" | "anti"]
  ? S
  : IsOpen<S> extends true
    ? SchemaShape
    : IsOpen<R> extends true
      ? SchemaShape
      : Simplify<
          S & {
            [N in keyof R as N extends On
              ? never
              : N extends keyof S & string
                ? `${N}${Suffix}`
                : N]: R[N];
          }
        >;

// Values.

/** The JavaScript value of a kind, without null. */
export type JsValueOf<K> = K extends "bool"
  ? boolean
  : K extends "string" | "decimal"
    ? string
    : K extends "date" | "timestamp"
      ? Date
      : number;

export type RowOf<S> = { [N in keyof S]: JsValueOf<S[N]> | null };
export type ColumnsAsArrays<S> = { [N in keyof S]: (JsValueOf<S[N]> | null)[] };

/** The shape that fromColumns() gives. */
export type ShapeOfColumns<C> = Simplify<{ [N in NameOf<C>]: KindOfArray<C[N]> }>;
/** The shape that fromRows() gives. */
export type ShapeOfRow<R> = Simplify<{ [N in NameOf<R>]: KindOfValue<NonNullable<R[N]>> }>;

type KindOfArray<A> = A extends Float64Array
  ? "float64"
  : A extends Float32Array
    ? "float32"
    : A extends BigInt64Array
      ? "int64"
      : A extends BigUint64Array
        ? "uint64"
        : A extends Int32Array
          ? "int32"
          : A extends Int16Array
            ? "int16"
            : A extends Int8Array
              ? "int8"
              : A extends Uint32Array
                ? "uint32"
                : A extends Uint16Array
                  ? "uint16"
                  : A extends Uint8Array
                    ? "uint8"
                    : A extends Uint8ClampedArray
                      ? "uint8"
                      : A extends Iterable<infer V>
                        ? KindOfValue<NonNullable<V>>
                        : DTypeKind;

/** A number is int64 or float64 after the values of its column. No value at all makes a string column. */
type KindOfValue<V> = [V] extends [never]
  ? "string"
  : V extends boolean
    ? "bool"
    : V extends string
      ? "string"
      : V extends bigint
        ? "int64"
        : V extends number
          ? "int64" | "float64"
          : V extends Date
            ? "timestamp"
            : DTypeKind;

/** `schema:` options that name dtypes by column. */
export type DTypes = Readonly<Record<string, DTypeLike>>;
/** A shape in which `schema:` decides some kinds. */
export type OverrideShape<S, D> = Simplify<{
  [N in keyof S]: N extends keyof D ? KindOfName<D[N]> : S[N];
}>;
/** readCsv: the names are known from `columns`, the kinds of those that `schema` names. */
export type CsvShape<D, N extends string> = string extends N
  ? SchemaShape
  : { readonly [C in N]: C extends keyof D ? KindOfName<D[C]> : DTypeKind };

export type { LiteralValue, NumericKind, SchemaShape };

// What TypeScript knows of an expression's dtype. A kind is the name of a dtype without its parameters; the kind of a
// column whose frame is not known yet is `column:NAME`, and the frame that the expression is given to resolves it.

import type { DTypeKind, FloatKind, IntegerKind } from "../dtype/index.ts";
import type { Expr } from "./expr.ts";
import type { LiteralValue } from "./node.ts";

export type NumericKind = IntegerKind | FloatKind | "decimal";
export type TemporalKind = "date" | "timestamp" | "duration";
/** The kind of column `Name` of the frame that the expression will be given to. */
export type ColumnKind<Name extends string> = `column:${Name}`;
/** The kind of the sum of column `Name`. */
export type ColumnSumKind<Name extends string> = `sum:${Name}`;
export type Kind = DTypeKind | ColumnKind<string> | ColumnSumKind<string>;

/** Names and kinds of a frame's columns. */
export type SchemaShape = { readonly [name: string]: DTypeKind };

// The schema parameters Kind, Name and References, all covariant, at their widest.
export type AnyExpr = Expr<Kind, string, string>;
/** What an expression's methods accept: another expression, or a plain value, which is a literal. */
export type Operand = AnyExpr | LiteralValue;

export type KindOf<O> = O extends Expr<infer K, string, string> ? K : LiteralKind<O>;
/** KindOf, for use as an index. */
export type OperandKind<O> = Extract<KindOf<O>, Kind>;
export type ReferencesOf<O> = O extends Expr<Kind, string, infer R> ? R : never;

/** A number may become any numeric dtype that holds it exactly. */
type LiteralKind<O> = O extends number | bigint
  ? NumericKind
  : O extends boolean
    ? "bool"
    : O extends string
      ? "string"
      : O extends Date
        ? "timestamp" | "date"
        : never;

/** The kind of an arithmetic result, by both sides: exact where they decide it, else every kind it may be. */
export type ArithmeticKind<A, B> = A extends Kind
  ? B extends Kind
    ? Arithmetic<A, B>
    : Kind
  : Kind;
type Arithmetic<A extends Kind, B extends Kind> = [Extract<A | B, TemporalKind>] extends [never]
  ? NumberArithmetic<A, B>
  : TemporalArithmetic<A, B>;

/** Instants apart are a duration, an instant and a duration an instant; numbers scale durations; a text may be either. */
type TemporalArithmetic<A extends Kind, B extends Kind> = A | B extends TemporalKind
  ? A | B extends "duration"
    ? "duration"
    : "duration" extends A | B
      ? "timestamp"
      : "duration"
  : A | B extends NumericKind | TemporalKind
    ? "duration"
    : "timestamp" | "duration";

type NumberArithmetic<A extends Kind, B extends Kind> = A extends B
  ? A
  : "float64" extends A | B
    ? "float64"
    : A | B extends IntegerKind
      ? IntegerKind
      : A | B extends NumericKind
        ? NumericKind
        : NumericKind | TemporalKind;

/** True division of a float32 may stay float32; a duration by a number is one; anything else is float64. */
export type DivisionKind<A> = A extends "duration"
  ? "duration" | "float64"
  : A extends Exclude<DTypeKind, "float32">
    ? "float64"
    : FloatKind;

export type SumKind<A> =
  A extends ColumnKind<infer Name>
    ? ColumnSumKind<Name>
    : A extends `uint${string}`
      ? "uint64"
      : A extends IntegerKind
        ? "int64"
        : A extends FloatKind | "decimal" | "duration"
          ? A
          : NumericKind | "duration";

/** The kind in a frame of shape S: `column:NAME` becomes the kind of that column. */
export type ResolveKind<S, K> =
  K extends ColumnKind<infer Name>
    ? ColumnOf<S, Name>
    : K extends ColumnSumKind<infer Name>
      ? Extract<SumKind<ColumnOf<S, Name>>, DTypeKind>
      : K extends DTypeKind
        ? K
        : DTypeKind;
type ColumnOf<S, Name> = Name extends keyof S
  ? S[Name] extends DTypeKind
    ? S[Name]
    : DTypeKind
  : DTypeKind;

/** The kind that a dtype's printed name stands for: "timestamp[us]" is "timestamp". */
export type KindOfName<D> = D extends DTypeKind
  ? D
  : D extends `timestamp[${string}`
    ? "timestamp"
    : D extends `duration[${string}`
      ? "duration"
      : D extends `decimal(${string}`
        ? "decimal"
        : D extends { readonly kind: infer K extends DTypeKind }
          ? K
          : DTypeKind;

// Expression nodes: plain frozen objects, discriminated by `kind`. They name columns; binding (function/) resolves the
// names against a schema. Building one costs microseconds and touches no data.

import type { DType } from "../dtype/index.ts";

/** A plain JS value in an expression. Date: a timestamp (milliseconds since the epoch, UTC). */
export type LiteralValue = null | boolean | number | bigint | string | Date;
export type OptionValue = LiteralValue | readonly LiteralValue[] | RegExp;
export type Options = Readonly<Record<string, OptionValue>>;

export interface ColumnNode {
  readonly kind: "column";
  readonly name: string;
}
/** `dtype` null: takes the other side's dtype where the value fits exactly, else its natural one. */
export interface LiteralNode {
  readonly kind: "literal";
  readonly value: LiteralValue;
  readonly dtype: DType | null;
}
/** A scalar function of the registry in function/scalar, by name. */
export interface CallNode {
  readonly kind: "call";
  readonly function: string;
  readonly args: readonly ExprNode[];
  readonly options: Options;
}
export interface CastNode {
  readonly kind: "cast";
  readonly input: ExprNode;
  readonly dtype: DType;
  readonly strict: boolean;
}
export interface WhenNode {
  readonly kind: "when";
  readonly branches: readonly { readonly condition: ExprNode; readonly value: ExprNode }[];
  /** Null: null. */
  readonly otherwise: ExprNode | null;
}
/** An aggregate function of the registry in function/aggregate, by name. `count()` of rows has no arguments. */
export interface AggregateNode {
  readonly kind: "aggregate";
  readonly function: string;
  readonly args: readonly ExprNode[];
  readonly options: Options;
}
export interface AliasNode {
  readonly kind: "alias";
  readonly input: ExprNode;
  readonly name: string;
}
export type ExprNode =
  | ColumnNode
  | LiteralNode
  | CallNode
  | CastNode
  | WhenNode
  | AggregateNode
  | AliasNode;

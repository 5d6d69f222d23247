// Bound expressions: names are positions, every node has its dtype, and implicit conversions are written out as casts.

import type { DType } from "../dtype/index.ts";
import type { AggregateNode, Options } from "../expr/index.ts";

/** A constant in the form of its register: dates are days, instants are units, integers may be number or bigint. */
export type LiteralScalar = null | boolean | number | bigint | string;

export interface BoundColumn {
  readonly kind: "column";
  readonly index: number;
  readonly dtype: DType;
}
export interface BoundLiteral {
  readonly kind: "literal";
  readonly value: LiteralScalar;
  readonly dtype: DType;
}
export interface BoundCall {
  readonly kind: "call";
  readonly function: string;
  readonly args: readonly BoundExpr[];
  readonly options: Options;
  readonly dtype: DType;
  /** The expression as the user wrote it, for errors; the function's name where it is absent. */
  readonly text?: string;
}
export interface BoundCast {
  readonly kind: "cast";
  readonly input: BoundExpr;
  readonly dtype: DType;
  readonly strict: boolean;
  readonly text?: string;
}
export interface BoundWhen {
  readonly kind: "when";
  readonly branches: readonly { readonly condition: BoundExpr; readonly value: BoundExpr }[];
  /** Null: null. */
  readonly otherwise: BoundExpr | null;
  readonly dtype: DType;
}
/** Has a dtype, but no program: planners replace it by a column of the aggregate's result. */
export interface BoundAggregate {
  readonly kind: "aggregate";
  readonly function: string;
  /** Converted to the dtypes that the aggregate takes. */
  readonly args: readonly BoundExpr[];
  readonly options: Options;
  readonly dtype: DType;
  readonly text: string;
  /** What was bound. Equal ones (exprKey) over one schema are one aggregate. */
  readonly node: AggregateNode;
}
export type BoundExpr =
  | BoundColumn
  | BoundLiteral
  | BoundCall
  | BoundCast
  | BoundWhen
  | BoundAggregate;

// Where expressions begin: col(), lit(), when(), count(), and functions of several expressions.

import { type DTypeLike, toDType } from "../dtype/index.ts";
import { Expr, toNode } from "./expr.ts";
import type { ColumnKind, Kind, KindOfName, Operand, OperandKind, ReferencesOf } from "./kind.ts";
import type { ExprNode, LiteralValue } from "./node.ts";
import { aggregateNode, callNode, columnNode, literalNode, whenNode } from "./nodes.ts";

/** The column of that name, in the frame that the expression is given to. */
export function col<const N extends string>(name: N): Expr<ColumnKind<N>, N, N> {
  return new Expr(columnNode(name));
}

/** A constant. Without a dtype it takes the other side's where it fits exactly, else its natural one. */
export function lit<const V extends LiteralValue>(value: V): Expr<OperandKind<V>, "literal", never>;
export function lit<const D extends DTypeLike>(
  value: LiteralValue,
  dtype: D,
): Expr<KindOfName<D>, "literal", never>;
export function lit(value: LiteralValue, dtype?: DTypeLike): Expr<Kind, "literal", never> {
  return new Expr(literalNode(value, dtype === undefined ? null : toDType(dtype)));
}

/** The number of rows, nulls included; in agg(). */
export function count(): Expr<"int64", "count", never> {
  return new Expr(aggregateNode("count", []));
}

/** The smallest of several values in each row; nulls are left out. */
export function min<const V extends readonly Operand[]>(...values: V): Several<V[number]> {
  return new Expr(callNode("min", values.map(toNode)));
}

/** The greatest of several values in each row; nulls are left out. */
export function max<const V extends readonly Operand[]>(...values: V): Several<V[number]> {
  return new Expr(callNode("max", values.map(toNode)));
}

/** The first of several values in each row that is not null. */
export function coalesce<const V extends readonly Operand[]>(...values: V): Several<V[number]> {
  return new Expr(callNode("coalesce", values.map(toNode)));
}
type Several<O> = Expr<OperandKind<O>, string, ReferencesOf<O>>;

/** `when(p).then(a).when(q).then(b).otherwise(c)`: the value of the first condition that is true. */
export function when<C extends Operand>(condition: C): When<never, ReferencesOf<C>> {
  return new When([], toNode(condition));
}

interface Branch {
  readonly condition: ExprNode;
  readonly value: ExprNode;
}

/** A condition that waits for its value. */
export class When<out K extends Kind, out References extends string> {
  readonly #branches: readonly Branch[];
  readonly #condition: ExprNode;
  declare private readonly types: { readonly kind: K; readonly references: References };

  constructor(branches: readonly Branch[], condition: ExprNode) {
    this.#branches = branches;
    this.#condition = condition;
  }

  then<O extends Operand>(value: O): Then<K | OperandKind<O>, References | ReferencesOf<O>> {
    return new Then([...this.#branches, { condition: this.#condition, value: toNode(value) }]);
  }
}

/** An expression as it stands (null where no condition is true), and the way to its next branch. */
export class Then<out K extends Kind, out References extends string> extends Expr<
  K,
  string,
  References
> {
  readonly #branches: readonly Branch[];

  constructor(branches: readonly Branch[]) {
    super(whenNode(branches, null));
    this.#branches = branches;
  }

  when<C extends Operand>(condition: C): When<K, References | ReferencesOf<C>> {
    return new When(this.#branches, toNode(condition));
  }

  otherwise<O extends Operand>(
    value: O,
  ): Expr<K | OperandKind<O>, string, References | ReferencesOf<O>> {
    return new Expr(whenNode(this.#branches, toNode(value)));
  }
}

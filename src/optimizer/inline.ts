// Expressions in the place of the columns that they compute.

import type { Schema } from "../dtype/index.ts";
import {
  childrenOf,
  type ExprNode,
  exprDepth,
  exprSize,
  literalNode,
  MOST_DEPTH,
  withoutAlias,
} from "../expr/index.ts";
import type { NamedExpr } from "../plan/index.ts";

/**
 * What each column of a projection or each key is, for substituteColumns(). `schema` is the operator's own. A bare literal
 * gets the dtype that it has as a column: in its new place it would take one from what stands beside it.
 */
export function valuesOfColumns(
  columns: readonly NamedExpr[],
  schema: Schema,
): ReadonlyMap<string, ExprNode> {
  return new Map(
    columns.map(({ name, expr }) => {
      const value = withoutAlias(expr);
      const open = value.kind === "literal" && value.dtype === null;
      return [name, open ? literalNode(value.value, schema.dtypeOf(name)) : value] as const;
    }),
  );
}

/**
 * Most nodes that inlining may lead to. Trees grow with every inlining, programs do not; the bound keeps binding fast
 * where a chain of projections doubles an expression at every step.
 */
const MAX_INLINED_NODES = 4096;

/** Would the expressions have too many nodes after substitution, or be too deep? */
export function isTooLarge(
  exprs: readonly ExprNode[],
  values: ReadonlyMap<string, ExprNode>,
): boolean {
  const deepest = (nodes: Iterable<ExprNode>) => {
    let depth = 0;
    for (const node of nodes) depth = Math.max(depth, exprDepth(node));
    return depth;
  };
  if (deepest(exprs) + deepest(values.values()) > MOST_DEPTH) return true;
  return inlinedSize(exprs, values) > MAX_INLINED_NODES;
}

/** How many nodes the expressions have after substitution, without building them. */
function inlinedSize(exprs: readonly ExprNode[], values: ReadonlyMap<string, ExprNode>): number {
  const sizes = new Map([...values].map(([name, expr]) => [name, exprSize(expr)]));
  const known = new Map<ExprNode, number>();
  const sizeOf = (node: ExprNode): number => {
    if (node.kind === "column") return sizes.get(node.name) ?? 1;
    const size = known.get(node) ?? childrenOf(node).reduce((sum, child) => sum + sizeOf(child), 1);
    known.set(node, size);
    return size;
  };
  return exprs.reduce((size, expr) => size + sizeOf(expr), 0);
}

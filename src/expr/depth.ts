// How deep an expression is. Walks of expressions call themselves, so that there is a depth at which they would run out of
// stack; the call that goes beyond it says so.

import { NotSupportedError } from "../base/index.ts";
import type { ExprNode } from "./node.ts";
import { childrenOf } from "./walk.ts";

/** Half of what binding, the deepest of the walks, has room for on a stack of 1 MB that is empty otherwise. */
export const MOST_DEPTH = 500;

const depths = new WeakMap<ExprNode, number>();

/** The calls on the longest way from the expression to a column or a literal. Counted once a node. */
export function exprDepth(node: ExprNode): number {
  if (node.kind === "column" || node.kind === "literal") return 0;
  const known = depths.get(node);
  if (known !== undefined) return known;
  let depth = 0;
  for (const child of childrenOf(node)) depth = Math.max(depth, 1 + exprDepth(child));
  depths.set(node, depth);
  return depth;
}

/** @throws NotSupportedError for an expression that is too deep. */
export function checkDepth(node: ExprNode): ExprNode {
  if (exprDepth(node) <= MOST_DEPTH) return node;
  throw new NotSupportedError(
    `an expression of more than ${MOST_DEPTH} calls inside of each other`,
    {
      operator: node.kind === "call" || node.kind === "aggregate" ? node.function : node.kind,
      hint: "Write isIn() for many comparisons, several filter() or withColumns() in a row, or join halves of a long chain.",
    },
  );
}

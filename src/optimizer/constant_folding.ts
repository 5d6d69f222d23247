// What does not depend on a row is computed now, and a filter that keeps all rows or none is none or an empty slice.
//
// Folded: arithmetic of int64 and float64 literals, comparisons, three-valued logic. A fold that would fail at run time
// (integer overflow) is left for run time, where the error belongs. The literal that replaces an expression has its
// dtype, written down: a bare one could take another dtype from what stands beside it.

import type { Schema } from "../dtype/index.ts";
import { sameDType } from "../dtype/index.ts";
import { type ExprNode, literalNode, rewriteExpr, withoutAlias } from "../expr/index.ts";
import { bindExpression } from "../function/index.ts";
import { type LogicalPlan, rewritePlan, slice } from "../plan/index.ts";
import { rewriteExpressions } from "./expressions.ts";
import { foldCall } from "./fold_call.ts";
import type { Rule } from "./rule.ts";

export const constantFolding: Rule = {
  name: "constantFolding",
  apply: (plan) =>
    rewritePlan(plan, (node) => foldFilter(rewriteExpressions(node, foldExpression))),
};

function foldExpression(expr: ExprNode, schema: Schema): ExprNode {
  return rewriteExpr(expr, (node) => {
    const folded = foldNode(node, schema);
    if (folded === null) return node;
    const before = bindExpression(node, schema, "optimizer").dtype;
    if (folded.kind === "literal") return literalNode(folded.value, before);
    return sameDType(bindExpression(folded, schema, "optimizer").dtype, before) ? folded : node;
  });
}

/** What the node is equal to, in fewer steps; null when it stays. Its dtype may still differ. */
function foldNode(node: ExprNode, schema: Schema): ExprNode | null {
  if (node.kind !== "call") return null;
  switch (node.function) {
    case "and":
      return foldLogic(node.args, false);
    case "or":
      return foldLogic(node.args, true);
    case "not": {
      const input = node.args[0];
      const isNot = input?.kind === "call" && input.function === "not";
      return isNot ? (input.args[0] ?? null) : foldCall(node, schema);
    }
    default:
      return foldCall(node, schema);
  }
}

/** `decides` is the value that alone decides: false for and, true for or. The other one changes nothing. */
function foldLogic(args: readonly ExprNode[], decides: boolean): ExprNode | null {
  const [left, right] = args;
  if (left === undefined || right === undefined) return null;
  for (const [side, other] of [
    [left, right],
    [right, left],
  ] as const) {
    if (side.kind !== "literal") continue;
    if (side.value === decides) return side;
    if (side.value === !decides) return other;
    if (side.value === null && other.kind === "literal" && other.value === null) return side;
  }
  return null;
}

function foldFilter(node: LogicalPlan): LogicalPlan {
  if (node.kind !== "filter") return node;
  const predicate = withoutAlias(node.predicate);
  if (predicate.kind !== "literal") return node;
  return predicate.value === true ? node.input : slice(node.input, 0, 0);
}

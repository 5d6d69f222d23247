// Two projections, one above the other, are one, and a projection that changes nothing is none. An expression of the
// lower one that several columns of the upper one read stays where it is computed once.

import { childrenOf, type ExprNode, substituteColumns, withoutAlias } from "../expr/index.ts";
import { type LogicalPlan, type Project, project, rewritePlan } from "../plan/index.ts";
import type { Rule } from "./rule.ts";

export const mergeProjects: Rule = {
  name: "mergeProjects",
  apply: (plan) => rewritePlan(plan, (node) => (node.kind === "project" ? simplify(node) : node)),
};

function simplify(node: Project): LogicalPlan {
  if (isIdentity(node)) return node.input;
  if (node.input.kind !== "project") return node;
  const lower = new Map(node.input.columns.map(({ name, expr }) => [name, withoutAlias(expr)]));
  const reads = countReads(node);
  const once = [...lower].every(([name, expr]) => isFree(expr) || (reads.get(name) ?? 0) <= 1);
  if (!once) return node;
  const columns = node.columns.map(({ name, expr }) => ({
    name,
    expr: substituteColumns(expr, lower),
  }));
  const merged = project(node.input.input, columns);
  return isIdentity(merged) ? merged.input : merged;
}

function isFree(expr: ExprNode): boolean {
  return expr.kind === "column" || expr.kind === "literal";
}

/** Every column of the input, under its own name, in order. */
function isIdentity({ columns, input }: Project): boolean {
  if (columns.length !== input.schema.length) return false;
  return columns.every(({ name, expr }, index) => {
    const inner = withoutAlias(expr);
    return (
      inner.kind === "column" && inner.name === name && input.schema.field(index).name === name
    );
  });
}

function countReads({ columns }: Project): Map<string, number> {
  const reads = new Map<string, number>();
  const visit = (node: ExprNode) => {
    if (node.kind === "column") reads.set(node.name, (reads.get(node.name) ?? 0) + 1);
    for (const child of childrenOf(node)) visit(child);
  };
  for (const { expr } of columns) visit(expr);
  return reads;
}

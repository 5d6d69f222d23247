// Two projections, one above the other, are one, and a projection that changes nothing is none. This is also what makes
// common subexpressions cheap: inside one program, lowering numbers its values (function/builder.ts), so that an
// expression which several columns read is inlined into each and still computed once.

import { substituteColumns, withoutAlias } from "../expr/index.ts";
import { type LogicalPlan, type Project, project, rewritePlan } from "../plan/index.ts";
import { isTooLarge, valuesOfColumns } from "./inline.ts";
import type { Rule } from "./rule.ts";
import type { Shared } from "./sharing.ts";

export const mergeProjects: Rule = {
  name: "mergeProjects",
  concerns: ["project"],
  apply: (plan) =>
    rewritePlan(plan, (node, shared) => (node.kind === "project" ? simplify(node, shared) : node)),
};

function simplify(node: Project, shared: Shared): LogicalPlan {
  if (isIdentity(node)) return node.input;
  if (node.input.kind !== "project") return node;
  // Columns that others read too are computed once for all.
  if (shared.has(node.input) && !onlyRenames(node.input)) return node;
  const lower = valuesOfColumns(node.input.columns, node.input.schema);
  const exprs = node.columns.map(({ expr }) => expr);
  if (isTooLarge(exprs, lower)) return node;
  const columns = node.columns.map(({ name, expr }) => ({
    name,
    expr: substituteColumns(expr, lower),
  }));
  const merged = project(node.input.input, columns);
  return isIdentity(merged) ? merged.input : merged;
}

function onlyRenames({ columns }: Project): boolean {
  return columns.every(({ expr }) => withoutAlias(expr).kind === "column");
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

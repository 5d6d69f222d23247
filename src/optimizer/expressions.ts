// Rewrites of the expressions of one operator, each with the schema that it reads.

import type { Schema } from "../dtype/index.ts";
import type { ExprNode } from "../expr/index.ts";
import {
  aggregate,
  filter,
  groupRows,
  join,
  joinOptions,
  type LogicalPlan,
  type LogicalSortKey,
  type NamedExpr,
  project,
  scanCsv,
  sort,
} from "../plan/index.ts";

type Rewrite = (expr: ExprNode, schema: Schema) => ExprNode;

/** The operator with its expressions rewritten; the same object where none changed. Inputs are left alone. */
export function rewriteExpressions(plan: LogicalPlan, rewrite: Rewrite): LogicalPlan {
  switch (plan.kind) {
    case "scanCsv": {
      const { predicate, source } = plan;
      const after = predicate === null ? null : rewrite(predicate, source.schema);
      return after === predicate ? plan : scanCsv(source, { ...plan, predicate: after });
    }
    case "project": {
      const columns = rewriteColumns(plan.columns, plan.input.schema, rewrite);
      return columns === plan.columns ? plan : project(plan.input, columns);
    }
    case "filter": {
      const predicate = rewrite(plan.predicate, plan.input.schema);
      return predicate === plan.predicate ? plan : filter(plan.input, predicate);
    }
    case "aggregate": {
      const keys = rewriteColumns(plan.keys, plan.input.schema, rewrite);
      const calls = rewriteColumns(plan.aggregates, plan.input.schema, rewrite);
      const same = keys === plan.keys && calls === plan.aggregates;
      return same ? plan : aggregate(plan.input, keys, calls, plan);
    }
    case "join": {
      const { leftOn, rightOn } = plan.givenKeys;
      const left = rewriteAll(leftOn, plan.left.schema, rewrite);
      const right = rewriteAll(rightOn, plan.right.schema, rewrite);
      if (left === leftOn && right === rightOn) return plan;
      return join(plan.left, plan.right, { ...joinOptions(plan), leftOn: left, rightOn: right });
    }
    case "groupRows": {
      const keys = rewriteColumns(plan.keys, plan.input.schema, rewrite);
      const order = rewriteSortKeys(plan.order, plan.input.schema, rewrite);
      const same = keys === plan.keys && order === plan.order;
      return same ? plan : groupRows(plan.input, keys, { ...plan, order });
    }
    case "sort": {
      const keys = rewriteSortKeys(plan.keys, plan.input.schema, rewrite);
      return keys === plan.keys ? plan : sort(plan.input, keys, plan.limit);
    }
    default:
      return plan;
  }
}

function rewriteSortKeys(
  keys: readonly LogicalSortKey[],
  schema: Schema,
  rewrite: Rewrite,
): readonly LogicalSortKey[] {
  const before = keys.map(({ expr }) => expr);
  const after = rewriteAll(before, schema, rewrite);
  if (after === before) return keys;
  return keys.map((key, index) => ({ ...key, expr: after[index] ?? key.expr }));
}

function rewriteAll(
  exprs: readonly ExprNode[],
  schema: Schema,
  rewrite: Rewrite,
): readonly ExprNode[] {
  const after = exprs.map((expr) => rewrite(expr, schema));
  return after.every((expr, index) => expr === exprs[index]) ? exprs : after;
}

function rewriteColumns(
  columns: readonly NamedExpr[],
  schema: Schema,
  rewrite: Rewrite,
): readonly NamedExpr[] {
  let isChanged = false;
  const after = columns.map((column) => {
    const expr = rewrite(column.expr, schema);
    if (expr === column.expr) return column;
    isChanged = true;
    return { name: column.name, expr };
  });
  return isChanged ? after : columns;
}

// Expressions over the columns of a projection become expressions over its input.

import { assertNever, at } from "../base/index.ts";
import type { BoundExpr } from "./bound.ts";

/** The expression with `columns[i]` in place of column i. */
export function substituteColumns(expr: BoundExpr, columns: readonly BoundExpr[]): BoundExpr {
  const substitute = (part: BoundExpr) => substituteColumns(part, columns);
  switch (expr.kind) {
    case "column":
      return at(columns, expr.index);
    case "literal":
      return expr;
    case "call":
    case "aggregate":
      return { ...expr, args: expr.args.map(substitute) };
    case "cast":
      return { ...expr, input: substitute(expr.input) };
    case "when":
      return {
        ...expr,
        branches: expr.branches.map(({ condition, value }) => ({
          condition: substitute(condition),
          value: substitute(value),
        })),
        otherwise: expr.otherwise && substitute(expr.otherwise),
      };
    default:
      return assertNever(expr);
  }
}

// Columns and aggregates of bound expressions, and what comes in their place. What the user wrote stays the text of every
// call and cast around them.

import { assertNever, at } from "../base/index.ts";
import type { BoundAggregate, BoundExpr } from "./bound.ts";

/**
 * The expression over the columns of a projection as one over its input, with `columns[i]` in place of column i. Also
 * inside of aggregates.
 */
export function substituteColumns(expr: BoundExpr, columns: readonly BoundExpr[]): BoundExpr {
  return substitute(expr, (part) => (part.kind === "column" ? at(columns, part.index) : null));
}

/** The expression over aggregates as one over their results. */
export function substituteAggregates(
  expr: BoundExpr,
  resultOf: (aggregate: BoundAggregate) => BoundExpr,
): BoundExpr {
  return substitute(expr, (part) => (part.kind === "aggregate" ? resultOf(part) : null));
}

/** With what `replace` gives in the place of parts. A part that stands in several places stays one part. */
function substitute(expr: BoundExpr, replace: (part: BoundExpr) => BoundExpr | null): BoundExpr {
  const known = new Map<BoundExpr, BoundExpr>();
  const inner = (part: BoundExpr): BoundExpr => {
    const after = known.get(part) ?? replace(part) ?? mapChildren(part, inner);
    known.set(part, after);
    return after;
  };
  return inner(expr);
}

function mapChildren(expr: BoundExpr, substitute: (part: BoundExpr) => BoundExpr): BoundExpr {
  switch (expr.kind) {
    case "column":
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

// Columns and aggregates of bound expressions, and what comes in their place. What the user wrote stays the text of every
// call and cast around them.

import { assertNever, at } from "../base/index.ts";
import type { BoundAggregate, BoundExpr } from "./bound.ts";

/**
 * The expression over the columns of a projection as one over its input, with `columns[i]` in place of column i. Also
 * inside of aggregates.
 */
export function substituteColumns(expr: BoundExpr, columns: readonly BoundExpr[]): BoundExpr {
  const substitute = (part: BoundExpr): BoundExpr => {
    if (part.kind === "column") return at(columns, part.index);
    return part.kind === "aggregate"
      ? { ...part, args: part.args.map(substitute) }
      : mapChildren(part, substitute);
  };
  return substitute(expr);
}

/** The expression over aggregates as one over their results. A part that stands in several places stays one part. */
export function substituteAggregates(
  expr: BoundExpr,
  resultOf: (aggregate: BoundAggregate) => BoundExpr,
): BoundExpr {
  const known = new Map<BoundExpr, BoundExpr>();
  const substitute = (part: BoundExpr): BoundExpr => {
    const after =
      known.get(part) ??
      (part.kind === "aggregate" ? resultOf(part) : mapChildren(part, substitute));
    known.set(part, after);
    return after;
  };
  return substitute(expr);
}

function mapChildren(
  expr: Exclude<BoundExpr, BoundAggregate>,
  substitute: (part: BoundExpr) => BoundExpr,
): BoundExpr {
  switch (expr.kind) {
    case "column":
    case "literal":
      return expr;
    case "call":
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

// Expressions in the place of the columns that they compute.

import type { Schema } from "../dtype/index.ts";
import { type ExprNode, literalNode, withoutAlias } from "../expr/index.ts";
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

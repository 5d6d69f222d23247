// Rows by key, stable. With a limit only the first rows of that order are wanted (top-k).

import { InvalidArgumentError } from "../base/index.ts";
import type { Schema } from "../dtype/index.ts";
import type { ExprNode } from "../expr/index.ts";
import { exprText } from "../function/index.ts";
import { checkCount, scalarField } from "./derive.ts";
import type { LogicalPlan } from "./logical_plan.ts";

export interface LogicalSortKey {
  readonly expr: ExprNode;
  readonly descending: boolean;
  /** Where nulls go, whatever the direction. */
  readonly nulls: "first" | "last";
}

export interface Sort {
  readonly kind: "sort";
  readonly schema: Schema;
  readonly input: LogicalPlan;
  readonly keys: readonly LogicalSortKey[];
  readonly limit: number | null;
}

export function sort(
  input: LogicalPlan,
  keys: readonly LogicalSortKey[],
  limit: number | null = null,
): Sort {
  if (keys.length === 0) {
    throw new InvalidArgumentError("sort() needs at least one key", { operator: "sort" });
  }
  checkSortKeys(keys, input.schema, "sort");
  return Object.freeze({
    kind: "sort",
    schema: input.schema,
    input,
    keys: Object.freeze(keys.map((key) => Object.freeze({ ...key }))),
    limit: limit === null ? null : checkCount(limit, "the limit", "sort"),
  });
}

export function checkSortKeys(
  keys: readonly LogicalSortKey[],
  schema: Schema,
  operator: string,
): void {
  for (const { expr, nulls } of keys) {
    scalarField({ name: "", expr }, schema, operator);
    if (nulls !== "first" && nulls !== "last") {
      throw new InvalidArgumentError(`nulls: ${JSON.stringify(nulls)} is unknown`, {
        operator,
        hint: 'It is "first" or "last".',
      });
    }
  }
}

export function sortText({ keys, limit }: Sort): string {
  return `sort by ${sortKeysText(keys)}${limit === null ? "" : `, first ${limit}`}`;
}

export function sortKeysText(keys: readonly LogicalSortKey[]): string {
  const texts = keys.map(({ expr, descending, nulls }) => {
    return `${exprText(expr)}${descending ? " descending" : ""}${nulls === "first" ? " nulls first" : ""}`;
  });
  return texts.join(", ");
}

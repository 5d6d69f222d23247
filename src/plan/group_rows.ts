// The first or last rows of each group, in row order or in an order of their own. Keeps row order, as a filter does.

import { InvalidArgumentError } from "../base/index.ts";
import type { Schema } from "../dtype/index.ts";
import { checkCount, columnsText, freezeColumns, type NamedExpr, scalarField } from "./derive.ts";
import type { LogicalPlan } from "./logical_plan.ts";
import { checkSortKeys, type LogicalSortKey, sortKeysText } from "./sort.ts";

export interface GroupRows {
  readonly kind: "groupRows";
  readonly schema: Schema;
  readonly input: LogicalPlan;
  readonly keys: readonly NamedExpr[];
  /** The order inside a group; empty: row order. Equal rows keep row order. */
  readonly order: readonly LogicalSortKey[];
  /** How many rows of each group stay. */
  readonly count: number;
  /** The end of the order from which they are counted. */
  readonly end: "first" | "last";
  /** Leave out rows with a null in any key. */
  readonly dropNulls: boolean;
}

export type GroupRowsOptions = Pick<GroupRows, "order" | "count" | "end" | "dropNulls">;

export function groupRows(
  input: LogicalPlan,
  keys: readonly NamedExpr[],
  options: GroupRowsOptions,
  operator = "groupBy",
): GroupRows {
  if (keys.length === 0) {
    throw new InvalidArgumentError("rows of each group need at least one key", {
      operator: "groupBy",
      hint: "Without groups write df.limit(n), or df.sort(by).limit(n).",
    });
  }
  for (const key of keys) scalarField(key, input.schema, "groupBy");
  checkSortKeys(options.order, input.schema, operator);
  return Object.freeze({
    kind: "groupRows",
    schema: input.schema,
    input,
    keys: freezeColumns(keys),
    order: Object.freeze(options.order.map((key) => Object.freeze({ ...key }))),
    count: checkCount(options.count, "the number of rows of a group", operator),
    end: options.end,
    dropNulls: options.dropNulls,
  });
}

export function groupRowsText({ keys, order, count, end, dropNulls }: GroupRows): string {
  const by = order.length === 0 ? "" : ` in the order of ${sortKeysText(order)}`;
  const flags = dropNulls ? ", null keys dropped" : "";
  return `${end} ${count} rows of each ${columnsText(keys)}${by}${flags}`;
}

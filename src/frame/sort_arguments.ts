// The arguments of sort(), as keys of the plan.

import { checkOptions, InvalidArgumentError } from "../base/index.ts";
import type { Schema } from "../dtype/index.ts";
import { Expr } from "../expr/index.ts";
import type { LogicalSortKey } from "../plan/index.ts";
import { columnExpr } from "./column_arguments.ts";
import type { ExprOver, NameOf } from "./schema_types.ts";

export interface SortSettings {
  /** Default false. */
  readonly descending?: boolean;
  /** Default "last", in both directions. */
  readonly nulls?: "first" | "last";
}

export interface SortKey<S> extends SortSettings {
  readonly by: NameOf<S> | ExprOver<S>;
}

export type SortBy<S> = NameOf<S> | ExprOver<S> | SortKey<S>;

const SETTINGS = { descending: "any", nulls: ["first", "last"] } as const;
const KEY = { by: "any", ...SETTINGS } as const;
export const SORT_HINT = 'Write sort(["a", "b"]), and { descending: true } behind the keys.';

/** What a key leaves open, `settings` decides. */
export function sortKeysOf(by: unknown, settings: SortSettings, schema: Schema): LogicalSortKey[] {
  checkOptions("sort", settings, SETTINGS, SORT_HINT);
  const list: readonly unknown[] = Array.isArray(by) ? by : [by];
  return list.map((key) => {
    const own = isSortKey(key) ? key : { by: key };
    if (own === key) checkOptions("sort", key, KEY, SORT_HINT);
    return {
      expr: columnExpr(own.by, schema, "sort"),
      descending: flag(own.descending ?? settings.descending ?? false),
      nulls: own.nulls ?? settings.nulls ?? "last",
    };
  });
}

function isSortKey(key: unknown): key is SortSettings & { readonly by: unknown } {
  return typeof key === "object" && key !== null && !(key instanceof Expr) && "by" in key;
}

function flag(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new InvalidArgumentError("descending: is true or false", {
    operator: "sort",
    hint: 'For several directions write sort([{ by: "a" }, { by: "b", descending: true }]).',
  });
}

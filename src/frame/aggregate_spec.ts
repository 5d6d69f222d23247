// What agg() accepts, as named expressions:
//
//   { n: count(), worst: col("delay").max() }          expressions under their names
//   { delay: "mean", distance: ["min", "max"] }        pandas' form: delay, distance_min, distance_max

import { InvalidArgumentError } from "../base/index.ts";
import type { Schema } from "../dtype/index.ts";
import { col, Expr, type ExprNode } from "../expr/index.ts";
import type { NamedExpr } from "../plan/index.ts";
import type { AggregateName } from "./schema_types.ts";

const BY_NAME: Readonly<Record<AggregateName, (column: string) => Expr>> = {
  sum: (column) => col(column).sum(),
  mean: (column) => col(column).mean(),
  min: (column) => col(column).min(),
  max: (column) => col(column).max(),
  count: (column) => col(column).count(),
  nUnique: (column) => col(column).nUnique(),
  first: (column) => col(column).first(),
  last: (column) => col(column).last(),
  any: (column) => col(column).any(),
  all: (column) => col(column).all(),
  var: (column) => col(column).var(),
  std: (column) => col(column).std(),
  median: (column) => col(column).median(),
  mode: (column) => col(column).mode(),
  skew: (column) => col(column).skew(),
  argMin: (column) => col(column).argMin(),
  argMax: (column) => col(column).argMax(),
  kurtosis: (column) => col(column).kurtosis(),
};

/** Of agg(a, b). */
export const ONE_OBJECT = "Write one object: agg({ n: count(), worst: col(NAME).max() }).";

export function namedAggregates(spec: object, schema: Schema): NamedExpr[] {
  if (spec === null || typeof spec !== "object" || Array.isArray(spec) || spec instanceof Expr) {
    throw new InvalidArgumentError("agg() takes an object of aggregates by name", {
      operator: "agg",
      hint: "Write agg({ n: count(), worst: col(NAME).max() }).",
    });
  }
  const named: NamedExpr[] = [];
  for (const [name, value] of Object.entries(spec)) {
    if (value instanceof Expr) {
      named.push({ name, expr: value.node });
      continue;
    }
    schema.indexOf(name, "agg");
    if (!Array.isArray(value)) named.push({ name, expr: byName(name, value) });
    else {
      for (const item of value)
        named.push({ name: `${name}_${String(item)}`, expr: byName(name, item) });
    }
  }
  return named;
}

function byName(column: string, aggregate: unknown): ExprNode {
  if (typeof aggregate === "string" && Object.hasOwn(BY_NAME, aggregate)) {
    return BY_NAME[aggregate as AggregateName](column).node;
  }
  throw new InvalidArgumentError(`${JSON.stringify(aggregate)} is no aggregate`, {
    operator: "agg",
    column,
    hint: `It is an expression, or one of ${Object.keys(BY_NAME).join(", ")}.`,
  });
}

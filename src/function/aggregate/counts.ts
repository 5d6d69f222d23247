// count (of rows without an argument, else of values) and nUnique.

import { INT64 } from "../../dtype/index.ts";
import { type AggregateFunction, columnOf, stateOf } from "./function.ts";

export const countFunctions: readonly AggregateFunction[] = [
  {
    name: "count",
    arity: { least: 0 },
    bind: ({ inputs }) => ({ args: inputs, dtype: INT64 }),
    plan: (site, monoids) =>
      site.columns.length === 0
        ? stateOf(monoids, { kind: "count" })
        : stateOf(monoids, { kind: "countValues", column: columnOf(site) }),
  },
  {
    name: "nUnique",
    arity: 1,
    bind: ({ inputs }) => ({ args: inputs, dtype: INT64 }),
    plan: (site) => ({ kind: "nUnique", column: columnOf(site) }),
  },
];

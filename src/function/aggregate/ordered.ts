// mode, argMin, argMax: of the values as they are ordered.

import { INT64 } from "../../dtype/index.ts";
import { type AggregateFunction, bindToInput, columnOf, inputOf } from "./function.ts";

function place(name: "argMin" | "argMax"): AggregateFunction {
  return {
    name,
    arity: 1,
    bind: (site) => ({ args: [inputOf(site)], dtype: INT64 }),
    plan: (site) => ({ kind: "argExtreme", column: columnOf(site), upper: name === "argMax" }),
  };
}

export const orderedFunctions: readonly AggregateFunction[] = [
  {
    name: "mode",
    arity: 1,
    bind: bindToInput,
    plan: (site) => ({ kind: "mode", column: columnOf(site) }),
  },
  place("argMin"),
  place("argMax"),
];

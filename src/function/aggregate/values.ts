// min, max, first, last, any, all: one of the values that are there.

import { BOOL } from "../../dtype/index.ts";
import {
  type AggregateFunction,
  bindToInput,
  columnOf,
  inputOf,
  invalidOption,
  mismatch,
  optionOf,
  stateOf,
} from "./function.ts";

/** Of bools, false is less than true: the least is whether all are true, the greatest whether any is. */
function extreme(name: "min" | "max"): AggregateFunction {
  return {
    name,
    arity: 1,
    bind: bindToInput,
    plan: (site, monoids) => {
      const ofBool = name === "min" ? "all" : "any";
      return stateOf(monoids, {
        kind: inputOf(site) === BOOL ? ofBool : name,
        column: columnOf(site),
      });
    },
  };
}

function end(name: "first" | "last"): AggregateFunction {
  return {
    name,
    arity: 1,
    bind: (site) => {
      const nulls = optionOf(site.options, "nulls") ?? "skip";
      if (nulls !== "skip" && nulls !== "keep") {
        throw invalidOption(site, 'nulls is "skip" or "keep"', `Write ${name}({ nulls: "keep" }).`);
      }
      return bindToInput(site);
    },
    plan: (site, monoids) => {
      const nulls = optionOf(site.options, "nulls") === "keep" ? "keep" : "skip";
      return stateOf(monoids, { kind: name, column: columnOf(site), nulls });
    },
  };
}

function quantifier(name: "any" | "all"): AggregateFunction {
  return {
    name,
    arity: 1,
    bind: (site) => {
      if (inputOf(site) !== BOOL) throw mismatch(site, "a bool", "Compare first, as in .gt(0).");
      return { args: [BOOL], dtype: BOOL };
    },
    plan: (site, monoids) => stateOf(monoids, { kind: name, column: columnOf(site) }),
  };
}

export const valueFunctions: readonly AggregateFunction[] = [
  extreme("min"),
  extreme("max"),
  end("first"),
  end("last"),
  quantifier("any"),
  quantifier("all"),
];

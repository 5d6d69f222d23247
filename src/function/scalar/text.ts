// str.contains, str.startsWith, str.endsWith, str.like: does a text have a pattern that is known when the plan is made?

import { BOOL, STRING } from "../../dtype/index.ts";
import type { StringPredicate } from "../../ir/index.ts";
import {
  commonOf,
  invalidOption,
  mismatch,
  only,
  optionOf,
  type ScalarFunction,
} from "./function.ts";

function predicate(name: StringPredicate): ScalarFunction {
  return {
    name: `str.${name}`,
    arity: 1,
    bind: (site) => {
      if (commonOf(site, "a string", STRING) !== STRING) {
        throw mismatch(site, "a string", 'Cast to a string first, as in .cast("string").');
      }
      if (typeof optionOf(site, "pattern") !== "string") {
        throw invalidOption(site, "the pattern is a text", `Write str.${name}("text").`);
      }
      return { args: [STRING], dtype: BOOL };
    },
    lower: ({ builder }, args, call) => {
      const { value: a, validity } = only(args);
      const pattern = builder.textConstant(call.options.pattern as string);
      const value = builder.emit({
        op: "stringPredicate",
        lane: "bool",
        predicate: name,
        a,
        pattern,
      });
      return { value, validity };
    },
  };
}

export const textFunctions: readonly ScalarFunction[] = [
  predicate("contains"),
  predicate("startsWith"),
  predicate("endsWith"),
  predicate("like"),
];

// Two filters, one above the other, are one: a single pass over the rows. Unless the upper one may raise an error for
// rows that the lower one keeps from it, or others read what the lower one keeps.

import { callNode, exprDepth, MOST_DEPTH } from "../expr/index.ts";
import { filter, rewritePlan } from "../plan/index.ts";
import { isFallible } from "./fallible.ts";
import type { Rule } from "./rule.ts";

export const mergeFilters: Rule = {
  name: "mergeFilters",
  concerns: ["filter"],
  apply: (plan) =>
    rewritePlan(plan, (node, shared) => {
      if (node.kind !== "filter" || node.input.kind !== "filter") return node;
      if (shared.has(node.input)) return node;
      const lower = node.input;
      if (isFallible(node.predicate, lower.schema)) return node;
      const both = callNode("and", [lower.predicate, node.predicate]);
      return exprDepth(both) > MOST_DEPTH ? node : filter(lower.input, both);
    }),
};

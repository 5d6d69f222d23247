// A limit above a sort: the sort need only find the first rows of its order.

import { rewritePlan, slice, sort } from "../plan/index.ts";
import type { Rule } from "./rule.ts";

export const topK: Rule = {
  name: "topK",
  concerns: ["slice"],
  apply: (plan) =>
    rewritePlan(plan, (node, shared) => {
      // A sort that others read too is there anyway.
      if (node.kind !== "slice" || node.input.kind !== "sort" || shared.has(node.input))
        return node;
      const { input, keys, limit } = node.input;
      const end = Math.min(limit ?? Number.MAX_SAFE_INTEGER, node.offset + node.length);
      const first = end === limit ? node.input : sort(input, keys, end);
      return node.offset === 0 ? first : slice(first, node.offset, node.length);
    }),
};

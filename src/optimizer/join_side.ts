// The smaller side of a join is hashed. The estimate only ever costs time: no result depends on it.

import { rewritePlan, withBuildSide } from "../plan/index.ts";
import { estimateRows } from "./estimate.ts";
import type { Rule } from "./rule.ts";

export const joinSide: Rule = {
  name: "joinSide",
  concerns: ["join"],
  apply: (plan) =>
    rewritePlan(plan, (node) => {
      if (node.kind !== "join" || node.how === "cross" || node.buildSide !== "auto") return node;
      const left = estimateRows(node.left);
      const right = estimateRows(node.right);
      if (left === null || right === null) return node;
      return withBuildSide(node, left < right ? "left" : "right");
    }),
};

// An outer join under a filter that no padded row passes is an inner join, or one that pads a single side.
//
//   full, right columns must not be null   -> right      full, left columns must not be null -> left
//   left, right columns must not be null   -> inner      right, left columns must not be null -> inner
//
// The order of rows is the same in each case: the kernel contract puts unmatched right rows last, and unmatched left rows
// where they stand on the left.

import { isFloat } from "../dtype/index.ts";
import type { ExprNode } from "../expr/index.ts";
import { type Join, join, joinOptions, joinOutputs, type LogicalJoinHow } from "../plan/index.ts";
import { rejectsNulls } from "./conjuncts.ts";

/** The join that gives the rows which `parts`, evaluated above it, keep. The same object where nothing changes. */
export function simplifyOuterJoin(node: Join, parts: readonly ExprNode[]): Join {
  // A validated join and one with a coalesced float key (-0 on one side, 0 on the other) keep their kind.
  if (node.validate !== null || hasFloatKeyColumn(node)) return node;
  const how = weakerKind(node, parts);
  return how === node.how ? node : join(node.left, node.right, { ...joinOptions(node), how });
}

function weakerKind(node: Join, parts: readonly ExprNode[]): LogicalJoinHow {
  const rejects = (side: "left" | "right") => {
    const columns = sideNames(node, side);
    return parts.some((part) => rejectsNulls(part, columns));
  };
  switch (node.how) {
    case "left":
      return rejects("right") ? "inner" : "left";
    case "right":
      return rejects("left") ? "inner" : "right";
    case "full": {
      const needsLeft = rejects("left");
      const needsRight = rejects("right");
      if (needsLeft && needsRight) return "inner";
      return needsLeft ? "left" : needsRight ? "right" : "full";
    }
    default:
      return node.how;
  }
}

function sideNames(node: Join, side: "left" | "right"): Set<string> {
  const outputs = joinOutputs(node).filter((output) => output.side === side);
  return new Set(outputs.map(({ field }) => field.name));
}

function hasFloatKeyColumn(node: Join): boolean {
  return joinOutputs(node).some(({ side, field }) => side === "key" && isFloat(field.dtype));
}

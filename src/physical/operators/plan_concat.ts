// concat: the partitions of all inputs, one after the other. Nothing moves.

import type { Concat } from "../../plan/index.ts";
import type { PhysicalPlan } from "../plan.ts";

export function planConcat(node: Concat, inputs: readonly PhysicalPlan[]): PhysicalPlan {
  return {
    kind: "union",
    operator: "concat",
    schema: node.schema,
    partitions: inputs.reduce((sum, input) => sum + input.partitions, 0),
    inputs,
  };
}

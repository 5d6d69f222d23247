// slice: each partition keeps at most the rows that the slice can reach, then one partition is cut.

import type { Slice } from "../../plan/index.ts";
import { applyOperation, gather, type PlanningContext } from "../build.ts";
import type { PhysicalPlan } from "../plan.ts";

export function planSlice(
  context: PlanningContext,
  node: Slice,
  input: PhysicalPlan,
): PhysicalPlan {
  const cut = (from: PhysicalPlan, offset: number, length: number) =>
    applyOperation(context, { kind: "slice", offset, length }, [from], node.schema, "slice");
  const reach = node.offset + node.length;
  const narrowed = input.partitions > 1 ? cut(input, 0, reach) : input;
  return cut(gather(context, narrowed, "slice"), node.offset, node.length);
}

// slice: each partition keeps at most the rows that the slice can reach, then one partition is cut. Of more rows than one
// task holds, partitions are cut where they are, once their rows are counted.

import type { Slice } from "../../plan/index.ts";
import { applyOperation, gather, type PlanningContext, workingSetBytes } from "../build.ts";
import type { PhysicalPlan } from "../plan.ts";
import { rowBytes } from "../size_estimate.ts";
import { defer, needsStages } from "../staged/parts.ts";

export function planSlice(
  context: PlanningContext,
  node: Slice,
  input: PhysicalPlan,
): PhysicalPlan {
  const sliced = sliceRows(context, input, node.offset, node.length, "slice");
  return { ...sliced, schema: node.schema, renames: sliced.renames ?? sliced };
}

export function sliceRows(
  context: PlanningContext,
  input: PhysicalPlan,
  offset: number,
  length: number,
  operator: string,
): PhysicalPlan {
  const { schema } = input;
  const cut = (from: PhysicalPlan, start: number, count: number) =>
    applyOperation(
      context,
      { kind: "slice", offset: start, length: count },
      [from],
      schema,
      operator,
    );
  const reach = offset + length;
  const narrowed = input.partitions > 1 ? cut(input, 0, reach) : input;
  if (reach * rowBytes(schema) > workingSetBytes(context) && needsStages(context, narrowed)) {
    return defer(
      context,
      { kind: "slice", offset, length },
      { inputs: [narrowed], operator, schema },
    );
  }
  return cut(gather(context, narrowed, operator), offset, length);
}

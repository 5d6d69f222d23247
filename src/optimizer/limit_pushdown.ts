// A limit moves toward the scans: past what gives each of its rows from one row in the same place, into every input of a
// concat (which still needs its own), into a csv scan, which then stops reading.

import {
  concat,
  type LogicalPlan,
  project,
  repartition,
  rewritePlan,
  type ScanCsv,
  type Slice,
  scanCsv,
  slice,
} from "../plan/index.ts";
import type { Rule } from "./rule.ts";

export const limitPushdown: Rule = {
  name: "limitPushdown",
  concerns: ["slice"],
  apply: (plan) => rewritePlan(plan, (node) => (node.kind === "slice" ? pushSlice(node) : node)),
};

function pushSlice(node: Slice): LogicalPlan {
  const { input, offset, length } = node;
  switch (input.kind) {
    case "project":
      return project(pushSlice(slice(input.input, offset, length)), input.columns);
    case "repartition":
      return repartition(pushSlice(slice(input.input, offset, length)), input.partitions);
    case "slice": {
      const available = Math.max(0, input.length - offset);
      return pushSlice(slice(input.input, input.offset + offset, Math.min(length, available)));
    }
    case "concat": {
      const inputs = input.inputs.map((part) => limited(part, offset + length));
      return inputs.every((part, index) => part === input.inputs[index])
        ? node
        : slice(concat(inputs), offset, length);
    }
    case "scanCsv":
      return sliceScan(input, node);
    default:
      return node;
  }
}

/** At most the first `length` rows of a plan; the same object where it gives no more anyway. */
function limited(plan: LogicalPlan, length: number): LogicalPlan {
  const known = plan.kind === "slice" ? plan.length : plan.kind === "scanCsv" ? plan.limit : null;
  if (known !== null && known <= length) return plan;
  return pushSlice(slice(plan, 0, length));
}

function sliceScan(scan: ScanCsv, { offset, length }: Slice): LogicalPlan {
  const limit = Math.min(scan.limit ?? Number.MAX_SAFE_INTEGER, offset + length);
  const shorter = limit === scan.limit ? scan : scanCsv(scan.source, { ...scan, limit });
  return offset === 0 && limit <= length ? shorter : slice(shorter, offset, length);
}

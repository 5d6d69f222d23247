// A join whose tasks would give too much, because keys repeat on both sides: the left rows are cut into runs, each of which meets
// the whole right side. How many runs is found by trying (join_bound.ts): rows that match are counted nowhere else.

import type { Schema } from "../../dtype/index.ts";
import { type PlanningContext, workingSetBytes } from "../build.ts";
import type { DataSize } from "../device_costs.ts";
import type { JoinOperation } from "../operation.ts";
import type { PhysicalPlan } from "../plan.ts";
import { rowBytes, sized } from "../size_estimate.ts";

/** Each run is a task of its own: a partition is not cut into more. */
export const MOST_JOIN_RUNS = 2 ** 12;

/** The operation with the bound that holds for its tasks. `schema`: what it gives. */
export function boundedJoin(
  context: PlanningContext,
  operation: JoinOperation,
  schema: Schema,
  join: number,
): JoinOperation {
  const bytes = workingSetBytes(context);
  const isFiltering = operation.how === "semi" || operation.how === "anti";
  if (isFiltering || !Number.isFinite(bytes)) return operation;
  // What cannot be cut further is not refused.
  const isCut = (context.joinRuns.get(join) ?? 1) >= MOST_JOIN_RUNS;
  const rows = isCut ? Infinity : Math.ceil(bytes / Math.max(1, rowBytes(schema)));
  return { ...operation, bound: { rows, join } };
}

/** What a join gives of so many partitions, if it is in runs: they are as many as its rows were too many. */
export function sizeInRuns(
  context: PlanningContext,
  { bound }: JoinOperation,
  schema: Schema,
  partitions: number,
): DataSize {
  const runs = bound === undefined ? 1 : (context.joinRuns.get(bound.join) ?? 1);
  return sized(runs === 1 || bound === undefined ? 0 : partitions * runs * bound.rows, schema);
}

/** The partitions, or runs of each that are nearly equally long. */
export function cutIntoRuns(
  context: PlanningContext,
  { bound }: JoinOperation,
  left: PhysicalPlan,
): PhysicalPlan {
  const runs = bound === undefined ? 1 : (context.joinRuns.get(bound.join) ?? 1);
  if (runs === 1) return left;
  const { schema } = left;
  const partitions = left.partitions * runs;
  return { kind: "split", operator: "join", schema, partitions, input: left, runsEach: runs };
}

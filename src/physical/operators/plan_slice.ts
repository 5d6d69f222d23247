// slice: of rows in memory the first ones are known when the query is planned. Otherwise partitions are computed in order
// until they have given enough rows, and are cut then.

import { type Batch, sliceBatch } from "../../column/index.ts";
import { type LogicalPlan, readerCounts, type Slice } from "../../plan/index.ts";
import { applyOperation, gather, type PlanningContext, workingSetBytes } from "../build.ts";
import type { PhysicalPlan, ScanBatches } from "../plan.ts";
import { estimateSize, rowBytes } from "../size_estimate.ts";
import { defer, needsStages } from "../staged/parts.ts";
import type { RowWindow } from "../staged/step.ts";

/** Of the input's rows, what a slice must not reach for an early end to be worth waiting for it. */
const WORTH_ENDING = 0.5;
/** More values are cut by a task: bitmaps that do not begin at a byte are shifted. */
const MOST_VALUES_AT_ONCE = 2 ** 18;

export function planSlice(
  context: PlanningContext,
  node: Slice,
  input: PhysicalPlan,
  readers: ReadonlyMap<LogicalPlan, number>,
): PhysicalPlan {
  const slice = isReadElsewhere(node.input, readers) ? sliceAll : sliceRows;
  const sliced = slice(context, input, node, "slice");
  return { ...sliced, schema: node.schema, renames: sliced.renames ?? sliced };
}

export function sliceRows(
  context: PlanningContext,
  input: PhysicalPlan,
  { offset, length }: RowWindow,
  operator: string,
): PhysicalPlan {
  const scan = input.renames ?? input;
  if (scan.kind === "scanBatches" && length * scan.columns.length <= MOST_VALUES_AT_ONCE) {
    return sliceBatches(scan, { offset, length });
  }
  const reach = offset + length;
  if (input.partitions === 1 || reach > WORTH_ENDING * estimateSize(input).rows) {
    return sliceAll(context, input, { offset, length }, operator);
  }
  const step = { kind: "slice" as const, offset, length };
  const deferred = defer(context, step, {
    inputs: [cut(context, input, { offset: 0, length: reach }, operator)],
    operator,
    schema: input.schema,
    reason: `partitions are computed in order, until they have ${reach} rows`,
  });
  return isOnePartition(context, deferred, reach) ? { ...deferred, partitions: 1 } : deferred;
}

/** May so many rows be gathered? */
export function isOnePartition(
  context: PlanningContext,
  { schema }: Pick<PhysicalPlan, "schema">,
  rows: number,
): boolean {
  return rows * rowBytes(schema) <= workingSetBytes(context);
}

/** Of partitions that are computed anyway: each keeps at most the rows that the slice can reach. */
function sliceAll(
  context: PlanningContext,
  input: PhysicalPlan,
  { offset, length }: RowWindow,
  operator: string,
): PhysicalPlan {
  const { schema } = input;
  const reach = offset + length;
  const narrowed =
    input.partitions > 1 ? cut(context, input, { offset: 0, length: reach }, operator) : input;
  if (!isOnePartition(context, input, reach) && needsStages(context, narrowed)) {
    const step = { kind: "slice" as const, offset, length };
    return defer(context, step, { inputs: [narrowed], operator, schema });
  }
  return cut(context, gather(context, narrowed, operator), { offset, length }, operator);
}

function cut(
  context: PlanningContext,
  input: PhysicalPlan,
  window: RowWindow,
  operator: string,
): PhysicalPlan {
  const operation = { kind: "slice" as const, offset: window.offset, length: window.length };
  return applyOperation(context, operation, [input], input.schema, operator);
}

/** Neither a task nor a copy. */
function sliceBatches(scan: ScanBatches, { offset, length }: RowWindow): PhysicalPlan {
  const batches: Batch[] = [];
  let first = 0;
  for (const batch of scan.batches) {
    const begin = Math.max(offset, first) - first;
    const count = Math.min(offset + length, first + batch.rowCount) - first - begin;
    first += batch.rowCount;
    if (count > 0) batches.push(sliceBatch(batch, begin, count));
  }
  const [one] = scan.batches;
  if (batches.length === 0 && one !== undefined) batches.push(sliceBatch(one, 0, 0));
  const before = scan.batches.reduce((rows, { rowCount }) => rows + rowCount, 0);
  const after = batches.reduce((rows, { rowCount }) => rows + rowCount, 0);
  const shares = scan.shares === null ? null : fewerShares(scan.shares, after / before);
  const { renames: _, ...rest } = scan;
  return {
    ...rest,
    operator: "slice",
    batches,
    shares,
    partitions: shares?.length ?? batches.length,
  };
}

/** As many as come to so much of the rows, of equal size. */
function fewerShares(shares: readonly number[], part: number): readonly number[] {
  const count = Math.max(1, Math.ceil(shares.length * (Number.isFinite(part) ? part : 0)));
  return Array.from({ length: count }, () => 1 / count);
}

/** Is something that the plan computes read by others too? Then it is computed as a whole whatever the slice needs. */
function isReadElsewhere(plan: LogicalPlan, readers: ReadonlyMap<LogicalPlan, number>): boolean {
  for (const [node, own] of readerCounts(plan)) {
    if (node.kind === "scanTable" || node.kind === "scanPersisted") continue;
    if ((readers.get(node) ?? 0) > own) return true;
  }
  return false;
}

// Scans: how many partitions a source is cut into, and what is decoded.

import type { Steps } from "../../base/index.ts";
import type { Schema } from "../../dtype/index.ts";
import { columnsOf } from "../../expr/index.ts";
import { bindExpression } from "../../function/index.ts";
import type { CsvSource } from "../../io/index.ts";
import type { ScanCsv, ScanPersisted, ScanTable } from "../../plan/index.ts";
import { allColumns, evaluated, type PlanningContext } from "../build.ts";
import { partitionShares } from "../partition_shares.ts";
import { placeOnHost } from "../placement.ts";
import type { PhysicalPlan } from "../plan.ts";
import { isOnePartition, sliceRows } from "./plan_slice.ts";

/** Bytes of the widest fixed-width value: what a row costs at most in one column's buffer. */
const WIDEST_VALUE = 8;

export function planScanTable(context: PlanningContext, node: ScanTable): PhysicalPlan {
  const { batches, schema } = node.source;
  const names = node.projection ?? schema.names;
  const rows = batches.reduce((sum, batch) => sum + batch.rowCount, 0);
  // A source that comes in several batches keeps them.
  const shares = batches.length === 1 ? sharesFor(context, rows, names.length) : null;
  return {
    kind: "scanBatches",
    operator: "scan",
    schema: node.schema,
    partitions: shares?.length ?? batches.length,
    batches,
    shares,
    columns: names.map((name) => schema.indexOf(name, "scan")),
  };
}

export function planScanPersisted({ handle, projection, schema }: ScanPersisted): PhysicalPlan {
  return {
    kind: "scanPersisted",
    operator: "scan",
    schema,
    partitions: handle.partitions,
    handle,
    columns: projection?.map((name) => handle.schema.indexOf(name, "scan")) ?? null,
  };
}

export function* planScanCsv(context: PlanningContext, node: ScanCsv): Steps<PhysicalPlan> {
  const { source, predicate, limit } = node;
  const projection = node.projection ?? source.schema.names;
  // What only the predicate reads comes last, and is gone after it.
  const read = predicate === null ? [] : [...columnsOf(predicate)];
  const columns = [...new Set([...projection, ...read])];
  const schema = source.schema.select(columns);
  // The source's own limit is one on what is read; that on what a predicate keeps is not.
  const most = leastOf(source.settings.limit, predicate === null ? limit : null);
  const rows = readRows(context, source, { columns, schema }, most);
  const kept =
    predicate === null
      ? rows
      : yield* evaluated(context, rows, {
          outputs: allColumns(node.schema),
          predicate: bindExpression(predicate, schema, "filter"),
          schema: node.schema,
          operator: "filter",
        });
  if (limit === null || predicate === null) return kept;
  return sliceRows(context, kept, { offset: 0, length: limit }, "limit");
}

/** The first `limit` rows: by a reader that stops there, unless one task could not hold them. */
function readRows(
  context: PlanningContext,
  source: CsvSource,
  { columns, schema }: { readonly columns: readonly string[]; readonly schema: Schema },
  limit: number | null,
): PhysicalPlan {
  const isWhole = limit !== null && isOnePartition(context, { schema }, limit);
  const scan: PhysicalPlan = {
    kind: "scanCsv",
    operator: "readCsv",
    schema,
    partitions: isWhole ? 1 : splitsFor(context, source.estimatedRows, columns.length),
    source,
    columns,
    limit: isWhole ? limit : null,
    placement: placeOnHost(context.policy),
  };
  if (limit === null || isWhole) return scan;
  return sliceRows(context, scan, { offset: 0, length: limit }, "limit");
}

function leastOf(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

/** A task reads one partition and makes another, with workspace beside them; one more may be on its way. */
const PARTITIONS_A_TASK = 4;
/** Below, launches would cost more than the rows: no share is less that need not be. */
const LEAST_BYTES = 2 ** 16;
/** Values that are computed or compared for one that is read. */
const UNITS_A_VALUE = 4;

/** In what shares the devices of the session get the rows. */
function sharesFor(context: PlanningContext, rows: number, columns: number): readonly number[] {
  if (context.partitions !== null) return evenShares(context.partitions);
  const values = rows * columns;
  const unlimited = Number.POSITIVE_INFINITY;
  const taskBytes = context.hostBudgetBytes ?? unlimited;
  const asked = context.partitionBytes ?? unlimited;
  const most = Math.max(
    Math.min(LEAST_BYTES, taskBytes, asked),
    Math.min(asked, taskBytes / PARTITIONS_A_TASK),
  );
  // No share's column may exceed what one buffer holds, and no share what a partition may.
  const least = Math.max(
    context.columnByteLimit === null ? 0 : (rows * WIDEST_VALUE) / context.columnByteLimit,
    (values * WIDEST_VALUE) / most,
  );
  const shares = partitionShares(
    context.sharing.map((costs) => ({
      totalMs: Math.max(
        (values * UNITS_A_VALUE) / costs.unitsPerMs.evaluate,
        (values * WIDEST_VALUE) / costs.uploadBytesPerMs,
      ),
      launchMs: costs.launchMs,
    })),
  );
  return Math.max(...shares) * least <= 1 ? shares : evenShares(Math.ceil(least * shares.length));
}

/** A file's splits are of equal size: where records begin is found by reading it. */
function splitsFor(context: PlanningContext, rows: number, columns: number): number {
  if (context.partitions !== null) return context.partitions;
  return sharesFor({ ...context, columnByteLimit: null }, rows, columns).length;
}

function evenShares(count: number): readonly number[] {
  return Array.from({ length: count }, () => 1 / count);
}

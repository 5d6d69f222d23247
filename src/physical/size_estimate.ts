// How much a node gives at most, as far as the plan tells: predicates are taken to keep every row, groups to be as many
// as rows. Whether one task could have to hold too much follows from it; no result does.

import { assertNever, at } from "../base/index.ts";
import { type Batch, batchBytes } from "../column/index.ts";
import { bitWidth, type DType, type Schema } from "../dtype/index.ts";
import type { DataSize } from "./device_costs.ts";
import type { Apply, PhysicalPlan, ScanBatches } from "./plan.ts";

const BIT_BYTES = 1 / 8;
/** A code and its share of the texts. */
const STRING_BYTES = 16;
/** A state of an exact sum is a few words. */
const STATE_BYTES = 24;

export function estimateSize(plan: PhysicalPlan): DataSize {
  const known = sizes.get(plan);
  if (known !== undefined) return known;
  const size = sizeOf(plan);
  sizes.set(plan, size);
  return size;
}

/** Nodes are frozen: a size is found once. */
const sizes = new WeakMap<PhysicalPlan, DataSize>();

function sizeOf(plan: PhysicalPlan): DataSize {
  switch (plan.kind) {
    case "scanBatches":
      return sizeOfBatches(plan);
    case "scanPersisted":
      return sized(plan.handle.rowCount, plan.schema);
    case "scanCsv":
      return sized(Math.min(plan.limit ?? Infinity, plan.source.estimatedRows), plan.schema);
    case "apply":
      return sizeOfApply(plan);
    case "applyPartialAggregate": {
      const { keys, monoids } = plan.operation;
      const { rows } = estimateSize(plan.input);
      return sizeOfGroups(rows, keys.length, monoids.length);
    }
    case "ranges":
      return { rows: 1, bytes: 8 };
    case "gather":
    case "split":
    case "guard":
    case "exchange":
      return estimateSize(plan.input);
    case "pick": {
      const { rows, bytes } = estimateSize(plan.input);
      const share = plan.indices.length / Math.max(1, plan.input.partitions);
      return { rows: rows * share, bytes: bytes * share };
    }
    case "union":
      return sum(plan.inputs.map(estimateSize));
    case "held":
      return plan.size;
    case "deferred":
      return plan.estimate;
    default:
      return assertNever(plan);
  }
}

export function sum(sizes: readonly DataSize[]): DataSize {
  return {
    rows: sizes.reduce((rows, size) => rows + size.rows, 0),
    bytes: sizes.reduce((bytes, size) => bytes + size.bytes, 0),
  };
}

/** So many rows of the schema. */
export function sized(rows: number, schema: Schema): DataSize {
  return { rows, bytes: rows * rowBytes(schema) };
}

const knownRowBytes = new WeakMap<Schema, number>();

export function rowBytes(schema: Schema): number {
  const known = knownRowBytes.get(schema);
  if (known !== undefined) return known;
  const all = schema.fields.reduce((bytes, { dtype }) => bytes + valueBytes(dtype), 0);
  knownRowBytes.set(schema, all);
  return all;
}

/** Which part of the bytes some of the columns take, roughly. */
export function shareOfColumns(dtypes: readonly DType[], columns: readonly number[]): number {
  const all = dtypes.reduce((bytes, dtype) => bytes + valueBytes(dtype), 0);
  const chosen = columns.reduce((bytes, column) => bytes + valueBytes(at(dtypes, column)), 0);
  return all === 0 ? 1 : chosen / all;
}

/** Of a value and its bit of validity. */
function valueBytes(dtype: DType): number {
  switch (dtype.kind) {
    case "bool":
      return 2 * BIT_BYTES;
    case "date":
      return 4 + BIT_BYTES;
    case "timestamp":
    case "duration":
      return 8 + BIT_BYTES;
    case "decimal":
      return 16 + BIT_BYTES;
    case "string":
      return STRING_BYTES + BIT_BYTES;
    default:
      return (bitWidth(dtype) + 1) * BIT_BYTES;
  }
}

function sizeOfGroups(rows: number, keys: number, states: number): DataSize {
  const groups = keys === 0 ? 1 : rows;
  return { rows: groups, bytes: groups * (keys * STRING_BYTES + states * STATE_BYTES) };
}

function sizeOfBatches({ batches, columns }: ScanBatches): DataSize {
  const read = batches.map(
    (batch): Batch => ({
      rowCount: batch.rowCount,
      columns: columns.map((column) => at(batch.columns, column)),
    }),
  );
  return sum(read.map((batch) => ({ rows: batch.rowCount, bytes: batchBytes(batch) })));
}

function sizeOfApply({ operation, inputs, schema }: Apply): DataSize {
  const [first, ...others] = inputs.map(estimateSize);
  const rows = first?.rows ?? 0;
  switch (operation.kind) {
    case "evaluate":
    case "groupRows":
    case "concat":
    case "numberRows":
      return sized(rows, schema);
    case "aggregate":
      return operation.phase === "partial"
        ? sizeOfGroups(rows, operation.keys.length, operation.monoids.length)
        : sized(operation.keys.length === 0 ? 1 : rows, schema);
    case "exponentRange":
      return { rows: 1, bytes: 8 };
    // Rows that match several times are not foreseen, but have been seen where the join is in runs: what a stage finds too
    // large it deals out anew.
    case "join": {
      const [left] = inputs;
      const isInRuns = left?.kind === "split" && left.runsEach !== null;
      const found = isInRuns ? left.partitions * (operation.bound?.rows ?? 0) : 0;
      return sized(Math.max(rows, found, ...others.map((other) => other.rows)), schema);
    }
    case "sort":
      return sized(Math.min(rows, operation.limit ?? rows), schema);
    case "slice":
      return sized(Math.min(rows, operation.length), schema);
    case "sample":
      return sized(Math.min(rows, operation.count), schema);
    default:
      return assertNever(operation);
  }
}

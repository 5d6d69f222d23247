// The physical plan as text: what runs where, over how many partitions, and why there.

import { assertNever } from "../base/index.ts";
import { factorsOf } from "../ir/index.ts";
import type { AggregateCall, ExchangeOperation, Monoid, Operation } from "./operation.ts";
import { type PhysicalPlan, type Placement, physicalInputs } from "./plan.ts";
import type { StageStep } from "./staged/step.ts";

/**
 * `describeDevice` names a device for people: "gpu:0 (SwiftShader, software)". What several operators read runs once, and
 * is printed once.
 */
export function printPhysical(plan: PhysicalPlan, describeDevice: (id: string) => string): string {
  const readers = new Map<PhysicalPlan, number>();
  const read = (named: PhysicalPlan) => {
    const node = named.renames ?? named;
    const before = readers.get(node) ?? 0;
    readers.set(node, before + 1);
    if (before === 0) for (const input of physicalInputs(node)) read(input);
  };
  read(plan);
  const numbers = new Map<PhysicalPlan, number>();
  const lines: string[] = [];
  const visit = (named: PhysicalPlan, depth: number) => {
    const node = named.renames ?? named;
    const indent = "  ".repeat(depth);
    const known = numbers.get(node);
    if (known !== undefined) {
      lines.push(`${indent}[shared ${known}] as above`);
      return;
    }
    const isShared = (readers.get(node) ?? 0) > 1;
    if (isShared) numbers.set(node, numbers.size + 1);
    const label = isShared ? `[shared ${numbers.size}] ` : "";
    lines.push(`${indent}${label}${lineOf(node, describeDevice)}`);
    for (const input of physicalInputs(node)) visit(input, depth + 1);
  };
  visit(plan, 0);
  return lines.join("\n");
}

function lineOf(node: PhysicalPlan, describeDevice: (id: string) => string): string {
  const parts = node.partitions === 1 ? "" : ` · ${node.partitions} partitions`;
  const where = (placement: Placement) =>
    ` · on ${placement.devices.map(describeDevice).join(", ")} [${placement.reason}]`;
  switch (node.kind) {
    case "scanBatches": {
      const rows = node.batches.reduce((sum, batch) => sum + batch.rowCount, 0);
      return `scan ${rows} rows, ${node.columns.length} columns${parts} · in host memory`;
    }
    case "scanPersisted":
      return `scan persisted ${node.handle.id}, ${node.schema.length} of ${node.handle.schema.length} columns${parts} · where it was computed`;
    case "scanCsv": {
      const limit = node.limit === null ? "" : `, limit ${node.limit}`;
      const files = `${node.source.paths.length} file${node.source.paths.length === 1 ? "" : "s"}`;
      return `readCsv ${files}, ${node.columns.length} columns${limit}${parts}${where(node.placement)}`;
    }
    case "apply":
    case "applyPartialAggregate":
      return `${node.operator}: ${describeOperation(node.operation)}${parts}${where(node.placement)}`;
    case "gather":
      return `gather ${node.input.partitions} partitions${where(node.placement)}`;
    case "guard":
      return `${node.operator}: fails unless ${node.checks.length} checks are empty`;
    case "split":
      return `repartition${parts} · in host memory`;
    case "exchange":
      return `exchange ${describeRoute(node.operation)}${where(node.placement)}`;
    case "pick":
      return `${node.indices.length} of ${node.input.partitions} partitions`;
    case "held":
      return `rows of an earlier stage${parts}`;
    case "ranges":
      return "exponent ranges";
    case "deferred":
      return `${node.operator}: ${describeStep(node.step)} · ${node.reason}`;
    case "union":
      return `concat ${node.inputs.length} inputs${parts}`;
    default:
      return assertNever(node);
  }
}

function describeRoute({ parts, route }: ExchangeOperation): string {
  return route.kind === "hash"
    ? `by hash of ${route.keys.length} keys to ${parts} parts`
    : `by ranges of ${route.keys.length} keys to ${parts} parts`;
}

/** What happens when the inputs are there. Parts of parts are planned later: no plan shows them before. */
function describeStep(step: StageStep): string {
  switch (step.kind) {
    case "sort":
    case "sortParts":
      return `exchange by ranges of ${step.keys.length} keys, sort each part`;
    case "aggregate":
    case "aggregateParts":
      return step.operation.keys.length === 0
        ? `${describeOperation(step.operation)}, call by call unless there turn out to be few rows`
        : `exchange by hash of ${step.operation.keys.length} keys, ${describeOperation(step.operation)} of each part`;
    case "heavyKeys":
    case "heavyKeyParts":
      return `keys with many rows apart, ${describeOperation(step.operation)} of each`;
    case "quantiles":
      return `exchange by ranges of values, ${step.calls.length} quantiles from the parts with their ranks`;
    case "groupRows":
    case "groupRowsParts":
      return `exchange by hash of ${step.operation.keys.length} keys, ${describeOperation(step.operation)}`;
    case "join":
    case "joinParts":
      return `exchange both sides by hash of ${step.operation.leftKeys.length} keys unless the right one turns out small, ${describeOperation(step.operation)} of each part`;
    case "repartition":
      return `each of ${step.partitions} partitions from those that have its rows`;
    case "slice":
      return `slice ${step.offset}..${step.offset + step.length} of counted partitions`;
    default:
      return assertNever(step);
  }
}

function describeOperation(operation: Operation): string {
  switch (operation.kind) {
    case "evaluate": {
      const { program } = operation;
      const filter = program.predicate === null ? "" : ", filtering";
      return `evaluate ${program.instructions.length} instructions -> ${program.outputs.length} columns${filter}`;
    }
    case "aggregate": {
      const keys = operation.keys.length === 0 ? "no keys" : `${operation.keys.length} keys`;
      const folds =
        operation.phase === "partial"
          ? operation.monoids.map(describeMonoid)
          : operation.calls.map(describeCall);
      const rows = operation.mask === undefined ? "" : ", of masked rows";
      return `aggregate ${operation.phase}, ${keys}, ${folds.join(" ")}${rows}`;
    }
    case "join":
      return `${operation.how} join on ${operation.leftKeys.length} keys, build side ${operation.buildSide}`;
    case "sort":
      return operation.limit === null
        ? `sort by ${operation.keys.length} keys`
        : `top ${operation.limit} by ${operation.keys.length} keys`;
    case "groupRows": {
      const { count, end, keys, order } = operation;
      return `${end} ${count} rows a group, ${keys.length} keys, order of ${order.length}`;
    }
    case "slice":
      return `slice ${operation.offset}..${operation.offset + operation.length}`;
    case "concat":
      return "concat";
    case "exponentRange":
      return `exponent range of ${operation.columns.length} columns`;
    case "numberRows":
      return "number rows";
    case "sample":
      return `sample ${operation.count} rows`;
    default:
      return assertNever(operation);
  }
}

function describeMonoid(monoid: Monoid): string {
  if (monoid.kind !== "sum") return monoid.kind;
  const factors = factorsOf(monoid).map(({ power }) => (power === 1 ? "x" : `x^${power}`));
  return `sum(${factors.join(" * ")})`;
}

function describeCall(call: AggregateCall): string {
  return call.kind === "ratio" && call.root !== null ? "root of ratio" : call.kind;
}

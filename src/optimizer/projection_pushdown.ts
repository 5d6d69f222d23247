// Columns that nothing reads are not read, computed, joined, sorted or aggregated: every operator is asked for the columns
// that those above it need, and asks its inputs for what it needs itself.
//
// An operator that must read more than it has to give (a filter's predicate, a sort's keys) gets a projection above it;
// a join lists its outputs. A relation never loses its last column: kernels need one to count rows by.

import { assertNever, at } from "../base/index.ts";
import type { Schema } from "../dtype/index.ts";
import { columnsOf } from "../expr/index.ts";
import {
  type Aggregate,
  aggregate,
  inputsOf,
  type Join,
  join,
  joinOptions,
  joinOutputs,
  keepColumn,
  type LogicalPlan,
  type NamedExpr,
  project,
  type Scan,
  scanCsv,
  scanPersisted,
  scanTable,
  withInputs,
} from "../plan/index.ts";
import type { Rule } from "./rule.ts";

export const projectionPushdown: Rule = {
  name: "projectionPushdown",
  apply: (plan) => {
    const needs = collectNeeds(plan);
    const pruned = new Map<LogicalPlan, LogicalPlan>();
    const visit = (node: LogicalPlan): LogicalPlan => {
      const known = pruned.get(node);
      if (known !== undefined) return known;
      const after = prune(node, needs.get(node) ?? new Set(), visit);
      pruned.set(node, after);
      return after;
    };
    return visit(plan);
  },
};

/** For each node the columns that those above it read: all of them together, for a node that stands twice. */
function collectNeeds(plan: LogicalPlan): ReadonlyMap<LogicalPlan, ReadonlySet<string>> {
  const needs = new Map<LogicalPlan, ReadonlySet<string>>([[plan, new Set(plan.schema.names)]]);
  for (const node of parentsFirst(plan)) {
    const own = inputNeeds(node, needs.get(node) ?? new Set());
    for (const [index, input] of inputsOf(node).entries()) {
      const known = needs.get(input);
      needs.set(input, known === undefined ? at(own, index) : union(known, at(own, index)));
    }
  }
  return needs;
}

/** What the node reads of each input, to give the needed columns. */
function inputNeeds(plan: LogicalPlan, needed: ReadonlySet<string>): ReadonlySet<string>[] {
  switch (plan.kind) {
    case "scanTable":
    case "scanCsv":
    case "scanPersisted":
      return [];
    case "project":
      return [columnsOf(...keepNeeded(plan.columns, needed).map(({ expr }) => expr))];
    case "filter":
      return [union(needed, columnsOf(plan.predicate))];
    case "aggregate": {
      const columns = [...plan.keys, ...keptAggregates(plan, needed)];
      return [columnsOf(...columns.map(({ expr }) => expr))];
    }
    case "join":
      return joinNeeds(plan, needed);
    case "sort":
      return [union(needed, columnsOf(...plan.keys.map(({ expr }) => expr)))];
    case "groupRows": {
      const read = [...plan.keys, ...plan.order].map(({ expr }) => expr);
      return [union(needed, columnsOf(...read))];
    }
    case "distinct":
      return [union(needed, plan.columns ?? plan.schema.names)];
    case "concat": {
      const names = new Set(atLeastOne(plan.schema, needed));
      return plan.inputs.map(() => names);
    }
    case "slice":
    case "repartition":
      return [needed];
    default:
      return assertNever(plan);
  }
}

function joinNeeds(plan: Join, needed: ReadonlySet<string>): ReadonlySet<string>[] {
  const left = columnsOf(...plan.leftOn);
  const right = columnsOf(...plan.rightOn);
  for (const { field, side, source } of joinOutputs(plan)) {
    if (!needed.has(field.name)) continue;
    if (side !== "right") left.add(source);
    if (side !== "left") right.add(source);
    // Its suffix comes from the left column of the same name: without that one it would lose it.
    if (side === "right" && field.name !== source) left.add(source);
  }
  return [left, right];
}

/** The node over pruned inputs, without what nobody needs of its own; the same object where nothing goes. */
function prune(
  plan: LogicalPlan,
  needed: ReadonlySet<string>,
  visit: (input: LogicalPlan) => LogicalPlan,
): LogicalPlan {
  switch (plan.kind) {
    case "scanTable":
    case "scanCsv":
    case "scanPersisted":
      return pruneScan(plan, needed);
    case "project": {
      const columns = keepNeeded(plan.columns, needed);
      const input = visit(plan.input);
      if (columns.length === plan.columns.length) return withInputs(plan, [input]);
      return project(input, columns);
    }
    case "aggregate": {
      const aggregates = keptAggregates(plan, needed);
      const input = visit(plan.input);
      if (aggregates.length === plan.aggregates.length) {
        return narrow(withInputs(plan, [input]), needed);
      }
      return narrow(aggregate(input, plan.keys, aggregates, plan), needed);
    }
    case "join": {
      const inputs = [visit(plan.left), visit(plan.right)] as const;
      const outputs = atLeastOne(plan.schema, needed);
      if (outputs.length === plan.schema.length) return withInputs(plan, inputs);
      return join(...inputs, { ...joinOptions(plan), outputs });
    }
    case "concat": {
      const names = new Set(atLeastOne(plan.schema, needed));
      return withInputs(
        plan,
        plan.inputs.map((input) => narrow(visit(input), names)),
      );
    }
    case "distinct": {
      // Without columns it compares whole rows: they must not become wider or narrower.
      const input = visit(plan.input);
      const own = plan.columns === null ? narrow(input, new Set(plan.schema.names)) : input;
      return narrow(withInputs(plan, [own]), needed);
    }
    case "slice":
    case "repartition":
      return withInputs(plan, [visit(plan.input)]);
    default:
      return narrow(withInputs(plan, inputsOf(plan).map(visit)), needed);
  }
}

function keptAggregates(plan: Aggregate, needed: ReadonlySet<string>): readonly NamedExpr[] {
  return keepNeeded(plan.aggregates, needed, plan.keys.length === 0 ? 1 : 0);
}

function pruneScan(scan: Scan, needed: ReadonlySet<string>): LogicalPlan {
  const projection = atLeastOne(scan.schema, needed);
  if (projection.length === scan.schema.length) return scan;
  switch (scan.kind) {
    case "scanTable":
      return scanTable(scan.source, projection);
    case "scanCsv":
      // Which records are left out depends on every field: all of them are looked at, whoever reads them.
      if (scan.source.settings.onError === "skip") return scan;
      return scanCsv(scan.source, { ...scan, projection });
    default:
      return scanPersisted(scan.handle, projection);
  }
}

/** Only the needed columns, by a projection where there are others. */
function narrow(plan: LogicalPlan, needed: ReadonlySet<string>): LogicalPlan {
  const names = atLeastOne(plan.schema, needed);
  return names.length === plan.schema.length ? plan : project(plan, names.map(keepColumn));
}

function keepNeeded(
  columns: readonly NamedExpr[],
  needed: ReadonlySet<string>,
  least = 1,
): readonly NamedExpr[] {
  const kept = columns.filter(({ name }) => needed.has(name));
  return kept.length >= least ? kept : columns.slice(0, least);
}

/** The first set itself where it has all: of a wide frame it has thousands, and the second one few. */
function union(a: ReadonlySet<string>, b: Iterable<string>): ReadonlySet<string> {
  let both: Set<string> | null = null;
  for (const name of b) {
    if (a.has(name)) continue;
    both ??= new Set(a);
    both.add(name);
  }
  return both ?? a;
}

/** The needed names in the schema's order; where there are none, that of a column which is cheap to read. */
function atLeastOne(schema: Schema, needed: ReadonlySet<string>): string[] {
  const names: string[] = [];
  for (const { name } of schema.fields) if (needed.has(name)) names.push(name);
  if (names.length > 0 || schema.length === 0) return names;
  const cheapest = schema.fields.find(({ dtype }) => dtype.kind !== "string") ?? schema.field(0);
  return [cheapest.name];
}

/** Every node once, before its inputs. */
function parentsFirst(plan: LogicalPlan): LogicalPlan[] {
  const order: LogicalPlan[] = [];
  const seen = new Set<LogicalPlan>();
  const visit = (node: LogicalPlan) => {
    if (seen.has(node)) return;
    seen.add(node);
    for (const input of inputsOf(node)) visit(input);
    order.push(node);
  };
  visit(plan);
  return order.reverse();
}

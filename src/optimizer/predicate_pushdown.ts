// Filters move toward the scans, past what does not depend on them, so that less is read, joined and sorted.
//
//   project, sort, distinct, concat, repartition   below, where the predicate reads what lies below
//   join                                           into the side that a part reads; only where the side's rows are not
//                                                  the ones that the join pads with nulls
//   aggregate, rows of each group                  below, for parts over the group keys
//   csv scan                                       into the scan
//
// Nothing moves into what several operators read, where computing that once is worth it (sharing.ts).
//
// A predicate is a list of parts ("conjuncts"), each of which moves on its own. A part that may raise an error stays
// above whatever lies below it (fallible.ts), except that it may enter a scan, which evaluates it for the same rows.

import type { Schema } from "../dtype/index.ts";
import {
  columnsOf,
  type ExprNode,
  exprDepth,
  MOST_DEPTH,
  substituteColumns,
} from "../expr/index.ts";
import {
  type Aggregate,
  aggregate,
  concat,
  distinct,
  type Filter,
  filter,
  type GroupRows,
  groupRows,
  type LogicalPlan,
  project,
  repartition,
  rewritePlan,
  type ScanCsv,
  scanCsv,
  sort,
} from "../plan/index.ts";
import { conjunction, conjunctsOf, respectsKeyEquality } from "./conjuncts.ts";
import { isFallible } from "./fallible.ts";
import { isTooLarge, valuesOfColumns } from "./inline.ts";
import { type Pushed, pushIntoJoin } from "./join_pushdown.ts";
import type { Rule } from "./rule.ts";
import { type Shared, staysWhole } from "./sharing.ts";

export const predicatePushdown: Rule = {
  name: "predicatePushdown",
  concerns: ["filter"],
  apply: (plan) =>
    rewritePlan(plan, (node, shared) => (node.kind === "filter" ? pushFilter(node, shared) : node)),
};

function pushFilter(node: Filter, shared: Shared): LogicalPlan {
  const pushed = push(node.input, conjunctsOf(node.predicate), shared);
  return pushed === null ? node : pushed;
}

/** The plan with the parts as deep as they go; null when all of them stay right above it. */
function push(plan: LogicalPlan, parts: readonly ExprNode[], shared: Shared): LogicalPlan | null {
  if (parts.length === 0) return plan;
  if (staysWhole(plan, shared)) return null;
  if (plan.kind === "scanCsv") return pushIntoScan(plan, parts);
  const stay = parts.filter((part) => isFallible(part, plan.schema));
  const go = parts.filter((part) => !isFallible(part, plan.schema));
  const below = go.length === 0 ? null : pushInto(plan, go, shared);
  if (below === null) return null;
  return keepAbove(below.plan, [...below.rest, ...stay]);
}

/** The parts under the operator, right above its input, or deeper; null when none of them moves. */
function pushInto(plan: LogicalPlan, parts: readonly ExprNode[], shared: Shared): Pushed | null {
  const descend = (input: LogicalPlan, below: readonly ExprNode[]) =>
    push(input, below, shared) ?? keepAbove(input, below);
  switch (plan.kind) {
    case "project": {
      const values = valuesOfColumns(plan.columns, plan.schema);
      const { input } = plan;
      return split(
        parts,
        (part) => inline(part, values, input.schema),
        (below) => project(descend(input, below), plan.columns),
      );
    }
    case "sort":
      if (plan.limit !== null) return null;
      return split(
        parts,
        (part) => part,
        (below) => sort(descend(plan.input, below), plan.keys),
      );
    case "repartition":
      return split(
        parts,
        (part) => part,
        (below) => repartition(descend(plan.input, below), plan.partitions),
      );
    case "distinct": {
      const columns = plan.columns === null ? null : new Set(plan.columns);
      return split(
        parts,
        (part) => (respectsKeyEquality(part) && readsOnly(part, columns) ? part : null),
        (below) => distinct(descend(plan.input, below), plan.columns),
      );
    }
    case "groupRows":
      return split(
        parts,
        (part) => (keepsWholeGroups(part, plan) ? part : null),
        (below) => groupRows(descend(plan.input, below), plan.keys, plan),
      );
    case "concat":
      return split(
        parts,
        (part) => part,
        (below) => concat(plan.inputs.map((input) => descend(input, below))),
      );
    case "aggregate":
      return pushBelowKeys(plan, parts, descend);
    case "filter": {
      // The lower filter has gone as deep as it can: these parts may still pass it.
      const deeper = push(plan.input, parts, shared);
      return deeper === null ? null : { plan: filter(deeper, plan.predicate), rest: [] };
    }
    case "join":
      return pushIntoJoin(plan, parts, descend);
    default:
      return null;
  }
}

/** Rows that fail a predicate over key columns make up whole groups. */
function keepsWholeGroups(part: ExprNode, { keys }: GroupRows): boolean {
  const names = keys.flatMap(({ expr }) => (expr.kind === "column" ? [expr.name] : []));
  return columnsOf(part).size > 0 && respectsKeyEquality(part) && readsOnly(part, new Set(names));
}

/** Rows that fail a predicate over the group keys make up whole groups. A global aggregate gives a row even of none. */
function pushBelowKeys(
  plan: Aggregate,
  parts: readonly ExprNode[],
  descend: (input: LogicalPlan, parts: readonly ExprNode[]) => LogicalPlan,
): Pushed | null {
  const keys = valuesOfColumns(plan.keys, plan.schema);
  const names = new Set(keys.keys());
  const { input } = plan;
  return split(
    parts,
    (part) =>
      columnsOf(part).size > 0 && respectsKeyEquality(part) && readsOnly(part, names)
        ? inline(part, keys, input.schema)
        : null,
    (below) => aggregate(descend(input, below), plan.keys, plan.aggregates, plan),
  );
}

function readsOnly(part: ExprNode, names: ReadonlySet<string> | null): boolean {
  return names === null || [...columnsOf(part)].every((name) => names.has(name));
}

/** The part over the input's columns; null where it could fail there, or would grow without bound. */
function inline(
  part: ExprNode,
  values: ReadonlyMap<string, ExprNode>,
  input: Schema,
): ExprNode | null {
  if (isTooLarge([part], values)) return null;
  const below = substituteColumns(part, values);
  return isFallible(below, input) ? null : below;
}

/** Divides the parts by whether `move` can say them in terms of the input, and builds the plan above the moved ones. */
function split(
  parts: readonly ExprNode[],
  move: (part: ExprNode) => ExprNode | null,
  build: (below: readonly ExprNode[]) => LogicalPlan,
): Pushed | null {
  const moved: ExprNode[] = [];
  const rest: ExprNode[] = [];
  for (const part of parts) {
    const below = move(part);
    if (below === null) rest.push(part);
    else moved.push(below);
  }
  return moved.length === 0 ? null : { plan: build(moved), rest };
}

function keepAbove(plan: LogicalPlan, parts: readonly ExprNode[]): LogicalPlan {
  const predicate = conjunction(parts);
  return predicate === null ? plan : filter(plan, predicate);
}

/** The scan evaluates its predicate for the rows that a filter above it would see; a limit would come before. */
function pushIntoScan(scan: ScanCsv, parts: readonly ExprNode[]): LogicalPlan | null {
  if (scan.limit !== null) return null;
  const guarded = scan.predicate !== null;
  const stay = parts.filter((part) => guarded && isFallible(part, scan.source.schema));
  const go = parts.filter((part) => !stay.includes(part));
  if (go.length === 0) return null;
  const before = scan.predicate === null ? [] : [scan.predicate];
  const predicate = conjunction([...before, ...go]);
  if (predicate !== null && exprDepth(predicate) > MOST_DEPTH) return null;
  return keepAbove(scanCsv(scan.source, { ...scan, predicate }), stay);
}

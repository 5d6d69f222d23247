// Subplans that mean the same become one node, which the physical planner plans once and the scheduler runs once. A query
// that is written down twice (`const late = flights.filter(...)` in two places, a self join of two equal chains) is then
// read, grouped and sorted once. Hash-consing: every node gets a key of what it is and of the numbers of its inputs.
//
// Runs twice: at first, so that the other rules see what is shared and leave it together, and at last, because two
// readers that push the same filter into a shared input make two equal nodes of it.

import { assertNever } from "../base/index.ts";
import { exprKey } from "../expr/index.ts";
import {
  inputsOf,
  type LogicalPlan,
  type LogicalSortKey,
  type NamedExpr,
  rewritePlan,
} from "../plan/index.ts";
import type { Rule } from "./rule.ts";

/** What reads one input has no place for a subplan to stand in twice. */
const concerns = ["join", "concat"] as const;

export const commonSubplans: Rule = { name: "commonSubplans", concerns, apply: shareEqualNodes };
export const commonRewrites: Rule = { name: "commonRewrites", concerns, apply: shareEqualNodes };

function shareEqualNodes(plan: LogicalPlan): LogicalPlan {
  const numbers = new Map<object, number>();
  const numberOf = (thing: object): number => {
    const number = numbers.get(thing) ?? numbers.size;
    numbers.set(thing, number);
    return number;
  };
  // Operators of one kind over the same inputs. Most are alone, and then nobody asks what else they are: the key of a
  // projection of 2,000 columns is as long as its text.
  const candidates = new Map<string, LogicalPlan[]>();
  const keyOf = (node: LogicalPlan) => JSON.stringify(ownKey(node, numberOf));
  return rewritePlan(plan, (node) => {
    const place = `${node.kind} ${inputsOf(node).map(numberOf).join()}`;
    const others = candidates.get(place) ?? [];
    candidates.set(place, others);
    if (others.length > 0) {
      const key = keyOf(node);
      const equal = others.find((other) => keyOf(other) === key);
      if (equal !== undefined) return equal;
    }
    others.push(node);
    return node;
  });
}

/** What distinguishes the node from others of its kind over the same inputs; names of columns included. */
function ownKey(plan: LogicalPlan, numberOf: (thing: object) => number): readonly unknown[] {
  switch (plan.kind) {
    case "scanTable": {
      const { batches, schema } = plan.source;
      return [batches.map(numberOf), schema.names, plan.projection];
    }
    case "scanCsv": {
      const { source, projection, predicate, limit } = plan;
      return [source.id, projection, predicate === null ? null : exprKey(predicate), limit];
    }
    case "scanPersisted":
      return [plan.handle.id, plan.projection];
    case "project":
      return [columnsKey(plan.columns)];
    case "filter":
      return [exprKey(plan.predicate)];
    case "aggregate": {
      const { keys, aggregates, sortKeys, dropNulls } = plan;
      return [columnsKey(keys), columnsKey(aggregates), sortKeys, dropNulls];
    }
    case "join": {
      const { how, suffix, coalesceKeys, nullEquals, validate, buildSide, outputs } = plan;
      const keys = [plan.leftOn, plan.rightOn].map((on) => on.map(exprKey));
      return [how, keys, suffix, coalesceKeys, nullEquals, validate, buildSide, outputs];
    }
    case "groupRows": {
      const { keys, order, count, end, dropNulls } = plan;
      return [columnsKey(keys), sortKey(order), count, end, dropNulls];
    }
    case "sort":
      return [sortKey(plan.keys), plan.limit];
    case "slice":
      return [plan.offset, plan.length];
    case "distinct":
      return [plan.columns];
    case "concat":
      return [];
    case "repartition":
      return [plan.partitions];
    default:
      return assertNever(plan);
  }
}

function sortKey(keys: readonly LogicalSortKey[]): readonly unknown[] {
  return keys.map((key) => [exprKey(key.expr), key.descending, key.nulls]);
}

function columnsKey(columns: readonly NamedExpr[]): readonly unknown[] {
  return columns.map(({ name, expr }) => [name, exprKey(expr)]);
}

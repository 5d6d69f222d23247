// How many rows a plan gives, roughly; null where nothing is known. Selectivities are System R's (Selinger et al. 1979),
// which have outlived better founded ones because they only have to tell large from small.

import { assertNever } from "../base/index.ts";
import type { ExprNode } from "../expr/index.ts";
import { type LogicalPlan, tableRowCount } from "../plan/index.ts";
import { conjunctsOf } from "./conjuncts.ts";

export function estimateRows(plan: LogicalPlan): number | null {
  switch (plan.kind) {
    case "scanTable":
      return tableRowCount(plan.source);
    case "scanPersisted":
      return plan.handle.rowCount;
    case "scanCsv": {
      const all = plan.source.estimatedRows;
      const kept = all * (plan.predicate === null ? 1 : selectivity(plan.predicate));
      return Math.min(kept, plan.limit ?? kept);
    }
    case "filter":
      return scaled(estimateRows(plan.input), selectivity(plan.predicate));
    case "project":
    case "repartition":
      return estimateRows(plan.input);
    case "aggregate":
      // Fewer groups than rows: a quarter of the rows for each key that there is, at least the square root.
      if (plan.keys.length === 0) return 1;
      return groups(estimateRows(plan.input));
    case "distinct":
      return groups(estimateRows(plan.input));
    case "groupRows": {
      const rows = estimateRows(plan.input);
      const kept = groups(rows);
      return rows === null || kept === null ? null : Math.min(rows, kept * plan.count);
    }
    case "sort": {
      const rows = estimateRows(plan.input);
      return rows === null ? plan.limit : Math.min(rows, plan.limit ?? rows);
    }
    case "slice": {
      const rows = estimateRows(plan.input);
      return rows === null ? plan.length : Math.min(plan.length, Math.max(0, rows - plan.offset));
    }
    case "concat":
      return plan.inputs.reduce<number | null>((sum, input) => {
        const rows = estimateRows(input);
        return sum === null || rows === null ? null : sum + rows;
      }, 0);
    case "join":
      return estimateJoin(plan.how, estimateRows(plan.left), estimateRows(plan.right));
    default:
      return assertNever(plan);
  }
}

function estimateJoin(how: string, left: number | null, right: number | null): number | null {
  if (how === "semi" || how === "anti") return scaled(left, 0.5);
  if (left === null || right === null) return null;
  // Most joins follow a foreign key: as many rows as its table has.
  return how === "cross" ? left * right : Math.max(left, right);
}

function groups(rows: number | null): number | null {
  return rows === null ? null : Math.max(Math.sqrt(rows), rows / 10);
}

function scaled(rows: number | null, factor: number): number | null {
  return rows === null ? null : rows * factor;
}

function selectivity(predicate: ExprNode): number {
  return conjunctsOf(predicate).reduce((product, part) => product * partSelectivity(part), 1);
}

function partSelectivity(part: ExprNode): number {
  if (part.kind !== "call") return 0.5;
  switch (part.function) {
    case "eq":
      return 0.1;
    case "between":
      return 0.25;
    case "isIn":
      return 0.25;
    case "isNotNull":
    case "ne":
      return 0.9;
    case "isNull":
      return 0.1;
    default:
      return 1 / 3;
  }
}

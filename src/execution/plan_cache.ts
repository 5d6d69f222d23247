// Plans of queries that have been asked before. To plan a small query takes longer than to run it, and programs ask the
// same again: a server for each request, a test for each run.
//
// Kept are plans over one table in memory, for as long as that is there, on the devices of the host. What is kept is data
// that no run changes. It depends on the query, the table and the session's options alone: a plan for GPUs would depend on
// measured costs too, one of a file on what is in it, and one in stages on the sizes of results. Plans that compute strings
// are not kept: what strings were made of would stay in memory with them (codegen/strings/string_resolver.ts).

import { isStringComputing } from "../codegen/index.ts";
import { type Engine, type PhysicalPlan, physicalInputs } from "../physical/index.ts";
import { isFixedPlan, isSamePlan, type LogicalPlan, onlyScan, type Scan } from "../plan/index.ts";
import type { ChosenPlan } from "./auto.ts";

/** What a plan depends on besides the query. */
export interface PlanAsked {
  readonly engine: Engine;
  readonly strict: boolean;
  readonly partitionBytes: number | null;
  /** Of the session's devices. */
  readonly generation: number;
}

/** Of a table. */
const MOST_KEPT = 16;
/** Values in a plan's operators: comparing them takes less than a tenth of a millisecond. */
const MOST_WEIGHT = 256;
const MOST_NODES = 64;

interface Kept {
  readonly plan: LogicalPlan;
  readonly asked: PlanAsked;
  readonly chosen: ChosenPlan;
}

export class PlanCache {
  /** By the table, the latest first. */
  readonly #kept = new WeakMap<Scan, readonly Kept[]>();

  /** What was made for the same; null: nothing is known. */
  find(plan: LogicalPlan, asked: PlanAsked): ChosenPlan | null {
    const scan = onlyScan(plan);
    const kept = (scan === null ? undefined : this.#kept.get(scan)) ?? [];
    const found = kept.find(
      (entry) => isSameAsked(entry.asked, asked) && isSamePlan(entry.plan, plan),
    );
    return found?.chosen ?? null;
  }

  /** Keeps it, unless that would be wrong or too much. */
  keep(plan: LogicalPlan, asked: PlanAsked, chosen: ChosenPlan): void {
    const scan = onlyScan(plan);
    const { physical, context, reason } = chosen;
    const isByCosts = reason !== null || context.sharing.length > 0;
    if (scan === null || scan.kind === "scanCsv" || isByCosts) return;
    if (!isFixedPlan(plan, MOST_WEIGHT) || !isKeepable(physical)) return;
    const others = this.#kept.get(scan) ?? [];
    this.#kept.set(scan, [{ plan, asked, chosen }, ...others].slice(0, MOST_KEPT));
  }
}

function isSameAsked(a: PlanAsked, b: PlanAsked): boolean {
  return (
    a.engine === b.engine &&
    a.strict === b.strict &&
    a.partitionBytes === b.partitionBytes &&
    a.generation === b.generation
  );
}

function isKeepable(physical: PhysicalPlan): boolean {
  let nodes = 0;
  const visit = (node: PhysicalPlan): boolean => {
    nodes += 1;
    if (nodes > MOST_NODES || node.kind === "deferred") return false;
    if (node.kind === "apply" && node.operation.kind === "evaluate") {
      if (isStringComputing(node.operation.program)) return false;
    }
    return physicalInputs(node).every(visit);
  };
  return visit(physical);
}

// Logical plan -> physical plan: one function an operator, each in its own file, and the walk over the tree.

import { assertNever, type Steps } from "../base/index.ts";
import { type LogicalPlan, readerCounts } from "../plan/index.ts";
import type { PlanningContext } from "./build.ts";

import { finelyCut, idleSlices, limitedScans } from "./early_ends.ts";
import { filterBelow } from "./operators/filtered_input.ts";
import { planAggregate } from "./operators/plan_aggregate.ts";
import { planConcat } from "./operators/plan_concat.ts";
import { planDistinct } from "./operators/plan_distinct.ts";
import { planGroupRows } from "./operators/plan_group_rows.ts";
import { planJoin } from "./operators/plan_join.ts";
import { planFilter, planProject } from "./operators/plan_project.ts";
import { planRepartition } from "./operators/plan_repartition.ts";
import { planScanCsv, planScanPersisted, planScanTable } from "./operators/plan_scan.ts";
import { planSlice } from "./operators/plan_slice.ts";
import { planSort } from "./operators/plan_sort.ts";
import type { PhysicalPlan } from "./plan.ts";

/**
 * Plans a query. A logical node that stands twice in the plan becomes one physical node, which runs once.
 * @throws TypeMismatchError, ColumnNotFoundError where an expression does not fit its input; NotSupportedError where no
 * allowed device can run an operation.
 */
export function* planPhysical(plan: LogicalPlan, context: PlanningContext): Steps<PhysicalPlan> {
  const planned = new Map<LogicalPlan, PhysicalPlan>();
  const readers = readerCounts(plan);
  const limited = limitedScans(readers);
  const idle = idleSlices(readers);
  let joins = 0;
  const joinNumber = () => joins++;
  function* visit(node: LogicalPlan): Steps<PhysicalPlan> {
    const known = planned.get(node);
    if (known !== undefined) return known;
    const own = limited.has(node) ? finelyCut(context) : context;
    const physical =
      node.kind === "slice" && idle.has(node)
        ? yield* visit(node.input)
        : yield* planNode(own, node, { readers, visit, joinNumber });
    planned.set(node, physical);
    yield;
    return physical;
  }
  return yield* visit(plan);
}

interface Visit {
  readonly readers: ReadonlyMap<LogicalPlan, number>;
  readonly visit: (node: LogicalPlan) => Steps<PhysicalPlan>;
  /** The same for a join whenever the query is planned. */
  readonly joinNumber: () => number;
}

function* planNode(
  context: PlanningContext,
  node: LogicalPlan,
  { readers, visit, joinNumber }: Visit,
): Steps<PhysicalPlan> {
  switch (node.kind) {
    case "scanTable":
      return planScanTable(context, node);
    case "scanCsv":
      return yield* planScanCsv(context, node);
    case "scanPersisted":
      return planScanPersisted(node);
    case "project": {
      const filter = node.input.kind === "filter" ? node.input : null;
      const input = yield* visit((filter ?? node).input);
      return yield* planProject(context, node, filter, input);
    }
    case "filter":
      return yield* planFilter(context, node, yield* visit(node.input));
    case "aggregate": {
      const below = filterBelow(node.input, readers);
      const input = yield* visit(below?.filter.input ?? node.input);
      return yield* planAggregate(context, node, input, below);
    }
    case "groupRows":
      return planGroupRows(context, node, yield* visit(node.input));
    case "join":
      return yield* planJoin(
        context,
        node,
        yield* visit(node.left),
        yield* visit(node.right),
        joinNumber(),
      );
    case "sort":
      return planSort(context, node, yield* visit(node.input));
    case "slice":
      return planSlice(context, node, yield* visit(node.input), readers);
    case "distinct":
      return planDistinct(context, node, yield* visit(node.input), readers);
    case "concat": {
      const inputs: PhysicalPlan[] = [];
      for (const input of node.inputs) inputs.push(yield* visit(input));
      return planConcat(node, inputs);
    }
    case "repartition":
      return planRepartition(context, node, yield* visit(node.input));
    default:
      return assertNever(node);
  }
}

// Plans a deferred node, now that its inputs are there and their sizes known.

import { assert, assertNever, at, type Steps } from "../../base/index.ts";
import type { PlanningContext } from "../build.ts";
import type { Deferred, Held, PhysicalPlan } from "../plan.ts";
import { planAggregateParts, planAggregateStage } from "./stage_aggregate.ts";
import { planGroupRowsParts, planGroupRowsStage } from "./stage_group_rows.ts";
import { planHeavyKeyParts, planHeavyKeys } from "./stage_heavy_keys.ts";
import { planJoinParts, planJoinStage } from "./stage_join.ts";
import { planQuantiles } from "./stage_quantiles.ts";
import { planRepartitionStage } from "./stage_repartition.ts";
import { planSliceStage } from "./stage_slice.ts";
import { planSortParts, planSortStage } from "./stage_sort.ts";

/** `inputs`: what came of the node's inputs. The plan may have deferred nodes of its own. */
export function* planStage(
  context: PlanningContext,
  node: Deferred,
  inputs: readonly Held[],
): Steps<PhysicalPlan> {
  const { step, operator } = node;
  assert(inputs.length === node.inputs.length, "all inputs of a stage are there");
  const [first] = inputs;
  assert(first !== undefined, "a stage has an input");
  switch (step.kind) {
    case "sort":
      return yield* planSortStage(context, step, inputs, operator);
    case "sortParts":
      return yield* planSortParts(context, step, first, operator);
    case "aggregate":
      return planAggregateStage(context, step, inputs, operator);
    case "aggregateParts":
      return yield* planAggregateParts(context, step, inputs, operator);
    case "heavyKeys":
      return planHeavyKeys(context, step, first, at(inputs, 1));
    case "heavyKeyParts":
      return yield* planHeavyKeyParts(context, step, first, operator);
    case "quantiles":
      return yield* planQuantiles(context, step, first, at(inputs, 1), operator);
    case "groupRows":
      return planGroupRowsStage(context, step, first, operator);
    case "groupRowsParts":
      return yield* planGroupRowsParts(context, step, first, operator);
    case "join":
      return planJoinStage(context, step, first, at(node.later, 0), operator);
    case "joinParts":
      return yield* planJoinParts(context, step, first, at(inputs, 1));
    case "repartition":
      return yield* planRepartitionStage(context, step, first, operator);
    case "slice":
      return planSliceStage(context, step, first);
    default:
      return assertNever(step);
  }
}

// What `auto` does: a query is planned once for every choice of devices, and the plan with the least predicted time runs.

import type { Steps } from "../base/index.ts";
import {
  type DeviceCosts,
  type DeviceDescriptor,
  type PhysicalPlan,
  type PlacementPolicy,
  type PlanningContext,
  planPhysical,
  predictPlan,
} from "../physical/index.ts";
import type { LogicalPlan } from "../plan/index.ts";
import type { Devices } from "./devices.ts";

/** Devices that a query may be planned on. */
export interface DeviceChoice {
  /** For people: "cpu", "gpu and cpu". */
  readonly label: string;
  readonly policy: PlacementPolicy;
  /** Those that share the partitions; with fewer than two a source is cut as little as they allow. */
  readonly sharing: readonly DeviceDescriptor[];
}

export interface ChosenPlan {
  readonly physical: PhysicalPlan;
  /** What it was planned with, and what its later stages are. */
  readonly context: PlanningContext;
  /** Predicted times of all choices, the chosen one first; null where there was nothing to choose. */
  readonly reason: string | null;
}

/** A choice has to be that much better than the one before it: predictions are not exact, and fewer devices cost less. */
const MARGIN = 0.8;

/** What the planner is told whatever the choice, and which device holds persisted data. */
export interface ChoosingContext
  extends Pick<
    PlanningContext,
    "partitions" | "partitionBytes" | "hostBudgetBytes" | "joinRuns" | "wholeAggregates"
  > {
  readonly homeOf: (handle: string) => string | null;
}

export function* choosePlan(
  plan: LogicalPlan,
  devices: Devices,
  choices: readonly [DeviceChoice, ...DeviceChoice[]],
  context: ChoosingContext,
): Steps<ChosenPlan> {
  const contextOf = (choice: DeviceChoice): PlanningContext => ({
    ...context,
    policy: choice.policy,
    sharing: choice.sharing.map((descriptor): DeviceCosts => devices.costsOfDescriptor(descriptor)),
    columnByteLimit: devices.columnByteLimit(choice),
  });
  const [first, ...others] = choices;
  const own = contextOf(first);
  const physical = yield* planPhysical(plan, own);
  if (others.length === 0) return { physical, context: own, reason: null };
  const costed = (choice: DeviceChoice, candidate: PhysicalPlan, planned: PlanningContext) => ({
    label: choice.label,
    physical: candidate,
    context: planned,
    ms: predictPlanOn(candidate, devices, choice, context),
  });
  let best = costed(first, physical, own);
  const rest = [];
  for (const choice of others) {
    const planned = contextOf(choice);
    const candidate = costed(choice, yield* planPhysical(plan, planned), planned);
    if (candidate.ms < best.ms * MARGIN) {
      rest.push(best);
      best = candidate;
    } else rest.push(candidate);
  }
  const text = ({ label, ms }: { label: string; ms: number }) => `${label} ${milliseconds(ms)}`;
  return {
    physical: best.physical,
    context: best.context,
    reason: `auto: predicted ${text(best)}, against ${rest.map(text).join(", ")}`,
  };
}

/** Milliseconds that a plan made for the choice is predicted to take. */
export function predictPlanOn(
  physical: PhysicalPlan,
  devices: Devices,
  choice: DeviceChoice,
  { homeOf }: ChoosingContext,
): number {
  const costed = choice.policy.devices.map(({ descriptor }) => ({
    descriptor,
    costs: devices.costsOfDescriptor(descriptor),
  }));
  return predictPlan(physical, costed, homeOf).ms;
}

function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

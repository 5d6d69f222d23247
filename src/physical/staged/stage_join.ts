// Joins in parts: both sides are dealt out by key, so that rows that match meet in one part, and joined part by part. The
// numbers of both sides' rows go along and restore the order: left order, then right order, unmatched right rows last.

import { at, mapped, type Steps } from "../../base/index.ts";
import { gather, type PlanningContext, positionalSchema, workingSetBytes } from "../build.ts";
import type { JoinOperation } from "../operation.ts";
import type { Held, PhysicalPlan } from "../plan.ts";
import { estimateSize } from "../size_estimate.ts";
import { joinChunks, joinRuns } from "./join_chunks.ts";
import { sizeInRuns } from "./join_runs.ts";
import {
  chunks,
  coalesced,
  cutsFurther,
  defer,
  exchange,
  fits,
  gathered,
  merged,
  numberRows,
  type Part,
  partCount,
  partsOf,
  regathered,
  union,
} from "./parts.ts";
import { stagedSort } from "./stage_sort.ts";
import type { JoinPartsStep, JoinStep } from "./step.ts";

/** `right`: numbered and there. `left`: neither yet. */
export function planJoinStage(
  context: PlanningContext,
  { operation }: JoinStep,
  right: Held,
  left: PhysicalPlan,
  operator: string,
): PhysicalPlan {
  const { bytes: rightBytes } = right.size;
  const leftBytes = estimateSize(left).bytes;
  const needsAllLeft = operation.how === "right" || operation.how === "full";
  if (fits(context, rightBytes + (needsAllLeft ? leftBytes : 0))) {
    const build = gather(context, right, operator);
    return joinRuns(context, operation, left, build, joinSchema(left, right, operation));
  }
  const numbered = numberRows(context, left, operator);
  const withNumbers = numberedOutputs(operation, numbered, right);
  const inputs = Math.max(left.partitions, right.sizes.length);
  const parts = partCount(context, leftBytes + rightBytes, inputs);
  const joined = dealOut(context, withNumbers, [numbered, right], { parts, level: 0 });
  return inOrder(context, joined, operation, operator);
}

/** The join's outputs, then the numbers of the rows they come from. */
function numberedOutputs(
  operation: JoinOperation,
  left: PhysicalPlan,
  right: PhysicalPlan,
): JoinOperation {
  const isLeftOnly = operation.how === "semi" || operation.how === "anti";
  return {
    ...operation,
    leftOutputs: [...operation.leftOutputs, left.schema.length - 1],
    rightOutputs: isLeftOnly ? [] : [...operation.rightOutputs, right.schema.length - 1],
  };
}

function inOrder(
  context: PlanningContext,
  joined: PhysicalPlan,
  { leftOutputs, rightOutputs, how }: JoinOperation,
  operator: string,
): PhysicalPlan {
  const isLeftOnly = how === "semi" || how === "anti";
  const leftNumber = leftOutputs.length;
  const rightNumber = leftNumber + 1 + rightOutputs.length;
  const keys = (isLeftOnly ? [leftNumber] : [leftNumber, rightNumber]).map((column) => ({
    column,
    descending: false,
    nulls: "last" as const,
  }));
  const outputs = [
    ...leftOutputs.keys(),
    ...(isLeftOnly ? [] : [...rightOutputs.keys()].map((index) => leftNumber + 1 + index)),
  ];
  return stagedSort(context, joined, { keys, given: 0, outputs }, operator);
}

function dealOut(
  context: PlanningContext,
  operation: JoinOperation,
  [left, right]: readonly [PhysicalPlan, PhysicalPlan],
  { parts, level }: { readonly parts: number; readonly level: number },
): PhysicalPlan {
  const operator = "join";
  const deal = (side: PhysicalPlan, keys: readonly number[]) => {
    const route = { kind: "hash" as const, keys, seed: level, spreadNulls: !operation.nullEquals };
    return exchange(context, side, route, { parts, operator });
  };
  const schema = joinSchema(left, right, operation);
  return defer(
    context,
    { kind: "joinParts", operation, parts, level },
    {
      inputs: [deal(left, operation.leftKeys), deal(right, operation.rightKeys)],
      operator,
      schema,
    },
    sizeInRuns(context, operation, schema, parts),
  );
}

/** What the two sides hold of one part. */
interface Pair {
  readonly left: Part;
  readonly right: Part;
}

export function* planJoinParts(
  context: PlanningContext,
  step: JoinPartsStep,
  left: Held,
  right: Held,
): Steps<PhysicalPlan> {
  const { operation, parts } = step;
  const rights = yield* partsOf(right, parts);
  const lefts = yield* partsOf(left, parts);
  const pairs = lefts.map((own, part): Pair => ({ left: own, right: at(rights, part) }));
  const together = coalesced(pairs, workingSetBytes(context), bytesOf).map(
    (group): Pair => ({
      left: merged(group.map((pair) => pair.left)),
      right: merged(group.map((pair) => pair.right)),
    }),
  );
  const needed = together.filter((pair) => givesRows(operation, pair));
  const plans: PhysicalPlan[] = [];
  for (const pair of needed.length > 0 ? needed : together.slice(0, 1)) {
    yield;
    plans.push(yield* joinPair(context, step, pair, { left, right }));
  }
  return union(plans, joinSchema(left, right, operation), "join");
}

function bytesOf({ left, right }: Pair): number {
  return left.size.bytes + right.size.bytes;
}

function givesRows({ how }: JoinOperation, { left, right }: Pair): boolean {
  const [hasLeft, hasRight] = [left.size.rows > 0, right.size.rows > 0];
  if (how === "inner" || how === "semi") return hasLeft && hasRight;
  if (how === "left" || how === "anti") return hasLeft;
  return how === "right" ? hasRight : hasLeft || hasRight;
}

function* joinPair(
  context: PlanningContext,
  { operation, level }: JoinPartsStep,
  pair: Pair,
  sides: { readonly left: Held; readonly right: Held },
): Steps<PhysicalPlan> {
  const { left, right } = sides;
  const { how } = operation;
  const schema = joinSchema(left, right, operation);
  const join = (probe: PhysicalPlan) =>
    joinRuns(context, operation, probe, gathered(context, right, pair.right), schema);
  if (fits(context, bytesOf(pair))) return join(gathered(context, left, pair.left));
  const half = workingSetBytes(context) / 2;
  // The left rows of a giant key need not be together: each of them meets the whole right side.
  if (how !== "right" && how !== "full" && pair.right.size.bytes <= half) {
    const runs = yield* mapped(chunks(left, pair.left, half), (run) =>
      join(gathered(context, left, run)),
    );
    return union(runs, schema, "join");
  }
  if (cutsFurther(bytesOf(pair), [left, right], level)) {
    const again = [
      yield* regathered(context, left, pair.left),
      yield* regathered(context, right, pair.right),
    ] as const;
    const inputs = Math.max(...again.map(({ partitions }) => partitions));
    const parts = partCount(context, bytesOf(pair), inputs);
    return dealOut(context, operation, again, { parts, level: level + 1 });
  }
  const runs = (side: Held, part: Part) =>
    chunks(side, part, half).map((run) => gathered(context, side, run));
  return joinChunks(context, operation, runs(left, pair.left), runs(right, pair.right), schema);
}

export function joinSchema(left: PhysicalPlan, right: PhysicalPlan, operation: JoinOperation) {
  return positionalSchema([
    ...operation.leftOutputs.map((column) => left.schema.field(column).dtype),
    ...operation.rightOutputs.map((column) => right.schema.field(column).dtype),
  ]);
}

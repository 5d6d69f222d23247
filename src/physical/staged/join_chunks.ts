// Joins whose sides are cut by rows: the left one, because the result is too large otherwise (join_runs.ts), or both, because one key has too many for any cut by key. Every run of the left side meets
// every run of the right one; whether a row has no match at all is asked of the other side's distinct keys, of which
// there are few where keys repeat so often.

import { at } from "../../base/index.ts";
import type { Schema } from "../../dtype/index.ts";
import { applyOperation, gather, type PlanningContext, positionalSchema } from "../build.ts";
import type { AggregateOperation, JoinOperation } from "../operation.ts";
import { planAggregateOperation } from "../operators/plan_aggregate.ts";
import type { PhysicalPlan } from "../plan.ts";
import { cutIntoRuns } from "./join_runs.ts";
import { pick, union } from "./parts.ts";

type Runs = readonly PhysicalPlan[];

/** `right`: one partition. In the order of the operation's contract, over all left partitions. */
export function joinRuns(
  context: PlanningContext,
  operation: JoinOperation,
  left: PhysicalPlan,
  right: PhysicalPlan,
  schema: Schema,
): PhysicalPlan {
  const { how } = operation;
  const needsAllLeft = how === "right" || how === "full";
  const runs = cutIntoRuns(context, operation, left);
  if (runs === left) {
    const probe = needsAllLeft ? gather(context, left, "join") : left;
    return applyOperation(context, operation, [probe, right], schema, "join");
  }
  const own = { ...operation, how: needsAllLeft ? matching(how) : how };
  const joined = applyOperation(context, own, [runs, right], schema, "join");
  if (!needsAllLeft) return joined;
  const rest = unmatchedRights(context, operation, [left], [right], schema);
  return union([joined, ...rest], schema, "join");
}

/** What a right or full join gives of some of the left rows. */
function matching(how: "right" | "full"): "inner" | "left" {
  return how === "right" ? "inner" : "left";
}

export function joinChunks(
  context: PlanningContext,
  operation: JoinOperation,
  lefts: Runs,
  rights: Runs,
  schema: Schema,
): PhysicalPlan {
  const { how } = operation;
  const apply = (own: JoinOperation, left: PhysicalPlan, right: PhysicalPlan) =>
    applyOperation(context, own, [left, right], schema, "join");
  if (how === "semi" || how === "anti") {
    const keys = distinctKeys(context, rights, operation.rightKeys);
    const own = { ...operation, rightKeys: [...operation.rightKeys.keys()] };
    return union(
      lefts.map((left) => apply(own, left, keys)),
      schema,
      "join",
    );
  }
  const inner = lefts.flatMap((left) =>
    rights.map((right) =>
      apply({ ...operation, how: "inner" }, cutIntoRuns(context, operation, left), right),
    ),
  );
  const leftRows =
    how === "left" || how === "full"
      ? unmatched(context, operation, lefts, rights).map((left) =>
          apply({ ...operation, how: "left" }, left, none(context, rights)),
        )
      : [];
  const rightRows =
    how === "right" || how === "full"
      ? unmatchedRights(context, operation, lefts, rights, schema)
      : [];
  return union([...inner, ...leftRows, ...rightRows], schema, "join");
}

/** What a right or full join gives of the right rows without a match. */
function unmatchedRights(
  context: PlanningContext,
  operation: JoinOperation,
  lefts: Runs,
  rights: Runs,
  schema: Schema,
): Runs {
  const left = none(context, lefts);
  return unmatched(context, mirrored(operation), rights, lefts).map((right) =>
    applyOperation(context, { ...operation, how: "right" }, [left, right], schema, "join"),
  );
}

function mirrored(operation: JoinOperation): JoinOperation {
  return { ...operation, leftKeys: operation.rightKeys, rightKeys: operation.leftKeys };
}

/** The left rows, whole, that match nothing on the right. */
function unmatched(
  context: PlanningContext,
  operation: JoinOperation,
  lefts: Runs,
  rights: Runs,
): Runs {
  const keys = distinctKeys(context, rights, operation.rightKeys);
  return lefts.map((left) => {
    const anti: JoinOperation = {
      ...operation,
      how: "anti",
      rightKeys: [...operation.rightKeys.keys()],
      leftOutputs: left.schema.fields.map((_, column) => column),
      rightOutputs: [],
      buildSide: "right",
    };
    return applyOperation(context, anti, [left, keys], left.schema, "join");
  });
}

function none(context: PlanningContext, runs: Runs): PhysicalPlan {
  const first = pick(at(runs, 0), [0]);
  const operation = { kind: "slice" as const, offset: 0, length: 0 };
  return applyOperation(context, operation, [first], first.schema, "join");
}

function distinctKeys(context: PlanningContext, runs: Runs, keys: readonly number[]): PhysicalPlan {
  const rows = union(runs, at(runs, 0).schema, "join");
  const operation: AggregateOperation = {
    kind: "aggregate",
    phase: "complete",
    keys,
    monoids: [],
    calls: [],
    dtypes: [],
    texts: [],
    dropNullKeys: false,
  };
  const schema = positionalSchema(keys.map((key) => rows.schema.field(key).dtype));
  return planAggregateOperation(context, operation, rows, schema, "join", { gathers: true });
}

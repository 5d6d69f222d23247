// A join whose sides are cut by rows, because one key has too many for any cut by key. Every run of the left side meets
// every run of the right one; whether a row has no match at all is asked of the other side's distinct keys, of which
// there are few where keys repeat so often.

import { at } from "../../base/index.ts";
import type { Schema } from "../../dtype/index.ts";
import { applyOperation, type PlanningContext, positionalSchema } from "../build.ts";
import type { AggregateOperation, JoinOperation } from "../operation.ts";
import { planAggregateOperation } from "../operators/plan_aggregate.ts";
import type { PhysicalPlan } from "../plan.ts";
import { union } from "./parts.ts";

type Runs = readonly PhysicalPlan[];

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
    rights.map((right) => apply({ ...operation, how: "inner" }, left, right)),
  );
  const leftRows =
    how === "left" || how === "full"
      ? unmatched(context, operation, lefts, rights).map((left) =>
          apply({ ...operation, how: "left" }, left, none(context, rights)),
        )
      : [];
  const rightRows =
    how === "right" || how === "full"
      ? unmatched(context, mirrored(operation), rights, lefts).map((right) =>
          apply({ ...operation, how: "right" }, none(context, lefts), right),
        )
      : [];
  return union([...inner, ...leftRows, ...rightRows], schema, "join");
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
  const first = at(runs, 0);
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

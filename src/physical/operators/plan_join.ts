// join: the left side stays in its partitions and every one of them meets the whole right side. Rows of the right side
// without a match are known only when all left rows are seen, so right and full joins gather the left side too. What is
// more than one task holds is joined in parts.

import { assert, assertNever, at, mapped, type Steps } from "../../base/index.ts";
import { INT32, INT64, type Schema } from "../../dtype/index.ts";
import { callNode, columnNode, literalNode } from "../../expr/index.ts";
import { type BoundExpr, bindExpression } from "../../function/index.ts";
import { type Join, type JoinOutput, joinOutputs, keyName } from "../../plan/index.ts";
import {
  columnRef,
  evaluate,
  evaluated,
  gather,
  materialize,
  type PlanningContext,
  positionalSchema,
} from "../build.ts";
import type { AggregateOperation, JoinHow, JoinOperation } from "../operation.ts";
import type { Guard, PhysicalPlan } from "../plan.ts";
import { joinRuns } from "../staged/join_chunks.ts";
import { boundedJoin, sizeInRuns } from "../staged/join_runs.ts";
import { defer, needsStages, numberRows } from "../staged/parts.ts";
import { joinSchema } from "../staged/stage_join.ts";
import { planAggregateOperation } from "./plan_aggregate.ts";

// A cross join is an inner join of rows that all have the same key.
const CROSS_KEY: BoundExpr = { kind: "literal", value: 1, dtype: INT32 };

export function* planJoin(
  context: PlanningContext,
  node: Join,
  left: PhysicalPlan,
  right: PhysicalPlan,
  joinNumber: number,
): Steps<PhysicalPlan> {
  const leftSide = planSide(context, node, "left", left);
  const rightSide = planSide(context, node, "right", right);
  const how: JoinHow = node.how === "cross" ? "inner" : node.how;
  const sources = new Sources();
  const references = yield* mapped(joinOutputs(node), (output) =>
    sourceOf(node, output, leftSide.columns, rightSide.columns, sources),
  );
  const operation: JoinOperation = {
    kind: "join",
    how,
    leftKeys: leftSide.columns,
    rightKeys: rightSide.columns,
    nullEquals: node.nullEquals,
    buildSide: node.buildSide === "auto" ? "right" : node.buildSide,
    leftOutputs: sources.of("left"),
    rightOutputs: sources.of("right"),
  };
  yield;
  const schema = joinSchema(leftSide.plan, rightSide.plan, operation);
  yield;
  const checks = uniquenessChecks(context, node, leftSide, rightSide);
  const joined = joinRows(context, boundedJoin(context, operation, schema, joinNumber), schema, {
    left: guarded(leftSide.plan, checks),
    right: rightSide.plan,
  });
  yield;
  const position = (side: "left" | "right", source: number) => {
    const before = side === "left" ? 0 : operation.leftOutputs.length;
    const index = before + sources.position(side, source);
    return columnRef(index, joined.schema.field(index).dtype);
  };
  const outputs = yield* mapped(references, (reference): BoundExpr => {
    if (reference.kind === "one") return position(reference.side, reference.source);
    const args = [position("left", reference.left), position("right", reference.right)];
    return { kind: "call", function: "coalesce", args, options: {}, dtype: at(args, 0).dtype };
  });
  return yield* evaluated(context, joined, {
    outputs,
    predicate: null,
    schema: node.schema,
    operator: "join",
  });
}

function joinRows(
  context: PlanningContext,
  operation: JoinOperation,
  schema: Schema,
  { left, right }: { readonly left: PhysicalPlan; readonly right: PhysicalPlan },
): PhysicalPlan {
  const needsAllLeft = operation.how === "right" || operation.how === "full";
  const held = needsAllLeft ? [left, right] : [right];
  if (needsStages(context, ...held)) {
    const inputs = [numberRows(context, right, "join")];
    const step = { kind: "join" as const, operation };
    const rest = { inputs, later: [left], operator: "join", schema };
    return defer(context, step, rest, sizeInRuns(context, operation, schema, left.partitions));
  }
  return joinRuns(context, operation, left, gather(context, right, "join"), schema);
}

interface Side {
  readonly plan: PhysicalPlan;
  /** Positions of the keys. */
  readonly columns: readonly number[];
}

function planSide(
  context: PlanningContext,
  node: Join,
  side: "left" | "right",
  input: PhysicalPlan,
): Side {
  const on = side === "left" ? node.leftOn : node.rightOn;
  const keys =
    node.how === "cross" ? [CROSS_KEY] : on.map((key) => bindExpression(key, input.schema, "join"));
  return materialize(context, input, keys, "join");
}

/** The columns of both sides that the join has to give, each once. */
class Sources {
  readonly #positions = { left: new Map<number, number>(), right: new Map<number, number>() };

  need(side: "left" | "right", source: number): void {
    const known = this.#positions[side];
    if (!known.has(source)) known.set(source, known.size);
  }

  /** In the order in which they were first needed. */
  of(side: "left" | "right"): readonly number[] {
    return [...this.#positions[side].keys()];
  }

  /** Of a needed one, among those of its side. */
  position(side: "left" | "right", source: number): number {
    const position = this.#positions[side].get(source);
    assert(position !== undefined, "a column that is read is needed");
    return position;
  }
}

type Reference =
  | { readonly kind: "one"; readonly side: "left" | "right"; readonly source: number }
  | { readonly kind: "coalesce"; readonly left: number; readonly right: number };

/** Where an output column comes from, by position in its side; a key that both sides give is coalesced. */
function sourceOf(
  node: Join,
  output: JoinOutput,
  leftKeys: readonly number[],
  rightKeys: readonly number[],
  sources: Sources,
): Reference {
  const one = (side: "left" | "right", source: number): Reference => {
    sources.need(side, source);
    return { kind: "one", side, source };
  };
  switch (output.side) {
    case "left":
      return one("left", node.left.schema.indexOf(output.source));
    case "right":
      return one("right", node.right.schema.indexOf(output.source));
    case "key": {
      const key = node.leftOn.findIndex((expr) => keyName(expr) === output.source);
      const left = at(leftKeys, key);
      const right = at(rightKeys, key);
      if (node.how === "right") return one("right", right);
      if (node.how !== "full") return one("left", left);
      sources.need("left", left);
      sources.need("right", right);
      return { kind: "coalesce", left, right };
    }
    default:
      return assertNever(output.side);
  }
}

/** The input, once the checks have turned out empty. */
function guarded(input: PhysicalPlan, checks: Guard["checks"]): PhysicalPlan {
  if (checks.length === 0) return input;
  const { schema, partitions } = input;
  return { kind: "guard", operator: "join", schema, partitions, input, checks };
}

/** `validate`: the keys of the side that stands as "1" must not repeat. */
function uniquenessChecks(
  context: PlanningContext,
  node: Join,
  left: Side,
  right: Side,
): Guard["checks"] {
  if (node.validate === null) return [];
  const [leftCount, rightCount] = node.validate.split(":");
  const check = (side: Side, name: string) => ({
    plan: repeatedKeys(context, side, node.nullEquals),
    message: `join: keys of the ${name} side repeat, against validate "${node.validate}"`,
  });
  return [
    ...(leftCount === "1" ? [check(left, "left")] : []),
    ...(rightCount === "1" ? [check(right, "right")] : []),
  ];
}

/** The keys that occur more than once; keys with nulls count only where they match. */
function repeatedKeys(context: PlanningContext, side: Side, nullEquals: boolean): PhysicalPlan {
  const keyTypes = side.columns.map((column) => side.plan.schema.field(column).dtype);
  const operation: AggregateOperation = {
    kind: "aggregate",
    phase: "complete",
    keys: side.columns,
    monoids: [{ kind: "count" }],
    calls: [{ kind: "value", monoid: 0 }],
    dtypes: [INT64],
    texts: ["count()"],
    dropNullKeys: !nullEquals,
  };
  const schema = positionalSchema([...keyTypes, INT64]);
  const counted = planAggregateOperation(context, operation, side.plan, schema, "join");
  const countColumn = columnNode(String(keyTypes.length));
  const repeats = callNode("gt", [countColumn, literalNode(1)], {});
  return evaluate(context, counted, {
    outputs: [columnRef(keyTypes.length, INT64)],
    predicate: bindExpression(repeats, schema, "join"),
    schema: positionalSchema([INT64]),
    operator: "join",
  });
}

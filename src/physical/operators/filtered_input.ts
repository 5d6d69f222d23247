// The input of an operator that folds filtered rows. Predicate, projection and the operator's own expressions are one
// evaluation, which either leaves rows out or, for devices that rather skip rows than move them, keeps all of them beside
// a mask: then columns that pass through cost nothing.

import { assert, type Steps } from "../../base/index.ts";
import {
  type BoundExpr,
  bindExpression,
  lowerMasked,
  substituteColumns,
} from "../../function/index.ts";
import type { Filter, LogicalPlan, Project } from "../../plan/index.ts";
import {
  allColumns,
  applyOperation,
  boundAll,
  dtypesOf,
  evaluated,
  expressionKey,
  type PlanningContext,
  positionalSchema,
} from "../build.ts";
import type { Operation } from "../operation.ts";
import { place } from "../placement.ts";
import type { PhysicalPlan, Placement } from "../plan.ts";

/** A filter, or a projection of one, that nothing else reads. */
export interface FilterBelow {
  readonly filter: Filter;
  readonly project: Project | null;
}

export function filterBelow(
  node: LogicalPlan,
  readers: ReadonlyMap<LogicalPlan, number>,
): FilterBelow | null {
  const project = node.kind === "project" && readers.get(node) === 1 ? node : null;
  const filter = project === null ? node : project.input;
  return filter.kind === "filter" && readers.get(filter) === 1 ? { filter, project } : null;
}

export interface FilteredInput {
  /** The rows that the predicate keeps. */
  readonly compacted: PhysicalPlan;
  /** All rows, and the column of the mask. */
  readonly masked: { readonly plan: PhysicalPlan; readonly mask: number };
  /** Of the expressions, in both. */
  readonly columns: readonly number[];
}

/**
 * @param input what the filter reads
 * @param expressions over the schema of the filter, or of the projection above it
 */
export function* filteredInput(
  context: PlanningContext,
  { filter, project }: FilterBelow,
  input: PhysicalPlan,
  expressions: readonly BoundExpr[],
  operator: string,
): Steps<FilteredInput> {
  const predicate = bindExpression(filter.predicate, input.schema, "filter");
  const base = project ? yield* boundAll(project.columns, input.schema) : allColumns(input.schema);
  const outputs: BoundExpr[] = [];
  const known = new Map<string, number>();
  const columns: number[] = [];
  for (const expression of expressions) {
    const overInput = substituteColumns(expression, base);
    const key = expressionKey(overInput);
    const index = known.get(key) ?? outputs.push(overInput) - 1;
    known.set(key, index);
    columns.push(index);
    yield;
  }
  // A relation never loses its last column.
  if (outputs.length === 0) outputs.push(...base.slice(0, 1));
  const schema = positionalSchema(outputs.map(({ dtype }) => dtype));
  const computes = expressions.some(({ kind }) => kind !== "column");
  const name = ["filter", ...(project ? ["select"] : []), ...(computes ? [operator] : [])].join(
    " + ",
  );
  const program = yield* lowerMasked(dtypesOf(input.schema), outputs, predicate);
  const marked = positionalSchema(program.outputs.map(({ dtype }) => dtype));
  return {
    compacted: yield* evaluated(context, input, { outputs, predicate, schema, operator: name }),
    masked: {
      plan: applyOperation(context, { kind: "evaluate", program }, [input], marked, name),
      mask: outputs.length,
    },
    columns,
  };
}

/** Do all devices that would run the operation on masked rows rather skip them than have them compacted? */
export function prefersMask(
  context: PlanningContext,
  { masked: { plan } }: FilteredInput,
  operation: Operation,
  operator: string,
): boolean {
  assert(plan.kind === "apply", "a mask is computed");
  const skips = ({ devices }: Placement) =>
    context.policy.devices
      .filter(({ descriptor }) => devices.includes(descriptor.id))
      .every(({ descriptor }) => descriptor.skipsMaskedRows === true);
  return (
    skips(plan.placement) &&
    skips(place(context.policy, operation, [dtypesOf(plan.schema)], operator))
  );
}

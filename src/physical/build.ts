// The steps that all operators' planners take: apply an operation where it can run, evaluate expressions, gather.

import { at, atOnce, type Steps, shortKey } from "../base/index.ts";
import type { DType, Field } from "../dtype/index.ts";
import { Schema } from "../dtype/index.ts";
import { type BoundExpr, bindExpression, loweredProgram } from "../function/index.ts";
import type { Project } from "../plan/index.ts";
import type { DeviceCosts } from "./device_costs.ts";
import type { Operation } from "./operation.ts";
import { type PlacementPolicy, place } from "./placement.ts";
import type { Apply, PhysicalPlan, ScanPersisted } from "./plan.ts";

export interface PlanningContext {
  readonly policy: PlacementPolicy;
  /** Into how many partitions a source is cut; null: by the speed of the devices that share it. */
  readonly partitions: number | null;
  /** Devices that share the partitions of a source; with fewer than two it is cut as little as they allow. */
  readonly sharing: readonly DeviceCosts[];
  /** Most bytes of one column's buffer on the devices that take part; null: no limit. */
  readonly columnByteLimit: number | null;
  /** Most bytes of a source's partition; null: no limit. */
  readonly partitionBytes: number | null;
  /**
   * Host memory that one task may take for inputs, workspace and result together; null: no limit. An operator with a
   * larger working set is planned in parts. src/execution/memory/README.md says where the number comes from.
   */
  readonly hostBudgetBytes: number | null;
  /** By number: into how many runs each partition of a join's left side is cut, so that no task gives too much. */
  readonly joinRuns: ReadonlyMap<number, number>;
  /** Every aggregate reads all of its rows in one task, whatever that takes. */
  readonly wholeAggregates: boolean;
}

/** Of a task's share of host memory, what its inputs may be: workspace, result and another input's arrival need the rest. */
const INPUT_SHARE = 0.25;

/** Most bytes that one task is meant to gather; what holds more is dealt out to parts (staged/README.md). */
export function workingSetBytes({ hostBudgetBytes }: PlanningContext): number {
  return hostBudgetBytes === null ? Number.POSITIVE_INFINITY : INPUT_SHARE * hostBudgetBytes;
}

export function dtypesOf(schema: Schema): DType[] {
  return schema.fields.map((field) => field.dtype);
}

export function applyOperation(
  context: PlanningContext,
  operation: Operation,
  inputs: readonly [PhysicalPlan, ...PhysicalPlan[]],
  schema: Schema,
  operator: string,
): Apply {
  const dtypes = inputs.map((input) => dtypesOf(input.schema));
  return {
    kind: "apply",
    operator,
    schema,
    partitions: inputs[0].partitions,
    operation,
    inputs,
    placement: place(context.policy, operation, dtypes, operator),
    inputNames: inputs[0].schema.names,
  };
}

/** The input as one partition, on the device that will work on it. */
export function gather(
  context: PlanningContext,
  input: PhysicalPlan,
  operator: string,
): PhysicalPlan {
  if (input.partitions === 1) return input;
  return {
    kind: "gather",
    operator,
    schema: input.schema,
    partitions: 1,
    input,
    placement: place(context.policy, { kind: "concat" }, [dtypesOf(input.schema)], operator),
  };
}

export interface Evaluation {
  readonly outputs: readonly BoundExpr[];
  readonly predicate: BoundExpr | null;
  readonly schema: Schema;
  readonly operator: string;
}

/** Computes the outputs, of rows that the predicate keeps. Costs nothing where the columns stay as they are. */
export function evaluate(
  context: PlanningContext,
  input: PhysicalPlan,
  evaluation: Evaluation,
): PhysicalPlan {
  return atOnce(evaluated(context, input, evaluation));
}

/** evaluate() in steps: for what a query says of all columns of its frame. */
export function* evaluated(
  context: PlanningContext,
  input: PhysicalPlan,
  { outputs, predicate, schema, operator }: Evaluation,
): Steps<PhysicalPlan> {
  if (predicate === null && isIdentity(outputs, input.schema.length)) {
    return { ...input, schema, renames: input.renames ?? input };
  }
  if (predicate === null && input.kind === "scanPersisted") {
    const columns = chosenColumns(outputs);
    if (columns !== null) return { ...input, schema, columns: columnsOfScan(input, columns) };
  }
  const program = yield* loweredProgram(dtypesOf(input.schema), outputs, predicate);
  return applyOperation(context, { kind: "evaluate", program }, [input], schema, operator);
}

/** The expressions of a projection over its input. */
export function* boundAll(columns: Project["columns"], input: Schema): Steps<BoundExpr[]> {
  const bound: BoundExpr[] = [];
  for (const { expr } of columns) {
    bound.push(bindExpression(expr, input, "select"));
    yield;
  }
  return bound;
}

export function columnRef(index: number, dtype: DType): BoundExpr {
  return { kind: "column", index, dtype };
}

/** References to all columns, in order. */
export function allColumns(schema: Schema): BoundExpr[] {
  return schema.fields.map((field, index) => columnRef(index, field.dtype));
}

/** A schema of positions, for stages between operators that no user sees. */
export function positionalSchema(dtypes: readonly DType[]): Schema {
  return new Schema(dtypes.map((dtype, index): Field => ({ name: String(index), dtype })));
}

/** Null: an output is more than a column. */
function chosenColumns(outputs: readonly BoundExpr[]): readonly number[] | null {
  const columns: number[] = [];
  for (const output of outputs) {
    if (output.kind !== "column") return null;
    columns.push(output.index);
  }
  return columns;
}

/** Positions in the persisted table. */
function columnsOfScan({ columns }: ScanPersisted, chosen: readonly number[]): readonly number[] {
  return columns === null ? chosen : chosen.map((index) => at(columns, index));
}

function isIdentity(outputs: readonly BoundExpr[], columnCount: number): boolean {
  return (
    outputs.length === columnCount &&
    outputs.every((output, index) => output.kind === "column" && output.index === index)
  );
}

/**
 * Adds columns for expressions that are more than a column, so that an operator can name all of them by position.
 * Equal expressions share a column.
 */
export function materialize(
  context: PlanningContext,
  input: PhysicalPlan,
  expressions: readonly BoundExpr[],
  operator: string,
): { plan: PhysicalPlan; columns: number[] } {
  const outputs = allColumns(input.schema);
  const known = new Map<string, number>();
  const columns = expressions.map((expression) => {
    if (expression.kind === "column") return expression.index;
    const key = expressionKey(expression);
    const index = known.get(key) ?? outputs.push(expression) - 1;
    known.set(key, index);
    return index;
  });
  const schema = positionalSchema(outputs.map((output) => output.dtype));
  return {
    plan: evaluate(context, input, { outputs, predicate: null, schema, operator }),
    columns,
  };
}

/** A text that equal expressions share and no others: JSON would merge NaN with null, and -0 with 0. */
export function expressionKey(expression: BoundExpr): string {
  return keyOf(expression);
}

/** Made once a part. */
const keys = new WeakMap<object, string>();

function keyOf(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null)
    return Object.is(value, -0) ? "-0" : String(value);
  if (value instanceof RegExp) return String(value);
  if (value instanceof Date) return `date ${value.getTime()}`;
  const known = keys.get(value);
  if (known !== undefined) return known;
  const key = shortKey(
    Array.isArray(value)
      ? `[${value.map(keyOf).join()}]`
      : `{${Object.entries(value).map(([name, part]) => `${name}:${keyOf(part)}`)}}`,
  );
  keys.set(value, key);
  return key;
}

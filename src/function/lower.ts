// Bound expressions to a program of the kernel IR.
//
// Checks (overflow, strict casts) count only for rows in which the expression is asked for: a branch of `when` is
// guarded by its condition, the right side of and/or by the left one, and every conjunct of a predicate by those before
// it. So `when(b.ne(0)).then(a.cast("int8"))` fails for no row where b is 0.

import {
  assert,
  assertNever,
  atOnce,
  ITEMS_A_STEP,
  NotSupportedError,
  type Steps,
} from "../base/index.ts";
import { BOOL, type DType } from "../dtype/index.ts";
import {
  type Check,
  laneOf,
  type Program,
  type ProgramOutput,
  type SiteError,
  type ValueId,
  type ValueSet,
} from "../ir/index.ts";
import type { BoundCall, BoundExpr, BoundLiteral, BoundWhen } from "./bound.ts";
import { type Lowered, ProgramBuilder } from "./builder.ts";
import { lowerCast } from "./lower_cast.ts";
import { isInSet, scalarFunction } from "./scalar/index.ts";

/** Where an expression is lowered: the builder, and the rows (bool value; null: all) in which it is asked for. */
export interface LowerContext {
  readonly builder: ProgramBuilder;
  readonly active: ValueId | null;
  readonly lower: (expr: BoundExpr, active: ValueId | null) => Lowered;
  /** Of calls of isIn, made beforehand: lowering an expression cannot be divided into steps. Null: the call needs none. */
  readonly sets: ReadonlyMap<BoundCall, ValueSet | null>;
}

/**
 * The program that computes `outputs`, of the rows in which `predicate` is true.
 * @param inputs dtypes of the batch's columns, by position
 */
export function lowerProgram(
  inputs: readonly DType[],
  outputs: readonly BoundExpr[],
  predicate: BoundExpr | null,
): Program {
  return atOnce(loweredProgram(inputs, outputs, predicate));
}

/** lowerProgram() in steps: a frame may have many columns. */
export function* loweredProgram(
  inputs: readonly DType[],
  outputs: readonly BoundExpr[],
  predicate: BoundExpr | null,
): Steps<Program> {
  const context = loweringOver(inputs, yield* setsIn(outputs, predicate));
  // First, so that a check that both need is a check of the predicate.
  const kept = predicate === null ? null : lowerPredicate(context, predicate);
  const lowered = yield* lowerOutputs(context, outputs);
  return yield* context.builder.finished(lowered, kept);
}

/**
 * The program that computes `outputs` of all rows and, as one more output without nulls, the mask of the rows in which
 * `predicate` is true. Other rows hold whatever the expressions give there, but fail no check.
 */
export function* lowerMasked(
  inputs: readonly DType[],
  outputs: readonly BoundExpr[],
  predicate: BoundExpr,
): Steps<Program> {
  const context = loweringOver(inputs, yield* setsIn(outputs, predicate));
  const kept = lowerPredicate(context, predicate);
  const lowered = yield* lowerOutputs({ ...context, active: kept }, outputs);
  const mask = { dtype: BOOL, value: kept, validity: null };
  return yield* context.builder.finished([...lowered, mask], null);
}

/** The sets of all calls of isIn. */
function* setsIn(
  outputs: readonly BoundExpr[],
  predicate: BoundExpr | null,
): Steps<ReadonlyMap<BoundCall, ValueSet | null>> {
  const sets = new Map<BoundCall, ValueSet | null>();
  const left = predicate === null ? [...outputs] : [...outputs, predicate];
  const seen = new Set<BoundExpr>(left);
  for (let expr = left.pop(); expr !== undefined; expr = left.pop()) {
    if (expr.kind === "call" && expr.function === "isIn") sets.set(expr, yield* isInSet(expr));
    for (const part of partsOf(expr)) {
      if (part.kind === "column" || part.kind === "literal" || seen.has(part)) continue;
      seen.add(part);
      left.push(part);
    }
    if (seen.size % ITEMS_A_STEP === 0) yield;
  }
  return sets;
}

function partsOf(expr: BoundExpr): readonly BoundExpr[] {
  switch (expr.kind) {
    case "column":
    case "literal":
      return [];
    case "call":
    case "aggregate":
      return expr.args;
    case "cast":
      return [expr.input];
    case "when": {
      const parts = expr.branches.flatMap(({ condition, value }) => [condition, value]);
      return expr.otherwise === null ? parts : [...parts, expr.otherwise];
    }
    default:
      return assertNever(expr);
  }
}

function loweringOver(
  inputs: readonly DType[],
  sets: ReadonlyMap<BoundCall, ValueSet | null>,
): LowerContext {
  const builder = new ProgramBuilder(inputs);
  // A part that stands in several places is lowered once for the rows in which it is asked for.
  const known = new Map<BoundExpr, Map<ValueId | null, Lowered>>();
  const lower = (expr: BoundExpr, active: ValueId | null): Lowered => {
    const byActive = known.get(expr) ?? new Map<ValueId | null, Lowered>();
    known.set(expr, byActive);
    const lowered = byActive.get(active) ?? lowerExpr({ builder, active, lower, sets }, expr);
    byActive.set(active, lowered);
    return lowered;
  };
  return { builder, active: null, lower, sets };
}

function* lowerOutputs(
  { active, lower }: LowerContext,
  outputs: readonly BoundExpr[],
): Steps<ProgramOutput[]> {
  const lowered: ProgramOutput[] = [];
  for (const expr of outputs) {
    lowered.push({ dtype: expr.dtype, ...lower(expr, active) });
    yield;
  }
  return lowered;
}

/** True where the predicate is true: neither false nor null. */
function lowerPredicate(context: LowerContext, predicate: BoundExpr): ValueId {
  const { builder } = context;
  let kept: ValueId | null = null;
  for (const conjunct of conjunctsOf(predicate)) {
    const { value, validity } = context.lower(conjunct, kept);
    const holds = builder.both(value, validity) as ValueId;
    kept = builder.both(kept, holds);
  }
  return kept ?? builder.constant("bool", true);
}

function conjunctsOf(predicate: BoundExpr): readonly BoundExpr[] {
  const parts: BoundExpr[] = [];
  const left = [predicate];
  for (let expr = left.pop(); expr !== undefined; expr = left.pop()) {
    if (expr.kind === "call" && expr.function === "and") left.push(...[...expr.args].reverse());
    else parts.push(expr);
  }
  return parts;
}

function lowerExpr(context: LowerContext, expr: BoundExpr): Lowered {
  switch (expr.kind) {
    case "column":
      return context.builder.column(expr.index);
    case "literal":
      return lowerLiteral(context.builder, expr);
    case "call":
      return lowerCall(context, expr);
    case "cast":
      return lowerCast(context, expr, context.lower(expr.input, context.active));
    case "when":
      return lowerWhen(context, expr);
    case "aggregate":
      throw new Error(`invariant violated: ${expr.text} is lowered, not planned`);
    default:
      return assertNever(expr);
  }
}

function lowerLiteral(builder: ProgramBuilder, { value, dtype }: BoundLiteral): Lowered {
  const lane = laneOf(dtype);
  return value === null
    ? builder.null(lane)
    : { value: builder.constant(lane, value), validity: null };
}

function lowerCall(context: LowerContext, call: BoundCall): Lowered {
  const definition = scalarFunction(call.function);
  if (definition === null) throw new NotSupportedError(`${call.function} is not supported yet`);
  if (definition.lowerLazily !== undefined) return definition.lowerLazily(context, call);
  assert(definition.lower !== undefined, `${call.function} has a lowering`);
  const args = call.args.map((arg) => context.lower(arg, context.active));
  return definition.lower(context, args, call);
}

function lowerWhen(context: LowerContext, when: BoundWhen): Lowered {
  const { builder } = context;
  const lane = laneOf(when.dtype);
  let active = context.active;
  const branches = when.branches.map((branch) => {
    const condition = context.lower(branch.condition, active);
    const holds = builder.both(condition.value, condition.validity) as ValueId;
    const value = context.lower(branch.value, builder.both(active, holds));
    active = builder.both(active, builder.not(holds));
    return { holds, value };
  });
  const otherwise =
    when.otherwise === null ? builder.null(lane) : context.lower(when.otherwise, active);
  return branches.reduceRight<Lowered>(
    (rest, { holds, value }) => selectLowered(builder, lane, holds, value, rest),
    otherwise,
  );
}

/** `condition ? a : b` of values with validities. */
export function selectLowered(
  builder: ProgramBuilder,
  lane: ReturnType<typeof laneOf>,
  condition: ValueId,
  a: Lowered,
  b: Lowered,
): Lowered {
  const value = builder.select(lane, condition, a.value, b.value);
  if (a.validity === null && b.validity === null) return { value, validity: null };
  const [x, y] = [builder.validityValue(a.validity), builder.validityValue(b.validity)];
  return { value, validity: builder.select("bool", condition, x, y) };
}

/** A check at the place of `text`, for rows that are active and have all arguments. */
export function checkAt(
  { builder, active }: LowerContext,
  error: SiteError,
  text: string,
  validity: ValueId | null,
): Check {
  return { site: builder.site(error, text), guard: builder.both(validity, active) };
}

/** The text of a call for people. */
export function callText(call: BoundCall): string {
  return call.text ?? call.function;
}

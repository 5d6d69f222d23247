// isIn: equal to one of a list of values, each of which the column's dtype can hold, or it equals nothing.

import { atOnce, ITEMS_A_STEP, mapped, type Steps, sortedSteps } from "../../base/index.ts";
import { digitsOfText } from "../../column/index.ts";
import { BOOL, type DType, dtypeName, isFloat, isInteger, isTemporal } from "../../dtype/index.ts";
import type { LiteralValue, OptionValue } from "../../expr/index.ts";
import { laneOf, type ValueSet } from "../../ir/index.ts";
import { compareTexts } from "../../text/index.ts";
import type { BoundCall, LiteralScalar } from "../bound.ts";
import type { Lowered } from "../builder.ts";
import { exactLiteral } from "../literal.ts";
import type { LowerContext } from "../lower.ts";
import { literalText } from "../print.ts";
import {
  type CallSite,
  commonOf,
  invalidOption,
  mismatch,
  only,
  optionOf,
  type ScalarFunction,
  type Signature,
} from "./function.ts";

function bindIsIn(site: CallSite): Signature {
  const dtype = commonOf(site, "a column", BOOL);
  const values = listOf(site, optionOf(site, "values"));
  const kinds = checked.get(values) ?? new Set<string>();
  if (kinds.has(dtypeName(dtype))) return { args: [dtype], dtype: BOOL };
  for (const value of values) {
    if (value !== null && !isComparable(value, dtype)) {
      throw mismatch(
        {
          ...site,
          operands: [...site.operands, { kind: "open", value, text: literalText(value) }],
        },
        "a list of values of the column's kind",
        `Write values of ${dtypeName(dtype)}, or cast the column.`,
      );
    }
  }
  if (Object.isFrozen(values)) checked.set(values, kinds.add(dtypeName(dtype)));
  return { args: [dtype], dtype: BOOL };
}

/** By list: names of the dtypes for which it has been looked through. Rules of the optimizer bind a predicate many times. */
const checked = new WeakMap<readonly LiteralValue[], Set<string>>();

function listOf(site: CallSite, values: OptionValue | undefined): readonly LiteralValue[] {
  if (Array.isArray(values)) return values as readonly LiteralValue[];
  throw invalidOption(site, "isIn takes a list of values", 'Write isIn(["a", "b"]).');
}

/** Could a column of the dtype hold such a value, apart from its range and precision? */
function isComparable(value: NonNullable<LiteralValue>, dtype: DType): boolean {
  if (isInteger(dtype) || isFloat(dtype))
    return typeof value === "number" || typeof value === "bigint";
  if (dtype.kind === "decimal" && typeof value === "string") return digitsOfText(value) !== null;
  if (dtype.kind === "decimal") return typeof value === "number" || typeof value === "bigint";
  if (isTemporal(dtype)) return value instanceof Date || exactLiteral(value, dtype) !== undefined;
  return exactLiteral(value, dtype) !== undefined;
}

function argDType(call: BoundCall): DType {
  return (call.args[0] as (typeof call.args)[number]).dtype;
}

/** In steps, because the list may be long. Null where there is none: of bools, and of nothing that the dtype can hold. */
export function* isInSet(call: BoundCall): Steps<ValueSet | null> {
  const dtype = argDType(call);
  const lane = laneOf(dtype);
  if (lane === "bool") return null;
  const members = yield* membersOf(call, dtype);
  return members.length === 0 ? null : yield* valueSet(lane, members);
}

function lowerIsIn(
  { builder, sets }: LowerContext,
  args: readonly Lowered[],
  call: BoundCall,
): Lowered {
  const a = only(args);
  const lane = laneOf(argDType(call));
  const known = sets.get(call);
  const set = known === undefined ? atOnce(isInSet(call)) : known;
  if (set !== null) return { value: builder.inSet(lane, a.value, set), validity: a.validity };
  if (lane !== "bool") return { value: builder.constant("bool", false), validity: a.validity };
  const tests = atOnce(membersOf(call, argDType(call))).map((member) =>
    builder.compare("eq", lane, a.value, builder.constant(lane, member)),
  );
  const value = tests.reduce((any, test) => builder.or(any, test), builder.constant("bool", false));
  return { value, validity: a.validity };
}

/** Values that the dtype cannot hold equal nothing; nulls in the list are left out. */
function* membersOf(call: BoundCall, dtype: DType): Steps<NonNullable<LiteralScalar>[]> {
  const members: NonNullable<LiteralScalar>[] = [];
  for (const [index, value] of (call.options.values as readonly LiteralValue[]).entries()) {
    const exact = exactLiteral(value, dtype);
    if (exact !== null && exact !== undefined) members.push(exact);
    if (index % ITEMS_A_STEP === 0) yield;
  }
  return members;
}

/** Sorted and distinct under `eq`. */
function* valueSet(
  lane: ValueSet["lane"],
  members: readonly NonNullable<LiteralScalar>[],
): Steps<ValueSet> {
  switch (lane) {
    case "string":
      return { lane, values: yield* distinct(members as readonly string[], compareTexts) };
    case "i64":
    case "u64":
    case "i128": {
      const values = yield* mapped(members, (member) => BigInt(member));
      return { lane, values: yield* distinct(values, (a, b) => (a < b ? -1 : Number(a > b))) };
    }
    default: {
      // -0 is 0.
      const values = yield* mapped(members, (member) => Number(member) + 0);
      return { lane, values: yield* distinct(values, compareNumbers) };
    }
  }
}

/** NaN is NaN, and goes last. */
function compareNumbers(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a - b;
}

function* distinct<T>(members: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  const values: T[] = [];
  for (const [index, member] of (yield* sortedSteps(members, compare)).entries()) {
    const last = values.length - 1;
    if (last < 0 || compare(values[last] as T, member) !== 0) values.push(member);
    if (index % ITEMS_A_STEP === 0) yield;
  }
  return values;
}

export const isIn: ScalarFunction = {
  name: "isIn",
  arity: 1,
  bind: bindIsIn,
  lower: lowerIsIn,
};

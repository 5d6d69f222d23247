// and, or, not, three-valued: false and null is false, true or null is true, otherwise null wins.

import { BOOL } from "../../dtype/index.ts";
import type { BoundCall } from "../bound.ts";
import type { Lowered, ProgramBuilder } from "../builder.ts";
import type { LowerContext } from "../lower.ts";
import {
  type CallSite,
  commonOf,
  everywhere,
  mismatch,
  only,
  type ScalarFunction,
  type Signature,
} from "./function.ts";

function bindLogic(site: CallSite): Signature {
  const dtype = commonOf(site, "bools", BOOL);
  if (dtype !== BOOL) throw mismatch(site, "bools", "Compare first, as in .gt(0).");
  return { args: everywhere(site.operands.length, BOOL), dtype };
}

export function kleeneAnd(builder: ProgramBuilder, a: Lowered, b: Lowered): Lowered {
  const value = builder.and(a.value, b.value);
  const decided = builder.or(isFalse(builder, a), isFalse(builder, b));
  return { value, validity: decidedOrBoth(builder, a, b, decided) };
}

export function kleeneOr(builder: ProgramBuilder, a: Lowered, b: Lowered): Lowered {
  const value = builder.or(a.value, b.value);
  const decided = builder.or(isTrue(builder, a), isTrue(builder, b));
  return { value, validity: decidedOrBoth(builder, a, b, decided) };
}

/** Not null where one side decides, or both are there. */
function decidedOrBoth(
  builder: ProgramBuilder,
  a: Lowered,
  b: Lowered,
  decided: number,
): number | null {
  const both = builder.both(a.validity, b.validity);
  return both === null ? null : builder.or(both, decided);
}

function isTrue(builder: ProgramBuilder, { value, validity }: Lowered): number {
  return validity === null ? value : builder.and(value, validity);
}

function isFalse(builder: ProgramBuilder, { value, validity }: Lowered): number {
  const not = builder.not(value);
  return validity === null ? not : builder.and(not, validity);
}

/** The right side is asked for only where the left one does not decide. */
function lowerAnd(context: LowerContext, call: BoundCall): Lowered {
  const { builder } = context;
  return chain(context, call, (a) => builder.not(isFalse(builder, a)), kleeneAnd);
}

function lowerOr(context: LowerContext, call: BoundCall): Lowered {
  const { builder } = context;
  return chain(context, call, (a) => builder.not(isTrue(builder, a)), kleeneOr);
}

function chain(
  context: LowerContext,
  call: BoundCall,
  undecided: (a: Lowered) => number,
  combine: (builder: ProgramBuilder, a: Lowered, b: Lowered) => Lowered,
): Lowered {
  const { builder, lower } = context;
  const [left, right] = call.args as [BoundCall, BoundCall];
  const a = lower(left, context.active);
  const b = lower(right, builder.both(context.active, undecided(a)));
  return combine(builder, a, b);
}

export const logicFunctions: readonly ScalarFunction[] = [
  { name: "and", arity: 2, bind: bindLogic, lowerLazily: lowerAnd },
  { name: "or", arity: 2, bind: bindLogic, lowerLazily: lowerOr },
  {
    name: "not",
    arity: 1,
    bind: bindLogic,
    lower: ({ builder }, args) => {
      const { value, validity } = only(args);
      return { value: builder.not(value), validity };
    },
  },
];

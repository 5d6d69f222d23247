// eq ne lt le gt ge, between, isIn. NaN equals NaN and is above every number; strings compare by bytes.

import { BOOL, type DType } from "../../dtype/index.ts";
import { type CompareOp, laneOf } from "../../ir/index.ts";
import type { BoundCall } from "../bound.ts";
import type { Lowered } from "../builder.ts";
import type { LowerContext } from "../lower.ts";
import { meetExactly } from "../operand.ts";
import {
  type CallSite,
  commonOf,
  everywhere,
  pair,
  type ScalarFunction,
  type Signature,
} from "./function.ts";
import { isIn } from "./is_in.ts";
import { kleeneAnd } from "./logic.ts";

function bindComparison(site: CallSite): Signature {
  const met = meetExactly(site.operands);
  const common = met === "open" || met === null ? commonOf(site, "values of one kind", BOOL) : met;
  return { args: everywhere(site.operands.length, common), dtype: BOOL };
}

function argDType(call: BoundCall): DType {
  return (call.args[0] as (typeof call.args)[number]).dtype;
}

function comparison(name: string, op: CompareOp, swapped: boolean): ScalarFunction {
  return {
    name,
    arity: 2,
    bind: bindComparison,
    lower: ({ builder }, args, call) => {
      const [a, b] = pair(args);
      const [x, y] = swapped ? [b, a] : [a, b];
      const value = builder.compare(op, laneOf(argDType(call)), x.value, y.value);
      return { value, validity: builder.allValid(args) };
    },
  };
}

/** lower <= a and a <= upper, three-valued. */
function lowerBetween(
  { builder }: LowerContext,
  args: readonly Lowered[],
  call: BoundCall,
): Lowered {
  const [a, lower, upper] = args as [Lowered, Lowered, Lowered];
  const lane = laneOf(argDType(call));
  const above = {
    value: builder.compare("le", lane, lower.value, a.value),
    validity: builder.both(lower.validity, a.validity),
  };
  const below = {
    value: builder.compare("le", lane, a.value, upper.value),
    validity: builder.both(a.validity, upper.validity),
  };
  return kleeneAnd(builder, above, below);
}

export const comparisonFunctions: readonly ScalarFunction[] = [
  comparison("eq", "eq", false),
  comparison("ne", "ne", false),
  comparison("lt", "lt", false),
  comparison("le", "le", false),
  comparison("gt", "lt", true),
  comparison("ge", "le", true),
  { name: "between", arity: 3, bind: bindComparison, lower: lowerBetween },
  isIn,
];

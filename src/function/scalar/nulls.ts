// isNull, isNotNull, fillNull, coalesce, isNan, isFinite.

import { BOOL, isNumeric } from "../../dtype/index.ts";
import { laneOf } from "../../ir/index.ts";
import type { BoundCall } from "../bound.ts";
import type { Lowered } from "../builder.ts";
import { type LowerContext, selectLowered } from "../lower.ts";
import {
  type CallSite,
  commonOf,
  everywhere,
  mismatch,
  only,
  type ScalarFunction,
  type Signature,
} from "./function.ts";

const bindAny = (site: CallSite): Signature => ({
  args: [commonOf(site, "a value", BOOL)],
  dtype: BOOL,
});

function bindFirst(site: CallSite): Signature {
  const dtype = commonOf(site, "values of one kind", BOOL);
  return { args: everywhere(site.operands.length, dtype), dtype };
}

/** The first argument that is not null. Later ones are asked for where all before them are null. */
function lowerCoalesce(context: LowerContext, call: BoundCall): Lowered {
  const { builder } = context;
  const lane = laneOf(call.dtype);
  let active = context.active;
  const args = call.args.map((arg) => {
    const lowered = context.lower(arg, active);
    active = builder.both(active, builder.not(builder.validityValue(lowered.validity)));
    return lowered;
  });
  return args.reduceRight((rest, first) =>
    selectLowered(
      builder,
      lane,
      builder.validityValue(first.validity),
      { ...first, validity: null },
      rest,
    ),
  );
}

function bindFloatTest(site: CallSite): Signature {
  const signature = bindAny(site);
  const [dtype] = signature.args;
  if (dtype !== undefined && isNumeric(dtype)) return signature;
  throw mismatch(site, "a number", "Nulls are found with isNull().");
}

function floatTest(op: "isNan" | "isFinite"): ScalarFunction {
  return {
    name: op,
    arity: 1,
    bind: bindFloatTest,
    lower: ({ builder }, args, call) => {
      const { value, validity } = only(args);
      const of = laneOf((call.args[0] as (typeof call.args)[number]).dtype);
      if (of !== "f32" && of !== "f64")
        return { value: builder.constant("bool", op === "isFinite"), validity };
      return { value: builder.emit({ op, lane: "bool", of, a: value }), validity };
    },
  };
}

export const nullFunctions: readonly ScalarFunction[] = [
  {
    name: "isNull",
    arity: 1,
    bind: bindAny,
    lower: ({ builder }, args) => ({
      value: builder.not(builder.validityValue(only(args).validity)),
      validity: null,
    }),
  },
  {
    name: "isNotNull",
    arity: 1,
    bind: bindAny,
    lower: ({ builder }, args) => ({
      value: builder.validityValue(only(args).validity),
      validity: null,
    }),
  },
  { name: "fillNull", arity: 2, bind: bindFirst, lowerLazily: lowerCoalesce },
  { name: "coalesce", arity: { least: 1 }, bind: bindFirst, lowerLazily: lowerCoalesce },
  floatTest("isNan"),
  floatTest("isFinite"),
];

// exp, log, pow, trigonometry and their like: routines of the IR (src/ir/routines). Integers and decimals are taken as
// float64; float32 is computed in float64 and rounded once more.

import { FLOAT64, isFloat } from "../../dtype/index.ts";
import {
  BINARY_ROUTINES,
  type BinaryRoutine,
  laneOf,
  UNARY_ROUTINES,
  type UnaryRoutine,
} from "../../ir/index.ts";
import { isPlainNumber } from "./arithmetic.ts";
import {
  type CallSite,
  commonOf,
  everywhere,
  mismatch,
  only,
  pair,
  type ScalarFunction,
  type Signature,
} from "./function.ts";

/** The float dtype in which the arguments meet; float64 for integers and decimals. */
function bindFloat(site: CallSite): Signature {
  const common = commonOf(site, "numbers", FLOAT64);
  if (!isPlainNumber(common) && common.kind !== "decimal") {
    throw mismatch(site, "numbers", 'Cast to a number first, as in .cast("float64").');
  }
  const dtype = isFloat(common) ? common : FLOAT64;
  return { args: everywhere(site.operands.length, dtype), dtype };
}

function unary(name: UnaryRoutine): ScalarFunction {
  return {
    name,
    arity: 1,
    bind: bindFloat,
    lower: ({ builder }, args, call) => {
      const { value, validity } = only(args);
      const lane = laneOf(call.dtype);
      const result = builder.call(name, builder.convert(lane, "f64", value));
      return { value: builder.convert("f64", lane, result), validity };
    },
  };
}

function binary(name: BinaryRoutine): ScalarFunction {
  return {
    name,
    arity: 2,
    bind: bindFloat,
    lower: ({ builder }, args, call) => {
      const [a, b] = pair(args);
      const lane = laneOf(call.dtype);
      const result = builder.call2(
        name,
        builder.convert(lane, "f64", a.value),
        builder.convert(lane, "f64", b.value),
      );
      return { value: builder.convert("f64", lane, result), validity: builder.allValid(args) };
    },
  };
}

export const mathematicalFunctions: readonly ScalarFunction[] = [
  ...UNARY_ROUTINES.map(unary),
  ...BINARY_ROUTINES.map(binary),
];
